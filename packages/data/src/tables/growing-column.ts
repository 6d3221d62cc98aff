type Column = Int32Array | Float32Array | Float64Array

const CHUNK_ROWS = 1 << 16

/**
 * A column of numbers whose length is not known beforehand.
 *
 * It grows by chunks, so that nothing is copied but once, at the end.
 */
export class GrowingColumn<Kind extends Column> {
  readonly #Kind: new (
    length: number,
  ) => Kind
  #full: Kind[] = []
  #current: Kind
  #used = 0

  constructor(kind: new (length: number) => Kind) {
    this.#Kind = kind
    this.#current = new kind(CHUNK_ROWS)
  }

  get length(): number {
    return this.#full.length * CHUNK_ROWS + this.#used
  }

  push(value: number): void {
    if (this.#used === CHUNK_ROWS) {
      this.#full.push(this.#current)
      this.#current = new this.#Kind(CHUNK_ROWS)
      this.#used = 0
    }
    this.#current[this.#used++] = value
  }

  /** All values in one array; the column is empty afterwards. */
  take(): Kind {
    const all = new this.#Kind(this.length)
    this.#full.forEach((chunk, place) => {
      all.set(chunk, place * CHUNK_ROWS)
    })
    all.set(this.#current.subarray(0, this.#used), this.#full.length * CHUNK_ROWS)
    this.#full = []
    this.#current = new this.#Kind(CHUNK_ROWS)
    this.#used = 0
    return all
  }
}
