import { topK } from '@gnnrec/graph'
import type { BestItems } from './best-items.js'
import type { ColdNodes } from './cold-start.js'

/**
 * Finds the nodes most similar to one of them, without itself.
 *
 * @param similarities - one number per node, which are changed; -Infinity leaves a node out
 */
export function similarNodes(
  similarities: Float32Array,
  side: 'users' | 'items',
  index: number,
  k: number,
  cold: ColdNodes | undefined,
): BestItems & { readonly isCold: boolean } {
  const isCold = cold?.has(side, index) ?? false
  for (let other = 0; cold && other < similarities.length; other++) {
    if (cold.has(side, other)) similarities[other] = Number.NEGATIVE_INFINITY
    else if (isCold) {
      similarities[other] = side === 'items' ? cold.popularity[other] : Number.NEGATIVE_INFINITY
    }
  }
  const { items, scores } = topK(similarities, k, [index])
  const first = scores.indexOf(Number.NEGATIVE_INFINITY)
  const length = first === -1 ? items.length : first
  return { items: items.subarray(0, length), scores: scores.subarray(0, length), isCold }
}
