import { InvalidOptionsError } from '@gnnrec/graph'

/** The way in which an index compares vectors: by inner product, by cosine, or by Euclidean distance. */
export type VectorMetric = 'dot' | 'cosine' | 'l2'

export const vectorMetrics = ['dot', 'cosine', 'l2'] as const

/** Largest relative difference of lengths that count as one: rounding to float32 makes smaller ones. */
const largestDifference = 1e-5

/** Returns true when all rows have the same Euclidean length, which is not 0. */
export function rowsHaveOneLength(rows: Float32Array, dim: number): boolean {
  let [shortest, longest] = [Number.POSITIVE_INFINITY, 0]
  for (let start = 0; start < rows.length; start += dim) {
    const length = lengthOf(rows, start, dim)
    if (length < shortest) shortest = length
    if (length > longest) longest = length
  }
  return shortest > 0 && longest - shortest <= largestDifference * longest
}

/** Returns the Euclidean length of the row that begins at a place. */
export function lengthOf(rows: Float32Array, start: number, dim: number): number {
  let squares = 0
  for (let d = start; d < start + dim; d++) squares += rows[d] * rows[d]
  return Math.sqrt(squares)
}

/**
 * Checks that the nearest rows in an index are those with the highest scores.
 *
 * @throws InvalidOptionsError when they are not; it names the transformation
 */
export function checkMetric(
  { metrics, bias }: { readonly metrics: readonly VectorMetric[]; readonly bias: unknown },
  metric: VectorMetric,
): void {
  if (metrics.includes(metric)) return
  const reason = bias
    ? 'their scores have biases, which an index does not add'
    : 'their scores are inner products, and their lengths differ'
  throw new InvalidOptionsError(
    `metric: got '${metric}' for vectors that it would put in another order than their scores: ${reason}. Write the items of transformVectors(items, '${metric}'), and ask with its toQuery(user vector).`,
  )
}
