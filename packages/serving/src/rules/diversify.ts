import { type Id, InvalidOptionsError, parseOptions } from '@gnnrec/graph'
import * as z from 'zod/mini'
import type { FunctionOfItem } from '../recommenders/recommend-options.js'
import type { Rule } from '../recommenders/rules.js'
import { engine } from './engine.js'
import type { Grouping, SoftRule } from './kinds.js'
import {
  amongSchema,
  functionSchema,
  groupingSchema,
  nameSchema,
  strengthSchema,
} from './option-checks.js'

/** Options of {@link diversify}. */
interface DiversifyOptions<ItemId extends Id> {
  /** The weight of diversity, in 0..1: 0 changes nothing, 1 leaves scores out of account. */
  strength: number
  /**
   * The groups of an item. Items are as similar as the share of their groups that both have.
   *
   * @defaultValue items are compared by vectors
   */
  by?: Grouping<ItemId>
  /**
   * The vector of an item, of finite numbers, all of one length. Items are as similar as the cosine of their vectors.
   *
   * @defaultValue the embeddings of the recommender
   */
  vectors?: FunctionOfItem<ItemId, ArrayLike<number>>
  /**
   * Number of the best items from which the list is chosen, an integer from 1 up.
   *
   * @defaultValue ten times the length of the list, at least 100
   */
  among?: number
  /**
   * The name in answers.
   *
   * @defaultValue `diversity`
   */
  name?: string
}

const schema = z.strictObject({
  strength: strengthSchema,
  by: z.optional(groupingSchema),
  vectors: z.optional(
    functionSchema<FunctionOfItem<Id, ArrayLike<number>>>(
      'expected a function that returns the vector of an item',
    ),
  ),
  among: amongSchema,
  name: nameSchema,
})

/**
 * Makes the rule that the items of a list differ: by maximal marginal relevance (Carbonell and Goldstein 1998), each place
 * gets the item with the largest `(1 - strength) · relevance - strength · similarity`, where relevance is the score scaled to
 * 0..1 among the candidates, and similarity is that to the most similar item which is in the list already.
 *
 * @throws InvalidOptionsError for a wrong or misspelt option, and for `by` and `vectors` together
 * @example
 * ```ts
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { PopularityRecommender } from '@gnnrec/serving'
 * import { diversify } from '@gnnrec/serving/rules'
 *
 * const table = fromRecords(['a1', 'a2', 'b1'].map((item) => ({ user: 'ann', item })))
 * const recommender = new PopularityRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   scores: Float32Array.of(3, 2, 1),
 * })
 * const rules = [diversify({ strength: 0.5, by: (item: string) => item[0] })]
 * console.log(recommender.recommend('ann', { k: 2, rules, excludeSeen: false }).items) // [ 'a1', 'b1' ]
 * ```
 */
export function diversify<ItemId extends Id>(options: DiversifyOptions<ItemId>): Rule<ItemId> {
  const {
    strength,
    by,
    vectors,
    among,
    name = 'diversity',
  } = parseOptions('diversify', schema, options)
  if (by && vectors) {
    throw new InvalidOptionsError('diversify: got by and vectors; expected at most one of them.')
  }
  const rule: SoftRule = {
    name,
    engine,
    step: 'soft',
    strength,
    among,
    aim: by ? { alike: 'groups', by: by as Grouping } : { alike: 'vectors', vectors },
  }
  return rule as Rule<ItemId>
}
