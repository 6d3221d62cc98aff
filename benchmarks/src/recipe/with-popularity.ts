import type { BipartiteGraph, Ranker } from '@gnnrec/graph'

/** Wraps a ranker: adds weight · ln(degree in training) to the score of each item. */
export function withPopularity(
  ranker: Ranker,
  { itemDegrees }: BipartiteGraph,
  weight: number,
): Ranker {
  const { userCount, itemCount } = ranker
  const added = Float32Array.from(itemDegrees, (degree) => weight * Math.log(Math.max(degree, 1)))
  return {
    userCount,
    itemCount,
    scoreUsers(users, out) {
      ranker.scoreUsers(users, out)
      for (let row = 0; row < users.length; row++) {
        const start = row * itemCount
        for (let item = 0; item < itemCount; item++) out[start + item] += added[item]
      }
    },
  }
}
