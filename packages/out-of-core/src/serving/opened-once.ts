/** A resource that is opened once for all who ask for it, and anew after a failure, until it is closed. */
export class OpenedOnce<Resource> {
  readonly #open: () => Promise<Resource>
  readonly #close: (resource: Resource) => unknown
  #opening: Promise<Resource> | undefined

  /** @param close - frees what `open` has returned */
  constructor(open: () => Promise<Resource>, close: (resource: Resource) => unknown) {
    this.#open = open
    this.#close = close
  }

  /** Returns the resource; opens it if nobody has. @throws the error of opening, which the next call tries again */
  async get(): Promise<Resource> {
    if (this.#opening) return this.#opening
    const opening = this.#open()
    this.#opening = opening
    try {
      return await opening
    } catch (error) {
      if (this.#opening === opening) this.#opening = undefined
      throw error
    }
  }

  /** Closes the resource once it is open; one that cannot be opened has nothing to close. */
  async close(): Promise<void> {
    const opening = this.#opening
    this.#opening = undefined
    const opened = await opening?.then(
      (resource) => ({ resource }),
      () => undefined,
    )
    if (opened) this.#close(opened.resource)
  }
}
