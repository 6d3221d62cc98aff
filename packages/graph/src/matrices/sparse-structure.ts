import { InvalidInteractionsError, ShapeMismatchError } from '../errors.js'

/** The pattern of a CSR matrix. Matrices that differ only in values share one. */
export interface CsrStructure {
  readonly rows: number
  readonly columns: number
  readonly rowPointers: Int32Array
  readonly columnIndices: Int32Array
}

interface TransposedStructure {
  readonly structure: CsrStructure
  /** The entry of the original for each entry of the transpose. */
  readonly sources: Int32Array
}

const transposes = new WeakMap<CsrStructure, TransposedStructure>()

/** Returns the transposed structure, which is made once for each structure. */
export function transposeStructure(original: CsrStructure): TransposedStructure {
  let transposed = transposes.get(original)
  if (transposed === undefined) {
    transposed = computeTranspose(original)
    transposes.set(original, transposed)
  }
  return transposed
}

function computeTranspose(original: CsrStructure): TransposedStructure {
  const { rows, columns, rowPointers, columnIndices } = original
  const count = columnIndices.length
  const pointers = new Int32Array(columns + 1)
  for (let entry = 0; entry < count; entry++) pointers[columnIndices[entry] + 1]++
  for (let column = 0; column < columns; column++) pointers[column + 1] += pointers[column]
  const next = pointers.slice(0, columns)
  const indices = new Int32Array(count)
  const sources = new Int32Array(count)
  for (let row = 0; row < rows; row++) {
    for (let entry = rowPointers[row]; entry < rowPointers[row + 1]; entry++) {
      const place = next[columnIndices[entry]]++
      indices[place] = row
      sources[place] = entry
    }
  }
  const structure = { rows: columns, columns: rows, rowPointers: pointers, columnIndices: indices }
  return { structure, sources }
}

/** Throws unless both numbers are counts that 32-bit indices can address. */
export function validateShape(rows: number, columns: number): void {
  for (const [name, size] of Object.entries({ rows, columns })) {
    if (!Number.isInteger(size) || size < 0 || size > 0x7fffffff) {
      throw new ShapeMismatchError(`${name}: got ${size}; expected an integer in 0..2^31-1.`)
    }
  }
}

/** Throws unless the arrays are a well-formed CSR pattern of the given shape. */
export function validateStructure(structure: CsrStructure): void {
  const { rows, columns, rowPointers, columnIndices } = structure
  validateShape(rows, columns)
  if (rowPointers.length !== rows + 1) {
    throw new ShapeMismatchError(
      `rowPointers has ${rowPointers.length} values; expected ${rows + 1} for ${rows} rows.`,
    )
  }
  if (rowPointers[0] !== 0 || rowPointers[rows] !== columnIndices.length) {
    throw new ShapeMismatchError(
      `rowPointers goes from ${rowPointers[0]} to ${rowPointers[rows]}; expected from 0 to ${columnIndices.length}, the number of entries.`,
    )
  }
  // All pointers are checked first, as a row that ends beyond the arrays must not be read.
  for (let row = 0; row < rows; row++) {
    if (rowPointers[row + 1] < rowPointers[row]) {
      throw new ShapeMismatchError(
        `rowPointers descends after row ${row} (${rowPointers[row]}, ${rowPointers[row + 1]}); offsets must ascend.`,
      )
    }
  }
  for (let row = 0; row < rows; row++) {
    let previous = -1
    for (let entry = rowPointers[row]; entry < rowPointers[row + 1]; entry++) {
      const column = columnIndices[entry]
      if (column < 0 || column >= columns) {
        throw new InvalidInteractionsError(
          `Row ${row} has column ${column}; expected 0..${columns - 1}.`,
        )
      }
      if (column <= previous) {
        throw new InvalidInteractionsError(
          `Row ${row} has column ${column} after ${previous}; columns must ascend without repetition. Use SparseMatrix.fromCoordinates for entries in any order.`,
        )
      }
      previous = column
    }
  }
}
