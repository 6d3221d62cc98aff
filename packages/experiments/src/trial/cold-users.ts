import type { BipartiteGraph, Ranker } from '@gnnrec/graph'
import { Popularity } from '@gnnrec/models'

/** Replaces the scores of users without training interactions by those of Popularity. */
export async function withPopularityForColdUsers(
  ranker: Ranker,
  graph: BipartiteGraph,
): Promise<Ranker> {
  const popularity = await new Popularity(graph).toRecommender()
  const { userCount, itemCount } = ranker
  return {
    userCount,
    itemCount,
    scoreUsers(users, out) {
      ranker.scoreUsers(users, out)
      for (const [row, user] of users.entries()) {
        if (graph.userDegrees[user] > 0) continue
        popularity.scoreUsers(
          Int32Array.of(user),
          out.subarray(row * itemCount, (row + 1) * itemCount),
        )
      }
    },
  }
}
