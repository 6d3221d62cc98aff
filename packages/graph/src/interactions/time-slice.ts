import { yieldToEventLoop } from '../yield-to-event-loop.js'

/** Long work lets others run after so many milliseconds. */
const sliceMilliseconds = 30

/**
 * Cuts long work into slices, so that timers, input and signals get their turn:
 * `if (slice.isOver()) await slice.next()` after every bit of work of well under 20 ms.
 */
export class TimeSlice {
  readonly #signal: AbortSignal | undefined
  #started = performance.now()

  /** @throws the reason of `signal` when it is aborted already */
  constructor(signal?: AbortSignal) {
    signal?.throwIfAborted()
    this.#signal = signal
  }

  isOver(): boolean {
    return performance.now() - this.#started >= sliceMilliseconds
  }

  /** @throws the reason of the signal once it is aborted */
  async next(): Promise<void> {
    await yieldToEventLoop()
    this.#signal?.throwIfAborted()
    this.#started = performance.now()
  }
}
