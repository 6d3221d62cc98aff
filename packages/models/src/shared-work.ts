/**
 * Work that is done once for all who ask for it, each with a signal of its own. It ends early when all who wait for it
 * have given up, and is begun anew by the next one; so it is after a failure.
 */
export class SharedWork<Result> {
  readonly #begin: (signal: AbortSignal) => Promise<Result>
  #running: Running<Result> | undefined

  /** @param begin - does the work; it ends with the reason of the signal once that is aborted */
  constructor(begin: (signal: AbortSignal) => Promise<Result>) {
    this.#begin = begin
  }

  /**
   * Waits for the result; begins the work if nobody has.
   *
   * @throws the reason of `signal` once it is aborted before the result is there
   */
  async get(signal?: AbortSignal): Promise<Result> {
    if (signal?.aborted && !this.#running?.isDone) throw signal.reason
    const running = this.#join()
    let leave = () => {}
    const left = new Promise<never>((_, reject) => {
      leave = () => {
        running.waiting--
        // The last one waits until the work has seen the signal, so that nothing goes on behind its back.
        if (running.waiting === 0) this.#giveUp(running, signal?.reason)
        else reject(signal?.reason)
      }
    })
    signal?.addEventListener('abort', leave, { once: true })
    try {
      return await Promise.race([running.result, left])
    } finally {
      signal?.removeEventListener('abort', leave)
      if (!signal?.aborted) running.waiting--
    }
  }

  /** Forgets the result. Work that is under way ends early, and all who wait for it get the reason. */
  forget(reason: unknown): void {
    const running = this.#running
    this.#running = undefined
    if (running && !running.isDone) running.controller.abort(reason)
  }

  #join(): Running<Result> {
    if (this.#running) {
      this.#running.waiting++
      return this.#running
    }
    const controller = new AbortController()
    const result = this.#begin(controller.signal)
    const running: Running<Result> = { result, controller, waiting: 1, isDone: false }
    this.#running = running
    result.then(
      () => {
        running.isDone = true
      },
      () => {
        if (this.#running === running) this.#running = undefined
      },
    )
    return running
  }

  #giveUp(running: Running<Result>, reason: unknown): void {
    if (running.isDone) return
    if (this.#running === running) this.#running = undefined
    running.controller.abort(reason)
  }
}

/** Work that has begun. */
interface Running<Result> {
  readonly result: Promise<Result>
  readonly controller: AbortController
  /** Number of callers that wait for the result. */
  waiting: number
  isDone: boolean
}
