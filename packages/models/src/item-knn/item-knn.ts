import { type BipartiteGraph, type Id, parseOptions, TimeSlice } from '@gnnrec/graph'
import { ItemSimilarityRecommender, type Recommender } from '@gnnrec/serving'
import * as z from 'zod/mini'
import { Baseline } from '../baseline.js'
import type { PrepareOptions } from '../model-contract.js'
import { cosineNeighbours } from '../neighbours/cosine-neighbours.js'

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
}

const schema = /* @__PURE__ */ z.strictObject({
  neighbours: z._default(z.int().check(z.gte(1)), 100),
  shrinkage: z._default(z.number().check(z.gte(0)), 10),
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
 * the neighbours. The same graph gives the same bytes.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { ItemKnn } from '@gnnrec/models'
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'Alien' },
 *     { user: 'ann', item: 'Brazil' },
 *     { user: 'bob', item: 'Alien' },
 *     { user: 'bob', item: 'Brazil' },
 *     { user: 'eve', item: 'Alien' },
 *   ]),
 * )
 * const model = new ItemKnn(graph, { neighbours: 10, shrinkage: 1 })
 * await model.prepare({ signal: AbortSignal.timeout(60_000) })
 * const recommender = await model.toRecommender()
 * console.log(recommender.recommend('eve', { k: 1 }).items)
 * ```
 */
export class ItemKnn<User extends Id = Id, Item extends Id = Id> extends Baseline<User, Item> {
  static override readonly architecture = 'item-knn'
  static override readonly optionsSchema = schema

  readonly #settings: z.output<typeof schema>

  /** @throws InvalidOptionsError for a wrong or misspelt option */
  constructor(graph: BipartiteGraph<User, Item>, options: ItemKnnOptions = {}) {
    const settings = parseOptions(ItemKnn.architecture, schema, options)
    super(graph, settings)
    this.#settings = settings
  }

  /**
   * Finds the neighbours of all items.
   *
   * @throws ModelTooLargeError, before it takes any memory, when the machine could not hold the neighbours
   */
  protected override async compute({ signal }: PrepareOptions): Promise<Recommender<User, Item>> {
    const { neighbours, shrinkage } = this.#settings
    const nearest = await cosineNeighbours(
      this.graph.biadjacency({ normalization: 'none' }).transpose(),
      { neighbours, shrinkage, model: ItemKnn.architecture, nodes: 'items' },
      new TimeSlice(signal),
    )
    return new ItemSimilarityRecommender({ ...this.parts(), weights: nearest.transpose() })
  }
}
