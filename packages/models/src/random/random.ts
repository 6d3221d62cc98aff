import { type BipartiteGraph, type Id, parseOptions, Rng } from '@gnnrec/graph'
import { RandomRecommender, type Recommender } from '@gnnrec/serving'
import * as z from 'zod/mini'
import { Baseline } from '../baseline.js'

/** Options of {@link Random}. */
export interface RandomOptions {
  /** The same seed gives the same scores. @defaultValue 0 */
  seed?: number | string
}

const schema = /* @__PURE__ */ z.strictObject({
  seed: z._default(
    z.union([z.number(), z.string()], { error: 'expected a number or a string' }),
    0,
  ),
})

/**
 * The baseline that shows what chance gives: a list of its own for every user, drawn once and for
 * all from the seed, less what the user has seen. Only ids and seen items are taken from the graph.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { Random } from '@gnnrec/models'
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'Alien' },
 *     { user: 'bob', item: 'Brazil' },
 *     { user: 'bob', item: 'Casablanca' },
 *   ]),
 * )
 * const recommender = await new Random(graph, { seed: 1 }).toRecommender()
 * console.log(recommender.recommend('ann', { k: 2 }).items)
 * ```
 */
export class Random<User extends Id = Id, Item extends Id = Id> extends Baseline<User, Item> {
  static override readonly architecture = 'random'
  static override readonly optionsSchema = schema
  static override readonly capabilities = {
    ...Baseline.capabilities,
    isSeeded: true,
    usesWeights: false,
  }

  readonly #seed: number | string

  /** @throws InvalidOptionsError for a wrong or misspelt option */
  constructor(graph: BipartiteGraph<User, Item>, options: RandomOptions = {}) {
    const settings = parseOptions(Random.architecture, schema, options)
    super(graph, settings)
    this.#seed = settings.seed
  }

  protected override async compute(): Promise<Recommender<User, Item>> {
    return new RandomRecommender({
      ...this.parts(),
      rng: Rng.fromSeed(this.#seed).fork('scores'),
    })
  }
}
