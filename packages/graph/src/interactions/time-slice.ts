import { yieldToEventLoop } from '../yield-to-event-loop.js'

/** Milliseconds after which long work lets others run. */
const sliceMilliseconds = 30

/**
 * A slice of long work, after which timers, input and signals get their turn. Call
 * `if (slice.isOver()) await slice.next()` after every bit of work of well under 20 ms.
 *
 * @example
 * ```ts
 * import { TimeSlice } from '@gnnrec/graph'
 *
 * const slice = new TimeSlice(AbortSignal.timeout(5000))
 * let sum = 0
 * for (let block = 0; block < 100; block++) {
 *   for (let i = 0; i < 10_000; i++) sum += Math.sqrt(i)
 *   if (slice.isOver()) await slice.next()
 * }
 * console.log(sum)
 * ```
 */
export class TimeSlice {
  readonly #signal: AbortSignal | undefined
  #started = performance.now()

  /** @throws the reason of `signal` when it is aborted already */
  constructor(signal?: AbortSignal) {
    signal?.throwIfAborted()
    this.#signal = signal
  }

  /** Returns true when the slice has lasted about 30 ms. */
  isOver(): boolean {
    return performance.now() - this.#started >= sliceMilliseconds
  }

  /**
   * Lets others run, then begins the next slice.
   *
   * @throws the reason of the signal once it is aborted
   */
  async next(): Promise<void> {
    await yieldToEventLoop()
    this.#signal?.throwIfAborted()
    this.#started = performance.now()
  }
}
