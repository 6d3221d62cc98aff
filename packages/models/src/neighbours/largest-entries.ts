import { type SparseMatrix, type TimeSlice, topK } from '@gnnrec/graph'
import { machineMemory } from '@gnnrec/graph/kernels'
import { ModelTooLargeError } from '../parameters/model-too-large-error.js'
import { type MatrixRow, matrixOfRows } from './matrix-of-rows.js'

/** Bytes of an entry: an index and a value, in the list of its row and in the matrix of all rows. */
const bytesPerEntry = 16
/** Most entries of a matrix, whose pointers are int32. */
const mostEntries = 2 ** 31 - 1

/** The rows of a square matrix without a diagonal, of which the largest entries are to be kept. */
interface CandidateRows {
  /** Number of rows. */
  readonly order: number
  /** Returns the entries of a row, which are read before it is called for the next one. */
  rowOf(row: number): MatrixRow | Promise<MatrixRow>
  /** Returns a number of entries beside the diagonal that a row does not exceed. */
  mostOf(row: number): number
}

/** The number of entries to keep, and words for the error when they are too many. */
interface KeptNeighbours {
  /** Most entries of a row. */
  readonly neighbours: number
  /** Name of the model. */
  readonly model: string
  /** The nodes that the rows and columns are for. */
  readonly nodes: 'items' | 'users'
}

/**
 * Makes a square matrix of the largest entries above 0 of each row; of equal ones those of the lower columns.
 *
 * @throws ModelTooLargeError, before anything is allocated, when the machine could not hold the entries
 */
export async function largestEntries(
  rows: CandidateRows,
  kept: KeptNeighbours,
  slice: TimeSlice,
): Promise<SparseMatrix> {
  const { order } = rows
  checkEntries(rows, kept)
  return matrixOfRows(order, async (row) => {
    if (slice.isOver()) await slice.next()
    const candidates = await rows.rowOf(row)
    const places = largestPlaces(candidates.values, kept.neighbours)
    return {
      columns: places.map((place) => candidates.columns[place]),
      values: Float32Array.from(places, (place) => candidates.values[place]),
    }
  })
}

/** @throws ModelTooLargeError when there may be more entries than a matrix or the machine can hold */
function checkEntries(
  { order, mostOf }: CandidateRows,
  { neighbours, model, nodes }: KeptNeighbours,
): void {
  let entries = 0
  for (let row = 0; row < order; row++) entries += Math.min(neighbours, order - 1, mostOf(row))
  const most = Math.min(mostEntries, Math.floor(machineMemory() / bytesPerEntry))
  if (entries <= most) return
  throw new ModelTooLargeError(
    `${model}: ${neighbours} neighbours of each of ${order} ${nodes} are up to ${entries} in all; a matrix on this machine holds at most ${most}. Take fewer neighbours, or keep fewer ${nodes} (filterMinInteractions).`,
  )
}

/** Returns the places of the largest values above 0, ascending. */
function largestPlaces(values: Float32Array, count: number): Int32Array {
  if (values.length === 0) return new Int32Array()
  const { items, scores } = topK(values, Math.min(count, values.length))
  const zero = scores.findIndex((score) => !(score > 0))
  return items.subarray(0, zero === -1 ? items.length : zero).sort()
}
