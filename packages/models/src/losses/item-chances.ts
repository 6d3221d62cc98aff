import type { BipartiteGraph, SamplingStrategy } from '@gnnrec/graph'

/**
 * ln q_i for each item, q_i being the chance that a draw of a batch has it as its positive:
 *
 *     'interaction-shuffle':  q_i = d_i / |E|
 *     'interaction-weighted': q_i = Σ_{u of i} R_ui, divided by the sum of R
 *     'user-uniform':         q_i = Σ_{u of i} 1 / d_u, divided by the number of users
 *
 * over users with an item and without one, as only they are drawn. An item that is never drawn has a
 * q below all that are, 1 / (users · items), so that the logarithm is finite.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { losses } from '@gnnrec/models'
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'Alien' },
 *     { user: 'ann', item: 'Brazil' },
 *     { user: 'bob', item: 'Alien' },
 *     { user: 'eve', item: 'Casablanca' },
 *   ]),
 * )
 * console.log(losses.logItemChances(graph, 'interaction-shuffle').map(Math.exp))
 * ```
 */
export function logItemChances(graph: BipartiteGraph, sampling: SamplingStrategy): Float32Array {
  const { userCount, itemCount, userDegrees, weightedUserDegrees, interactions } = graph
  const { pointers, items } = interactions
  const weights = sampling === 'interaction-weighted' ? interactions.weights : undefined
  const chances = new Float64Array(itemCount)
  let total = 0
  for (let user = 0; user < userCount; user++) {
    const degree = userDegrees[user]
    if (degree === 0 || degree === itemCount) continue
    const chance = sampling === 'user-uniform' ? 1 / degree : 1
    for (let edge = pointers[user]; edge < pointers[user + 1]; edge++) {
      chances[items[edge]] += weights ? weights[edge] : chance
    }
    total += weights ? weightedUserDegrees[user] : chance * degree
  }
  const least = 1 / (userCount * itemCount)
  return Float32Array.from(chances, (chance) => Math.log(Math.max(chance / (total || 1), least)))
}
