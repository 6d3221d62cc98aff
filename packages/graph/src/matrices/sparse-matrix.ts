import { graphCopy, isInstanceOfAnyCopy, type PackageCopy } from '../copies.js'
import { InvalidInteractionsError, ShapeMismatchError } from '../errors.js'
import {
  type CsrStructure,
  transposeStructure,
  validateShape,
  validateStructure,
} from './sparse-structure.js'

const marker = /* @__PURE__ */ Symbol.for('gnnrec.sparse-matrix')

/** The arrays of a matrix in compressed sparse rows, for {@link SparseMatrix.fromCsr}. */
interface CsrArrays {
  /** Number of rows, an integer >= 0. */
  rows: number
  /** Number of columns, an integer >= 0. */
  columns: number
  /** The `rows + 1` ascending offsets into the other two arrays, from 0 to the number of entries. */
  rowPointers: Int32Array
  /** The column of each entry; ascending and distinct within a row. */
  columnIndices: Int32Array
  /** The value of each entry; finite. */
  values: Float32Array
}

/** The entries of a matrix in any order, for {@link SparseMatrix.fromCoordinates}. */
interface Coordinates {
  /** Number of rows, an integer >= 0. */
  rows: number
  /** Number of columns, an integer >= 0. */
  columns: number
  /** Row of each entry, in 0..rows-1. */
  rowIndices: ArrayLike<number>
  /** Column of each entry, in 0..columns-1. */
  columnIndices: ArrayLike<number>
  /** Value of each entry; finite. Values of one place add up. */
  values: ArrayLike<number>
}

/** Properties of a matrix that its maker knows. */
interface SparseMatrixTraits {
  /**
   * True when the matrix equals its transpose, exactly; this is checked. The transpose then is the matrix
   * itself.
   *
   * @defaultValue false
   */
  symmetric?: boolean
}

/**
 * A sparse matrix in compressed sparse rows (CSR): row r holds the entries
 * `rowPointers[r]..rowPointers[r + 1] - 1` of `columnIndices` and `values`.
 *
 * Matrices do not change; treat the arrays as read-only. Backends register the tensors that they make
 * for a matrix with {@link onDispose}, and {@link dispose} frees them.
 *
 * @example
 * ```ts
 * import { SparseMatrix } from '@gnnrec/graph'
 *
 * const matrix = SparseMatrix.fromCoordinates({
 *   rows: 2,
 *   columns: 3,
 *   rowIndices: [0, 1, 1],
 *   columnIndices: [2, 0, 0],
 *   values: [1, 2, 3],
 * })
 * console.log(matrix.nonZeros, matrix.transpose().rows) // 2 3
 * console.log(matrix.multiplyDense(Float32Array.of(1, 10, 100), 1)) // [ 100, 5 ]
 * ```
 */
export class SparseMatrix {
  /** The value of each entry. */
  readonly values: Float32Array
  readonly #structure: CsrStructure
  #transposed: SparseMatrix | undefined
  #disposers: (() => void)[] = []

  private constructor(structure: CsrStructure, values: Float32Array) {
    this.#structure = structure
    this.values = values
  }

  /** @internal */
  get [marker](): PackageCopy {
    return graphCopy
  }

  /** Makes `instanceof` true also for objects that another copy of the package made. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return isInstanceOfAnyCopy(this, SparseMatrix, marker, value)
  }

  /**
   * Makes a matrix of the given arrays, which are kept and not copied.
   *
   * @throws ShapeMismatchError when the arrays do not fit each other or the shape
   * @throws InvalidInteractionsError when columns are out of bounds or out of order, a value is not
   * finite, or a matrix said to be symmetric is not
   */
  static fromCsr(arrays: CsrArrays, traits: SparseMatrixTraits = {}): SparseMatrix {
    const { rows, columns, rowPointers, columnIndices, values } = arrays
    const structure = { rows, columns, rowPointers, columnIndices }
    validateStructure(structure)
    return SparseMatrix.#checked(structure, values, traits)
  }

  /**
   * Makes a matrix of entries in any order. Entries of one place are summed, in float64 and in the order
   * given; a sum of zero stays an entry. O(entries + rows + columns).
   *
   * @throws ShapeMismatchError when the three arrays differ in length, or the shape is no shape
   * @throws InvalidInteractionsError when an index is out of bounds or a value is not finite
   */
  static fromCoordinates(coordinates: Coordinates): SparseMatrix {
    const { rows, columns, rowIndices, columnIndices, values } = coordinates
    validateShape(rows, columns)
    const count = rowIndices.length
    if (columnIndices.length !== count || values.length !== count) {
      throw new ShapeMismatchError(
        `Got ${count} rowIndices, ${columnIndices.length} columnIndices and ${values.length} values; expected equal lengths.`,
      )
    }
    checkIndices('rowIndices', rowIndices, rows)
    checkIndices('columnIndices', columnIndices, columns)
    // Two stable counting sorts, by column and then by row, keep entries of one place together and
    // in the order given.
    const byColumn = stableOrder(columnIndices, columns)
    const byRow = stableOrder(rowIndices, rows, byColumn)
    const rowPointers = new Int32Array(rows + 1)
    const mergedColumns = new Int32Array(count)
    const sums = new Float64Array(count)
    let merged = -1
    let lastRow = -1
    for (const entry of byRow) {
      const row = rowIndices[entry]
      const column = columnIndices[entry]
      if (row !== lastRow || column !== mergedColumns[merged]) {
        mergedColumns[++merged] = column
        rowPointers[row + 1]++
        lastRow = row
      }
      sums[merged] += values[entry]
    }
    for (let row = 0; row < rows; row++) rowPointers[row + 1] += rowPointers[row]
    return SparseMatrix.fromCsr({
      rows,
      columns,
      rowPointers,
      columnIndices: mergedColumns.slice(0, merged + 1),
      values: Float32Array.from(sums.subarray(0, merged + 1)),
    })
  }

  static #checked(
    structure: CsrStructure,
    values: Float32Array,
    { symmetric = false }: SparseMatrixTraits,
  ): SparseMatrix {
    if (values.length !== structure.columnIndices.length) {
      throw new ShapeMismatchError(
        `Got ${values.length} values for ${structure.columnIndices.length} entries; expected one each.`,
      )
    }
    for (let entry = 0; entry < values.length; entry++) {
      if (!Number.isFinite(values[entry])) {
        throw new InvalidInteractionsError(
          `values[${entry}] is ${values[entry]}; the values of a matrix must be finite.`,
        )
      }
    }
    const matrix = new SparseMatrix(structure, values)
    if (symmetric) {
      checkSymmetry(structure, values)
      matrix.#transposed = matrix
    }
    return matrix
  }

  /** Number of rows. */
  get rows(): number {
    return this.#structure.rows
  }

  /** Number of columns. */
  get columns(): number {
    return this.#structure.columns
  }

  /** The `rows + 1` offsets of the rows in {@link columnIndices} and {@link values}. */
  get rowPointers(): Int32Array {
    return this.#structure.rowPointers
  }

  /** The column of each entry, ascending and distinct within a row. */
  get columnIndices(): Int32Array {
    return this.#structure.columnIndices
  }

  /** Number of entries, explicit zeros included. */
  get nonZeros(): number {
    return this.values.length
  }

  /**
   * The transpose, made once: `a.transpose().transpose() === a`, and a matrix known to be symmetric
   * is its own transpose. O(entries + rows + columns) the first time; later matrices of the same
   * pattern ({@link withValues}) only gather their values.
   */
  transpose(): SparseMatrix {
    if (this.#transposed === undefined) {
      const { structure, sources } = transposeStructure(this.#structure)
      const values = new Float32Array(this.values.length)
      for (let entry = 0; entry < values.length; entry++) {
        values[entry] = this.values[sources[entry]]
      }
      this.#transposed = new SparseMatrix(structure, values)
      this.#transposed.#transposed = this
    }
    return this.#transposed
  }

  /**
   * Makes a matrix with the same pattern and other values. The arrays of the pattern are shared.
   *
   * @param values - one finite value per entry, in the order of {@link columnIndices}; kept
   * @throws ShapeMismatchError when there are more or fewer values than entries
   * @throws InvalidInteractionsError when a value is not finite, or the result is said to be
   * symmetric and is not
   */
  withValues(values: Float32Array, traits: SparseMatrixTraits = {}): SparseMatrix {
    return SparseMatrix.#checked(this.#structure, values, traits)
  }

  /**
   * Computes the product with a dense matrix in plain TypeScript, each place summed in float64 in
   * ascending order of columns. It is the reference for `spmm` of `@gnnrec/ops`, which is fast.
   *
   * @param x - `columns × columnCount`, row-major
   * @param columnCount - columns of `x`, an integer >= 1
   * @returns `rows × columnCount`, row-major
   * @throws ShapeMismatchError when `x` has another size
   */
  multiplyDense(x: Float32Array, columnCount: number): Float32Array {
    if (!Number.isInteger(columnCount) || columnCount < 1) {
      throw new ShapeMismatchError(`columnCount: got ${columnCount}; expected an integer >= 1.`)
    }
    if (x.length !== this.columns * columnCount) {
      throw new ShapeMismatchError(
        `x has ${x.length} values; expected ${this.columns} × ${columnCount} (columns of the matrix × columnCount).`,
      )
    }
    const { rowPointers, columnIndices, values } = this
    const out = new Float32Array(this.rows * columnCount)
    const sums = new Float64Array(columnCount)
    for (let row = 0; row < this.rows; row++) {
      sums.fill(0)
      for (let entry = rowPointers[row]; entry < rowPointers[row + 1]; entry++) {
        const source = columnIndices[entry] * columnCount
        for (let c = 0; c < columnCount; c++) sums[c] += values[entry] * x[source + c]
      }
      out.set(sums, row * columnCount)
    }
    return out
  }

  /** Registers a function that {@link dispose} calls, for instance to free tensors of this matrix. */
  onDispose(callback: () => void): void {
    this.#disposers.push(callback)
  }

  /**
   * Calls the functions that were registered for this matrix and its transpose, each once. The matrix
   * stays usable: whoever needs tensors of it again makes and registers them again.
   */
  dispose(): void {
    this.#runDisposers()
    if (this.#transposed !== undefined) this.#transposed.#runDisposers()
  }

  #runDisposers(): void {
    const disposers = this.#disposers
    this.#disposers = []
    for (const callback of disposers) callback()
  }
}

function checkIndices(name: string, indices: ArrayLike<number>, bound: number): void {
  for (let entry = 0; entry < indices.length; entry++) {
    const index = indices[entry]
    if (!Number.isInteger(index) || index < 0 || index >= bound) {
      throw new InvalidInteractionsError(
        `${name}[${entry}] is ${index}; expected an integer in 0..${bound - 1}.`,
      )
    }
  }
}

/** Sorts positions by key; equal keys keep the order of `positions`, or of 0, 1, 2... without them. */
function stableOrder(keys: ArrayLike<number>, bound: number, positions?: Int32Array): Int32Array {
  const next = new Int32Array(bound + 1)
  for (let entry = 0; entry < keys.length; entry++) next[keys[entry] + 1]++
  for (let key = 0; key < bound; key++) next[key + 1] += next[key]
  const order = new Int32Array(keys.length)
  for (let p = 0; p < keys.length; p++) {
    const entry = positions === undefined ? p : positions[p]
    order[next[keys[entry]]++] = entry
  }
  return order
}

function checkSymmetry(structure: CsrStructure, values: Float32Array): void {
  const { rows, columns, rowPointers, columnIndices } = structure
  if (rows !== columns) {
    throw new ShapeMismatchError(`A ${rows} × ${columns} matrix cannot be symmetric.`)
  }
  // Rows are walked in order, so the mirror images of row after row meet each row's entries in order.
  const next = rowPointers.slice(0, rows)
  for (let row = 0; row < rows; row++) {
    for (let entry = rowPointers[row]; entry < rowPointers[row + 1]; entry++) {
      const column = columnIndices[entry]
      const mirror = next[column]++
      const mirrored = mirror < rowPointers[column + 1] && columnIndices[mirror] === row
      if (!mirrored || values[mirror] !== values[entry]) {
        throw new InvalidInteractionsError(
          `The matrix was said to be symmetric, but the entries (${row}, ${column}) and (${column}, ${row}) differ.`,
        )
      }
    }
  }
}
