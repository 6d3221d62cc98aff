import { type BipartiteGraph, type Id, parseOptions, TimeSlice } from '@gnnrec/graph'
import { ItemSimilarityRecommender } from '@gnnrec/serving'
import * as z from 'zod/mini'
import { nearestItems } from './nearest-items.js'

/** Options of {@link ItemKnn}. */
export interface ItemKnnOptions {
  /**
   * Most neighbours that an item keeps, an integer from 1 up. 100 is also what RecBole uses.
   *
   * @defaultValue 100
   */
  neighbours?: number
  /**
   * Added to the norms, finite, from 0 up: the larger, the less a similarity that few users vouch
   * for counts. RecBole uses 0; sparse data gain from more.
   *
   * @defaultValue 10
   */
  shrinkage?: number
  /** Hash of the split that the graph comes from, kept with the model. @defaultValue null */
  splitHash?: string | null
  /** Ends the work early; `fit` then rejects with its reason. */
  signal?: AbortSignal | undefined
}

const schema = z.strictObject({
  neighbours: z._default(z.int().check(z.gte(1)), 100),
  shrinkage: z._default(z.number().check(z.gte(0)), 10),
  splitHash: z._default(z.nullable(z.string()), null),
  signal: z.optional(z.instanceof(AbortSignal, { error: 'expected an AbortSignal' })),
})

/**
 * Item-based nearest neighbours for implicit feedback, a baseline that graph models often fail to
 * beat ([Ferrari Dacrema et al., RecSys 2019](https://arxiv.org/abs/1907.06902)).
 *
 * With `c_ij` users who met both items, and `n_i` who met item i:
 *
 * `sim(i, j) = c_ij / (√(n_i n_j) + shrinkage)` and `score(u, i) = Σ sim(i, j)`
 *
 * over the items j that user u has met among the `neighbours` items nearest to i. The k nearest are
 * those of the item that is scored, as in [RecBole](https://github.com/RUCAIBox/RecBole)'s ItemKNN
 * and in [Sarwar et al., WWW 2001](https://doi.org/10.1145/371920.372071).
 * [implicit](https://github.com/benfred/implicit) takes those of the items met instead. Of
 * equally similar items the lower indices are kept. The sum is not divided by the similarities of
 * all neighbours: that is for predicting ratings.
 *
 * Nothing of size items² is made: time is O(Σ_u d_u²) for users with d_u items, memory is that of
 * the neighbours.
 */
export const ItemKnn = {
  /**
   * Counts; the same graph gives the same bytes. Lets the event loop run about every 30 ms.
   *
   * @throws InvalidOptionsError for a wrong or misspelt option
   * @throws the reason of `signal` once it is aborted
   */
  async fit<User extends Id, Item extends Id>(
    graph: BipartiteGraph<User, Item>,
    options: ItemKnnOptions = {},
  ): Promise<ItemSimilarityRecommender<User, Item>> {
    const { neighbours, shrinkage, splitHash, signal } = parseOptions('ItemKnn', schema, options)
    const settings = { neighbours, shrinkage }
    const nearest = await nearestItems(graph, settings, new TimeSlice(signal))
    return new ItemSimilarityRecommender({
      ...{ users: graph.users, items: graph.items, seen: graph.interactions },
      weights: nearest.transpose(),
      origin: { architecture: 'ItemKnn', options: settings, splitHash },
    })
  },
} as const
