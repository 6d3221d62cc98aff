type Column = Int32Array | Float32Array | Float64Array

const firstRows = 1 << 10

/**
 * The size in bytes up to which a column is copied to cut off its unused end. The unused end of a larger
 * column is kept: its memory was never touched, so it is not resident.
 */
const cutBytes = 1 << 22

/** A column of numbers that grows: by half of its length, or at once to an expected length. */
export class GrowingColumn<Kind extends Column> {
  readonly #Kind: new (
    length: number,
  ) => Kind
  #values: Kind
  #length = 0

  constructor(kind: new (length: number) => Kind) {
    this.#Kind = kind
    this.#values = new kind(firstRows)
  }

  get length(): number {
    return this.#length
  }

  push(value: number): void {
    if (this.#length === this.#values.length) this.reserve(Math.ceil(this.#length * 1.5))
    this.#values[this.#length++] = value
  }

  /** Makes room for the given number of values in total. */
  reserve(length: number): void {
    if (length <= this.#values.length) return
    const larger = new this.#Kind(length)
    larger.set(this.#values.subarray(0, this.#length))
    this.#values = larger
  }

  /** Returns all values in one array and empties the column. */
  take(): Kind {
    const all = this.#values.subarray(0, this.#length) as Kind
    const left = this.#values.byteLength - all.byteLength
    this.#values = new this.#Kind(firstRows)
    this.#length = 0
    return left > 0 && all.byteLength < cutBytes ? (all.slice() as Kind) : all
  }
}
