/** A limiter of the number of tasks that run at a time; the others wait in the order of their arrival. */
export class Limiter {
  readonly #waiting: (() => void)[] = []
  #free: number

  constructor(parallel: number) {
    this.#free = parallel
  }

  async run<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await task()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free++
    }
  }
}
