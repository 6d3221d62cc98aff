import { type BipartiteGraph, type Id, parseOptions } from '@gnnrec/graph'
import { PopularityRecommender, type Recommender } from '@gnnrec/serving'
import * as z from 'zod/mini'
import { Baseline } from '../baseline.js'

const schema = /* @__PURE__ */ z.strictObject({})

/**
 * The baseline that every model has to beat: items by how many users met them in training, or by the sum
 * of their weights in a graph of weights, the same order for everybody, less what the user has seen. Ties go to the
 * lower item index.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { Popularity } from '@gnnrec/models'
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'Alien' },
 *     { user: 'bob', item: 'Alien' },
 *     { user: 'bob', item: 'Brazil' },
 *     { user: 'eve', item: 'Casablanca' },
 *   ]),
 * )
 * const recommender = await new Popularity(graph).toRecommender()
 * console.log(recommender.recommend('eve', { k: 2 }).items)
 * ```
 */
export class Popularity<User extends Id = Id, Item extends Id = Id> extends Baseline<User, Item> {
  static override readonly architecture = 'popularity'
  static override readonly optionsSchema = schema

  /** @throws InvalidOptionsError for any option: there are none */
  constructor(graph: BipartiteGraph<User, Item>, options: Readonly<Record<string, never>> = {}) {
    super(graph, parseOptions(Popularity.architecture, schema, options))
  }

  protected override async compute(): Promise<Recommender<User, Item>> {
    const scores = Float32Array.from(this.graph.weightedItemDegrees)
    return new PopularityRecommender({ ...this.parts(), scores })
  }
}
