import { parseOptions } from '@gnnrec/graph'
import * as z from 'zod/mini'
import { SerializationError } from './errors.js'

/** Options of loading a model. */
export interface LoadOptions {
  /** Signal that ends the loading, which then rejects with the signal's reason. */
  signal?: AbortSignal | undefined
  /**
   * Seconds without a new byte from a server after which the loading fails.
   *
   * @defaultValue `30`
   */
  stallSeconds?: number
  /**
   * Seconds after which the loading fails, however much has arrived.
   *
   * @defaultValue `600`
   */
  timeoutSeconds?: number
}

const seconds = z.number({ error: 'expected a number above 0' }).check(
  z.gt(0, 'expected a number above 0'),
  // A timer counts milliseconds in 31 bits.
  z.lte(2_000_000, 'expected at most 2,000,000 seconds'),
)
const schema = z.strictObject({
  signal: z.optional(z.instanceof(AbortSignal, { error: 'expected an AbortSignal' })),
  stallSeconds: z._default(seconds, 30),
  timeoutSeconds: z._default(seconds, 600),
})

/** The limits of one loading, whose clock runs from the making. */
export class LoadLimits {
  readonly stallSeconds: number
  /** Signal that is aborted when the loading is to end, by the caller or by the clock. */
  readonly signal: AbortSignal
  readonly #caller: AbortSignal | undefined
  readonly #clock: AbortSignal
  readonly #timeoutSeconds: number

  /** @throws InvalidOptionsError for a wrong option */
  constructor(options: LoadOptions) {
    const { signal, stallSeconds, timeoutSeconds } = parseOptions('load', schema, options)
    this.stallSeconds = stallSeconds
    this.#timeoutSeconds = timeoutSeconds
    this.#caller = signal
    this.#clock = AbortSignal.timeout(1000 * timeoutSeconds)
    this.signal = signal ? AbortSignal.any([signal, this.#clock]) : this.#clock
  }

  /**
   * Throws when the loading is to end.
   *
   * @throws the reason of the caller's signal once it is aborted
   * @throws SerializationError when the time is over
   */
  check(place: string): void {
    this.#caller?.throwIfAborted()
    if (!this.#clock.aborted) return
    throw new SerializationError(
      `Could not read ${place}: it was not complete after ${this.#timeoutSeconds} seconds; raise timeoutSeconds for a larger model or a slower network.`,
    )
  }
}
