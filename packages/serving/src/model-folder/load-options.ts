import { parseOptions } from '@gnnrec/graph'
import { machineMemory } from '@gnnrec/graph/kernels'
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
  /**
   * Most bytes of the files that are read, all together, an integer from 1 up. A model that lists more is refused
   * before one of them is opened.
   *
   * @defaultValue half of the memory of the machine; 4 GiB in a page, which cannot tell
   */
  maxBytes?: number
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
  maxBytes: z.optional(
    z
      .number({ error: 'expected an integer from 1 up' })
      .check(z.int('expected an integer from 1 up'), z.gte(1, 'expected an integer from 1 up')),
  ),
})

/** The limits of one loading, whose clock runs from the making. */
export class LoadLimits {
  readonly stallSeconds: number
  /** Signal that is aborted when the loading is to end, by the caller or by the clock. */
  readonly signal: AbortSignal
  readonly #caller: AbortSignal | undefined
  readonly #clock: AbortSignal
  readonly #timeoutSeconds: number
  readonly #maxBytes: number

  /** @throws InvalidOptionsError for a wrong option */
  constructor(options: LoadOptions) {
    const parsed = parseOptions('load', schema, options)
    const { signal, stallSeconds, timeoutSeconds, maxBytes = machineMemory() / 2 } = parsed
    this.stallSeconds = stallSeconds
    this.#timeoutSeconds = timeoutSeconds
    this.#maxBytes = maxBytes
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

  /** Checks the bytes that a model lists. @throws SerializationError when they are more than allowed */
  checkBytes(place: string, bytes: number): void {
    if (bytes <= this.#maxBytes) return
    throw new SerializationError(
      `The model in ${place} lists files of ${bytes} bytes together; at most ${Math.floor(this.#maxBytes)} are read (maxBytes). Raise maxBytes if you trust the place and have the memory.`,
    )
  }
}
