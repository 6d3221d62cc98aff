import { type BipartiteGraph, type Id, parseOptions, TimeSlice } from '@gnnrec/graph'
import { type Recommender, UserSimilarityRecommender } from '@gnnrec/serving'
import * as z from 'zod/mini'
import { Baseline } from '../baseline.js'
import type { PrepareOptions } from '../model-contract.js'
import { cosineNeighbours } from '../neighbours/cosine-neighbours.js'

/** Options of {@link UserKnn}. */
export interface UserKnnOptions {
  /**
   * Most neighbours that a user keeps, an integer from 1 up.
   *
   * @defaultValue 100
   */
  neighbours?: number
  /**
   * Added to the norms, finite, from 0 up: the larger, the less a similarity that few items vouch for counts.
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
 * User-based nearest neighbours for implicit feedback, the oldest collaborative filter
 * ([Resnick et al., CSCW 1994](https://doi.org/10.1145/192844.192905)), which studies of reproducibility still find
 * hard to beat ([Ferrari Dacrema et al., RecSys 2019](https://arxiv.org/abs/1907.06902)).
 *
 * With the rows r_u of R, which is 0 or 1, or the weight of an edge in a graph of weights:
 *
 * `sim(u, v) = r_u · r_v / (|r_u| |r_v| + shrinkage)` and `score(u, i) = Σ_v sim(u, v) R_vi`
 *
 * over the `neighbours` users v nearest to u. Of equally similar users the lower
 * indices are kept. A history that is not in the graph is compared with all users in the same way. The similarities
 * are rounded once to float32.
 *
 * Nothing of size users² is made: time is O(Σ_i n_i²) for items with n_i users, memory is that of the neighbours. The
 * same graph gives the same bytes. The recommender knows similar users, and no similar items.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { UserKnn } from '@gnnrec/models'
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
 * const recommender = await new UserKnn(graph, { shrinkage: 1 }).toRecommender()
 * console.log(recommender.recommend('eve', { k: 1 }).items)
 * console.log(recommender.similarUsers('eve', { k: 2 }).users)
 * ```
 */
export class UserKnn<User extends Id = Id, Item extends Id = Id> extends Baseline<User, Item> {
  static override readonly architecture = 'user-knn'
  static override readonly optionsSchema = schema

  readonly #settings: z.output<typeof schema>

  /** @throws InvalidOptionsError for a wrong or misspelt option */
  constructor(graph: BipartiteGraph<User, Item>, options: UserKnnOptions = {}) {
    const settings = parseOptions(UserKnn.architecture, schema, options)
    super(graph, settings)
    this.#settings = settings
  }

  /**
   * Finds the neighbours of all users.
   *
   * @throws ModelTooLargeError, before it takes any memory, when the machine could not hold the neighbours
   */
  protected override async compute({ signal }: PrepareOptions): Promise<Recommender<User, Item>> {
    const { neighbours, shrinkage } = this.#settings
    const similarities = await cosineNeighbours(
      this.graph.biadjacency({ normalization: 'none' }),
      { neighbours, shrinkage, model: UserKnn.architecture, nodes: 'users' },
      new TimeSlice(signal),
    )
    return new UserSimilarityRecommender({ ...this.parts(), similarities, neighbours, shrinkage })
  }
}
