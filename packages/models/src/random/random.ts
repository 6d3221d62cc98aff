import { type BipartiteGraph, type Id, parseOptions, Rng } from '@gnnrec/graph'
import { RandomRecommender } from '@gnnrec/serving'
import * as z from 'zod/mini'

/** Options of {@link Random}. */
export interface RandomOptions {
  /** The same seed gives the same scores. @defaultValue 0 */
  seed?: number | string
  /** Hash of the split that the graph comes from, kept with the model. @defaultValue null */
  splitHash?: string | null
}

const schema = z.strictObject({
  seed: z._default(
    z.union([z.number(), z.string()], { error: 'expected a number or a string' }),
    0,
  ),
  splitHash: z._default(z.nullable(z.string()), null),
})

/**
 * The baseline that shows what chance gives: a list of its own for every user, drawn once and for
 * all from the seed, less what the user has seen.
 */
export const Random = {
  /**
   * There is nothing to learn: only ids and seen items are taken from the graph.
   *
   * @throws InvalidOptionsError for a wrong or misspelt option
   */
  fit<User extends Id, Item extends Id>(
    graph: BipartiteGraph<User, Item>,
    options: RandomOptions = {},
  ): RandomRecommender<User, Item> {
    const { seed, splitHash } = parseOptions('Random', schema, options)
    return new RandomRecommender({
      ...{ users: graph.users, items: graph.items, seen: graph.interactions },
      rng: Rng.fromSeed(seed).fork('scores'),
      origin: { architecture: 'Random', options: { seed }, splitHash },
    })
  },
} as const
