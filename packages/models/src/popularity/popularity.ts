import type { BipartiteGraph, Id } from '@gnnrec/graph'
import { PopularityRecommender } from '@gnnrec/serving'

/**
 * The baseline that every model has to beat: items by how many users met them in training, the same
 * order for everybody, less what the user has seen. Ties go to the lower item index.
 */
export const Popularity = {
  /** Counts; there is nothing to train. */
  fit<User extends Id, Item extends Id>(
    graph: BipartiteGraph<User, Item>,
    { splitHash = null }: { splitHash?: string | null } = {},
  ): PopularityRecommender<User, Item> {
    return new PopularityRecommender({
      ...{ users: graph.users, items: graph.items, seen: graph.interactions },
      scores: Float32Array.from(graph.itemDegrees),
      origin: { architecture: 'Popularity', options: {}, splitHash },
    })
  },
} as const
