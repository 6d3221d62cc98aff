import { topK } from '@gnnrec/graph'
import type { BestItems } from './best-items.js'
import type { ChosenItems, ColdNodes } from './cold-start.js'

/**
 * Finds the nodes most similar to one of them, without itself.
 *
 * @param similarities - one number per node, which are changed; -Infinity leaves a node out
 */
export function similarNodes(
  similarities: Float32Array,
  wanted: {
    readonly side: 'users' | 'items'
    readonly index: number
    readonly k: number
    /** The nodes that may be listed; all when undefined. */
    readonly choice?: ChosenItems | undefined
  },
  cold: ColdNodes | undefined,
): BestItems & { readonly isCold: boolean } {
  const { side, index, k, choice } = wanted
  const isCold = cold?.has(side, index) ?? false
  for (let other = 0; cold && other < similarities.length; other++) {
    if (cold.has(side, other)) similarities[other] = Number.NEGATIVE_INFINITY
    else if (isCold) {
      similarities[other] = side === 'items' ? cold.popularity[other] : Number.NEGATIVE_INFINITY
    }
  }
  if (choice) leaveOut(similarities, choice)
  const { items, scores } = topK(similarities, k, [index])
  const first = scores.indexOf(Number.NEGATIVE_INFINITY)
  const length = first === -1 ? items.length : first
  return { items: items.subarray(0, length), scores: scores.subarray(0, length), isCold }
}

/** Makes the scores of items -Infinity that are not in a choice. */
export function leaveOut(scores: Float32Array, { choice, alsoExcluded }: ChosenItems): void {
  const { candidates, excluded } = choice
  if (candidates) {
    let start = 0
    for (let c = 0; c < candidates.length; c++) {
      if (candidates[c] > start) scores.fill(Number.NEGATIVE_INFINITY, start, candidates[c])
      start = candidates[c] + 1
    }
    scores.fill(Number.NEGATIVE_INFINITY, start)
  }
  for (const list of [excluded, alsoExcluded]) {
    for (let e = 0; e < list.length; e++) scores[list[e]] = Number.NEGATIVE_INFINITY
  }
}
