import type { InverseFactor } from './inverse-factor.js'

/** A computer of the rows of `-P_ij / P_jj` for `P = Wᵀ D⁻¹ W`, one after another, without the whole product. */
export class InverseRows {
  readonly order: number
  readonly #factor: InverseFactor
  /** Place of the first entry of each column of W. */
  readonly #pointers: Int32Array
  /** The row of each entry, column after column. */
  readonly #rows: Int32Array
  /** The place of each entry among the values of W. */
  readonly #places: Int32Array
  /** The diagonal of P. */
  readonly #diagonal: Float64Array
  readonly #sums: Float64Array

  constructor(factor: InverseFactor) {
    const { pattern, diagonal } = factor
    this.order = diagonal.length
    this.#factor = factor
    this.#sums = new Float64Array(this.order)
    this.#pointers = new Int32Array(this.order + 1)
    const entries = pattern.pointers[this.order]
    this.#rows = new Int32Array(entries)
    this.#places = new Int32Array(entries)
    this.#listColumns()
    this.#diagonal = this.#diagonalOfProduct()
  }

  /** Returns a row with 0 on the diagonal; valid until the next call. */
  compute(row: number): Float64Array {
    const { values, diagonal } = this.#factor
    const sums = this.#sums.fill(0)
    this.#addRow(row, 1 / diagonal[row])
    for (let entry = this.#pointers[row]; entry < this.#pointers[row + 1]; entry++) {
      const other = this.#rows[entry]
      this.#addRow(other, values[this.#places[entry]] / diagonal[other])
    }
    for (let column = 0; column < this.order; column++) {
      if (sums[column] !== 0) sums[column] /= -this.#diagonal[column]
    }
    sums[row] = 0
    return sums
  }

  /** Adds a row of W times a factor to the sums. */
  #addRow(row: number, factor: number): void {
    const { pattern, values } = this.#factor
    const { pointers, columns } = pattern
    const sums = this.#sums
    for (let entry = pointers[row]; entry < pointers[row + 1]; entry++) {
      sums[columns[entry]] += factor * values[entry]
    }
    sums[row] += factor
  }

  #listColumns(): void {
    const { pointers, columns } = this.#factor.pattern
    const starts = this.#pointers
    for (let entry = 0; entry < this.#rows.length; entry++) starts[columns[entry] + 1]++
    for (let column = 0; column < this.order; column++) starts[column + 1] += starts[column]
    const next = starts.slice()
    for (let row = 0; row < this.order; row++) {
      for (let place = pointers[row]; place < pointers[row + 1]; place++) {
        const entry = next[columns[place]]++
        this.#rows[entry] = row
        this.#places[entry] = place
      }
    }
  }

  #diagonalOfProduct(): Float64Array {
    const { pattern, values, diagonal } = this.#factor
    const sums = Float64Array.from(diagonal, (left) => 1 / left)
    for (let row = 0; row < this.order; row++) {
      for (let place = pattern.pointers[row]; place < pattern.pointers[row + 1]; place++) {
        sums[pattern.columns[place]] += values[place] ** 2 / diagonal[row]
      }
    }
    return sums
  }
}
