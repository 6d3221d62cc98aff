import { type InteractionLists, SparseMatrix } from '@gnnrec/graph'
import { isSharpened, type SpectralRule } from './spectral-rule.js'

/** The data that a filter computes with, the same for kernels and for plain JavaScript. */
export interface FilterData {
  readonly rule: SpectralRule
  /** R̃, users × items. */
  readonly matrix: SparseMatrix
  /** The value with which an item enters the polynomial: its degree to -g, 0 for an item without edges. */
  readonly entry: Float32Array
  /** The factor of each item's score, its degree to g; undefined when g is 0 and all are 1. */
  readonly exit: Float32Array | undefined
  readonly ideal: IdealData | undefined
}

/** The part of the singular vectors. */
export interface IdealData {
  /** Length of a row of vectors. */
  readonly rank: number
  /** V, row-major, a row an item. */
  readonly vectors: Float32Array
  /** The factor of an item's row of V when a history with the item is mapped to the vectors. */
  readonly entry: Float32Array
  /** The factor of an item's row of V when the image is mapped back. */
  readonly exit: Float32Array
}

/** The items of one history, ascending, and their weights, which are 1 when there are none. */
export type History = Pick<InteractionLists, 'items' | 'weights'>

/** The singular vectors of a filter. */
interface Vectors {
  readonly rank: number
  readonly vectors: Float32Array
}

/** Computes the numbers of a filter from the items that users met. */
export function filterData(
  rule: SpectralRule,
  seen: InteractionLists,
  itemCount: number,
  vectors: Vectors | undefined,
): FilterData {
  const { degreeExponent, ideal } = rule
  const { items, weights } = seen
  const degrees = new Float64Array(itemCount)
  for (let entry = 0; entry < items.length; entry++) {
    degrees[items[entry]] += weights ? weights[entry] : 1
  }
  return {
    rule,
    matrix: normalizedMatrix(seen, degrees),
    entry: powers(degrees, -degreeExponent),
    exit: degreeExponent === 0 ? undefined : powers(degrees, degreeExponent),
    ideal: vectors && ideal && idealData(rule, degrees, vectors),
  }
}

/**
 * Returns the filter whose matrix between items is the transposed one: it scores a history of one item by what each item
 * of a history adds to the score of that item. Returns undefined where that filter has another form, as an early part of
 * the singular vectors is sharpened.
 */
export function transposedFilter(data: FilterData): FilterData | undefined {
  const { rule, matrix, entry, ideal } = data
  const exit = data.exit ?? new Float32Array(entry.length).fill(1)
  const swapped = { rule, matrix, entry: exit, exit: entry }
  if (!ideal) return { ...swapped, ideal }
  const { rank, vectors } = ideal
  if (rule.ideal?.merge === 'late') {
    return { ...swapped, ideal: { rank, vectors, entry: ideal.exit, exit: ideal.entry } }
  }
  if (isSharpened(rule)) return undefined
  const early = {
    rank,
    vectors,
    entry: ideal.exit.map((factor, item) => factor * exit[item]),
    exit: ideal.entry.map((factor, item) => (entry[item] === 0 ? 0 : factor / entry[item])),
  }
  return { ...swapped, ideal: early }
}

/** Makes R̃: each entry is its weight, or 1, over the root of the degrees of its user and its item. */
function normalizedMatrix(
  { pointers, items, weights }: InteractionLists,
  degrees: Float64Array,
): SparseMatrix {
  const rows = pointers.length - 1
  const values = new Float32Array(items.length)
  for (let user = 0; user < rows; user++) {
    const [start, end] = [pointers[user], pointers[user + 1]]
    const degree = weights
      ? weights.subarray(start, end).reduce((sum, weight) => sum + weight, 0)
      : end - start
    for (let entry = start; entry < end; entry++) {
      values[entry] = (weights ? weights[entry] : 1) / Math.sqrt(degree * degrees[items[entry]])
    }
  }
  const columns = degrees.length
  return SparseMatrix.fromCsr({
    rows,
    columns,
    rowPointers: pointers,
    columnIndices: items,
    values,
  })
}

function idealData(
  { degreeExponent, ideal }: SpectralRule,
  degrees: Float64Array,
  { rank, vectors }: Vectors,
): IdealData {
  const { weight, exponent, merge } = ideal as NonNullable<typeof ideal>
  const entry = powers(degrees, -degreeExponent - exponent)
  for (let item = 0; item < entry.length; item++) entry[item] *= weight
  // What is merged late does not go through the factors of the scores, so it has them here.
  const exit = powers(degrees, merge === 'late' ? degreeExponent + exponent : exponent)
  return { rank, vectors, entry, exit }
}

/** Returns a power of each degree, and 0 where the degree is 0. */
function powers(degrees: Float64Array, exponent: number): Float32Array {
  return Float32Array.from(degrees, (degree) => (degree === 0 ? 0 : degree ** exponent))
}

/** Writes `Σ_i w_i entry_i V_i` over the items of a history, summed in float32 by ascending item. */
export function imageOf(
  { rank, vectors, entry }: IdealData,
  { items, weights }: History,
  out: Float32Array,
): void {
  const { fround } = Math
  out.fill(0)
  for (let place = 0; place < items.length; place++) {
    const item = items[place]
    const factor = weights ? fround(weights[place] * entry[item]) : entry[item]
    const start = item * rank
    for (let d = 0; d < rank; d++) out[d] = fround(out[d] + fround(factor * vectors[start + d]))
  }
}

/** Returns the rows of V with which images are mapped back to items. */
export function exitRows({ rank, vectors, exit }: IdealData): Float32Array {
  const rows = new Float32Array(vectors.length)
  for (let item = 0; item < exit.length; item++) {
    for (let at = item * rank; at < (item + 1) * rank; at++) rows[at] = exit[item] * vectors[at]
  }
  return rows
}
