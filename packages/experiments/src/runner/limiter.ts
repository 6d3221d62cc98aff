/** Lets so many tasks run at a time; the others wait in the order in which they came. */
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
