/** The problem that every row solves, see `leastSquares`. */
export interface LeastSquaresRule {
  /** Length of a row, an integer from 1 up. */
  readonly dim: number
  /** Weight of the squared product with every row of the table, from 0 up. */
  readonly gramWeight: number
  /** Factor on the value of an entry, from 0 up; the product is the entry's weight w. */
  readonly entryWeight: number
  /** Number added to w, which makes the entry's share b in the right side. */
  readonly targetOffset: number
  /** Number of coordinates that are solved at a time, an integer from 1 up; all of them from `dim` up. */
  readonly block: number
}

/** The entries of rows, compressed, and the ridge of each row. */
export interface LeastSquaresRows {
  readonly pointers: Int32Array
  /** Rows of the table. */
  readonly columns: Int32Array
  /** The values of the entries, from 0 up; undefined when all are 1. */
  readonly values?: Float32Array | undefined
  readonly ridges: Float64Array
}

/** A solver of least squares, see `leastSquares`. */
export interface LeastSquaresSolver {
  /**
   * Takes the rows of the table, row-major, and sums their products. It stops after every bit of work of about
   * 20 ms; to finish it go through all of it.
   *
   * @throws DisposedError once the solver was freed
   */
  setTable(table: Float32Array): Generator<void, void, void>

  /**
   * Solves rows into `out`, row-major, where the rows from before are when blocks of coordinates are solved. It
   * stops like {@link setTable}.
   *
   * @throws InvalidOptionsError when a row has no unique solution
   * @throws DisposedError once the solver was freed
   */
  solve(rows: LeastSquaresRows, out: Float32Array): Generator<void, void, void>

  /** Frees memory outside of the JavaScript heap. A freed solver refuses to work; freeing it again does nothing. */
  free(): void
}
