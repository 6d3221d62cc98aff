import { topK } from '@gnnrec/graph'
import type { BestItems } from './best-items.js'
import { type ChosenItems, type ColdNodes, everyItem } from './cold-start.js'
import { union } from './list-selection.js'
import type { RowProducts } from './row-products.js'
import { shiftOf } from './score-shift.js'

/** The nodes that are asked for: the k most similar to one of them. */
export interface SimilarQuestion {
  readonly side: 'users' | 'items'
  /** Index of the node. */
  readonly index: number
  readonly k: number
  /** The nodes that may be listed; all when undefined. */
  readonly choice?: ChosenItems | undefined
}

/** Finds the nodes most similar to one of them by scores of all of them, which are changed. */
export function similarByScores(
  scores: Float32Array,
  { side, index, k, choice }: SimilarQuestion,
  cold: ColdNodes | undefined,
): BestItems {
  for (let other = 0; cold && other < scores.length; other++) {
    if (cold.has(side, other)) scores[other] = Number.NEGATIVE_INFINITY
  }
  if (choice) leaveOut(scores, choice)
  const { items, scores: best } = topK(scores, k, [index])
  const first = best.indexOf(Number.NEGATIVE_INFINITY)
  const length = first === -1 ? items.length : first
  return { items: items.subarray(0, length), scores: best.subarray(0, length) }
}

/**
 * Finds the nodes most similar to one of them by the products of their rows; undefined when one is NaN.
 *
 * @param rows - the table that holds the rows of the nodes
 */
export function similarByProducts(
  products: RowProducts,
  rows: Float32Array,
  { side, index, k, choice }: SimilarQuestion,
  cold: ColdNodes | undefined,
): BestItems | undefined {
  const { choice: chosen = everyItem, alsoExcluded = new Int32Array() } = choice ?? {}
  const itself = Int32Array.of(index)
  const leftOut = union(itself, alsoExcluded)
  const shift = shiftOf(cold?.shiftOf(side), products.count, chosen)
  const asked = { table: rows, indices: itself }
  const best = products.rank(asked, k, () => leftOut, { scale: 1, shift })
  if (!best) return undefined
  const [length] = best.lengths
  return { items: best.items.subarray(0, length), scores: best.scores.subarray(0, length) }
}

/** Makes the scores of items -Infinity that are not in a choice. */
export function leaveOut(scores: Float32Array, { choice, alsoExcluded }: ChosenItems): void {
  const { candidates, excluded } = choice
  if (candidates) {
    let item = 0
    // The gaps are short where many items are candidates, and a call of `fill` for each would take longer.
    for (let c = 0; c < candidates.length; c++) {
      for (; item < candidates[c]; item++) scores[item] = Number.NEGATIVE_INFINITY
      item++
    }
    scores.fill(Number.NEGATIVE_INFINITY, item)
  }
  for (const list of [excluded, alsoExcluded]) {
    for (let e = 0; e < list.length; e++) scores[list[e]] = Number.NEGATIVE_INFINITY
  }
}
