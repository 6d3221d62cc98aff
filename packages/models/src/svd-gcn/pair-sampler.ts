import type { Rng, SparseMatrix } from '@gnnrec/graph'

/** Rows that go together, and rows that do not, of some places of a batch. */
export interface Pairs {
  /** Places of the batch that have both; the others are left out. */
  readonly places: Int32Array
  /** Rows with a column in common with that of the place. */
  readonly positives: Int32Array
  /** Rows without one. */
  readonly negatives: Int32Array
}

/** Number of random draws before all rows are looked at; nearly all rows find one among the first few. */
const tryCount = 1000
const lastMark = 2 ** 31 - 1

/**
 * A sampler of rows that have a column in common with a given one, itself included, and of rows that have
 * none: both exactly uniform, without R·Rᵀ. Rows are users who met an item together, or items that a user met.
 *
 * It takes a bounded number of draws for each row. Memory: 8 bytes per entry of the matrix.
 */
export class PairSampler {
  readonly #rows: SparseMatrix
  readonly #columns: SparseMatrix
  /** The entries in the columns of a row up to each of its entries, its own column included. */
  readonly #ways: Float64Array
  /** The last mark of each column. */
  readonly #marks: Int32Array
  #mark = 0
  /** A 1 for each row that is known to have no negative. */
  readonly #isFull: Uint8Array

  /** @param rows - the pattern; its values are not read */
  constructor(rows: SparseMatrix) {
    this.#rows = rows
    this.#columns = rows.transpose()
    this.#marks = new Int32Array(rows.columns)
    this.#isFull = new Uint8Array(rows.rows)
    this.#ways = new Float64Array(rows.nonZeros)
    const { rowPointers, columnIndices } = rows
    const columnPointers = this.#columns.rowPointers
    for (let row = 0; row < rows.rows; row++) {
      let sum = 0
      for (let entry = rowPointers[row]; entry < rowPointers[row + 1]; entry++) {
        const column = columnIndices[entry]
        sum += columnPointers[column + 1] - columnPointers[column]
        this.#ways[entry] = sum
      }
    }
  }

  /** Draws pairs for the rows of a batch. A row without an entry shares no column, so it has no pair. */
  draw(rows: Int32Array, rng: Rng): Pairs {
    const pairs = {
      places: new Int32Array(rows.length),
      positives: new Int32Array(rows.length),
      negatives: new Int32Array(rows.length),
    }
    let count = 0
    const { rowPointers } = this.#rows
    for (const [place, row] of rows.entries()) {
      if (rowPointers[row] === rowPointers[row + 1]) continue
      this.#markColumns(row)
      const negative = this.#negative(row, rng)
      if (negative < 0) continue
      pairs.places[count] = place
      pairs.positives[count] = this.#positive(row, rng)
      pairs.negatives[count++] = negative
    }
    return {
      places: pairs.places.subarray(0, count),
      positives: pairs.positives.subarray(0, count),
      negatives: pairs.negatives.subarray(0, count),
    }
  }

  #markColumns(row: number): void {
    const { rowPointers, columnIndices } = this.#rows
    if (this.#mark === lastMark) {
      this.#marks.fill(0)
      this.#mark = 0
    }
    this.#mark++
    for (let entry = rowPointers[row]; entry < rowPointers[row + 1]; entry++) {
      this.#marks[columnIndices[entry]] = this.#mark
    }
  }

  /**
   * Draws a way from the marked row over a column to another row, and takes it only if its column is
   * the first that the two share: of all ways between two rows that is one (Karp and Luby 1983).
   */
  #positive(row: number, rng: Rng): number {
    const { rowPointers, columnIndices } = this.#rows
    const [first, end] = [rowPointers[row], rowPointers[row + 1]]
    for (let attempt = 0; attempt < tryCount; attempt++) {
      const way = rng.integer(this.#ways[end - 1])
      const entry = this.#entryOf(way, first, end)
      const before = entry === first ? 0 : this.#ways[entry - 1]
      const column = columnIndices[entry]
      const { rowPointers: starts, columnIndices: others } = this.#columns
      const other = others[starts[column] + way - before]
      if (this.#firstShared(other) === column) return other
    }
    return this.#oneOf((other) => this.#firstShared(other) >= 0, rng)
  }

  /** Returns the first entry of first..end-1 with more ways than `way`. */
  #entryOf(way: number, first: number, end: number): number {
    let [low, high] = [first, end - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#ways[middle] > way) high = middle
      else low = middle + 1
    }
    return low
  }

  /** Returns the first column that a row shares with the marked one, or -1. */
  #firstShared(row: number): number {
    const { rowPointers, columnIndices } = this.#rows
    for (let entry = rowPointers[row]; entry < rowPointers[row + 1]; entry++) {
      const column = columnIndices[entry]
      if (this.#marks[column] === this.#mark) return column
    }
    return -1
  }

  /** Draws a row that shares no column with the marked one; returns -1 if there is none. */
  #negative(row: number, rng: Rng): number {
    if (this.#isFull[row]) return -1
    for (let attempt = 0; attempt < tryCount; attempt++) {
      const other = rng.integer(this.#rows.rows)
      if (this.#firstShared(other) < 0) return other
    }
    const stranger = this.#oneOf((other) => this.#firstShared(other) < 0, rng)
    if (stranger < 0) this.#isFull[row] = 1
    return stranger
  }

  /** Looks at all rows and draws one of those that are wanted; returns -1 if there is none. */
  #oneOf(isWanted: (row: number) => boolean, rng: Rng): number {
    const wanted: number[] = []
    for (let row = 0; row < this.#rows.rows; row++) if (isWanted(row)) wanted.push(row)
    return wanted.length > 0 ? wanted[rng.integer(wanted.length)] : -1
  }
}
