type Column = Int32Array | Float32Array | Float64Array

const firstRows = 1 << 10

/** Below this many bytes what is left over is cut off, which copies; above it is left, untouched and so not resident. */
const cutBytes = 1 << 22

/**
 * A column of numbers whose length is not known beforehand.
 *
 * It grows by half of itself, which copies, or at once to a length that is expected.
 */
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

  /** Makes room for so many values in all. */
  reserve(length: number): void {
    if (length <= this.#values.length) return
    const larger = new this.#Kind(length)
    larger.set(this.#values.subarray(0, this.#length))
    this.#values = larger
  }

  /** All values in one array; the column is empty afterwards. */
  take(): Kind {
    const all = this.#values.subarray(0, this.#length) as Kind
    const left = this.#values.byteLength - all.byteLength
    this.#values = new this.#Kind(firstRows)
    this.#length = 0
    return left > 0 && all.byteLength < cutBytes ? (all.slice() as Kind) : all
  }
}
