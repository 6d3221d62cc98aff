import { type Id, parseOptions } from '@gnnrec/graph'
import { showValue } from '@gnnrec/graph/kernels'
import * as z from 'zod/mini'
import type { Rule } from '../recommenders/rules.js'
import { engine } from './engine.js'
import type { HardRule } from './kinds.js'
import { nameSchema, numberSchema } from './option-checks.js'

/** Options of {@link pin}. */
interface PinOptions<ItemId extends Id> {
  /** The id of the item. */
  item: ItemId
  /** The place in the list, from 1. */
  place: number
  /**
   * The name in answers.
   *
   * @defaultValue such as `"Alien" at place 1`
   */
  name?: string
}

const schema = z.strictObject({
  item: z.union([z.string(), z.number()], { error: 'expected the id of an item' }),
  place: numberSchema('an integer from 1 up', (value) => Number.isInteger(value) && value >= 1),
  name: nameSchema,
})

/**
 * Makes the hard rule that an item is at a place of the list. An item that `excludeSeen`, `exclude` or `candidates` leave
 * out stays out: the rule then gives way.
 *
 * @throws InvalidOptionsError for a wrong or misspelt option
 * @example
 * ```ts
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { PopularityRecommender } from '@gnnrec/serving'
 * import { pin } from '@gnnrec/serving/rules'
 *
 * const table = fromRecords(['a1', 'a2', 'b1'].map((item) => ({ user: 'ann', item })))
 * const recommender = new PopularityRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   scores: Float32Array.of(3, 2, 1),
 * })
 * const rules = [pin({ item: 'b1', place: 1 })]
 * console.log(recommender.recommend('ann', { k: 2, rules, excludeSeen: false }).items) // [ 'b1', 'a1' ]
 * ```
 */
export function pin<ItemId extends Id>(options: PinOptions<ItemId>): Rule<ItemId> {
  const { item, place, name } = parseOptions('pin', schema, options)
  const rule: HardRule = {
    name: name ?? `${showValue(item)} at place ${place}`,
    engine,
    step: 'hard',
    bound: { item, place },
  }
  return rule as Rule<ItemId>
}
