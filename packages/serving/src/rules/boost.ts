import { type Id, parseOptions } from '@gnnrec/graph'
import * as z from 'zod/mini'
import { ItemFilter } from '../recommenders/item-filter.js'
import type { FilterItems } from '../recommenders/recommend-options.js'
import type { Rule } from '../recommenders/rules.js'
import { engine } from './engine.js'
import type { ScoreRule } from './kinds.js'
import { nameSchema, numberSchema } from './option-checks.js'

/** Options of {@link boost}. */
interface BoostOptions<ItemId extends Id> {
  /** The items whose scores change: a filter, or what makes one. */
  items: FilterItems<ItemId> | ItemFilter<ItemId>
  /** The factor on their scores, above 0; below 1 it lowers them. A score below 0 is divided by it. */
  factor: number
  /**
   * The name in answers.
   *
   * @defaultValue such as `boost by 2`
   */
  name?: string
}

const schema = z.strictObject({
  items: z.custom<FilterItems | ItemFilter>(
    (value) =>
      typeof value === 'function' ||
      Array.isArray(value) ||
      value instanceof Set ||
      value instanceof Uint8Array ||
      value instanceof ItemFilter,
    { error: 'expected a filter, ids, a function of an id, or a mask' },
  ),
  factor: numberSchema('a number above 0', (value) => value > 0),
  name: nameSchema,
})

/**
 * Makes the rule that scores of some items are multiplied, before all other kinds of rules. Scores below 0 are divided,
 * so that a factor above 1 always lifts an item.
 *
 * @throws InvalidOptionsError for a wrong or misspelt option
 * @example
 * ```ts
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { PopularityRecommender } from '@gnnrec/serving'
 * import { boost } from '@gnnrec/serving/rules'
 *
 * const table = fromRecords(['a1', 'a2', 'b1'].map((item) => ({ user: 'ann', item })))
 * const recommender = new PopularityRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   scores: Float32Array.of(3, 2, 1),
 * })
 * const rules = [boost({ items: ['b1'], factor: 4 })]
 * console.log(recommender.recommend('ann', { k: 2, rules, excludeSeen: false }).items) // [ 'b1', 'a1' ]
 * ```
 */
export function boost<ItemId extends Id>(options: BoostOptions<ItemId>): Rule<ItemId> {
  const { items, factor, name = `boost by ${factor}` } = parseOptions('boost', schema, options)
  const rule: ScoreRule = { name, engine, step: 'score', change: { items, factor } }
  return rule as Rule<ItemId>
}
