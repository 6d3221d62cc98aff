import { type Id, parseOptions } from '@gnnrec/graph'
import * as z from 'zod/mini'
import type { Rule } from '../recommenders/rules.js'
import { engine } from './engine.js'
import type { Grouping, HardRule } from './kinds.js'
import { groupingSchema, nameSchema, numberSchema } from './option-checks.js'

/** Options of {@link maxPerGroup}. */
interface MaxPerGroupOptions<ItemId extends Id> {
  /**
   * The groups of an item, such as its brand or its genres; an item without any is not counted. Give the same function to
   * all rules on the same groups.
   */
  by: Grouping<ItemId>
  /** Most items of one group, an integer from 1 up. */
  most: number
  /**
   * The name in answers.
   *
   * @defaultValue such as `at most 2 per group`
   */
  name?: string
}

const schema = z.strictObject({
  by: groupingSchema,
  most: numberSchema('an integer from 1 up', (value) => Number.isInteger(value) && value >= 1),
  name: nameSchema,
})

/**
 * Makes the hard rule that a list holds at most so many items of each group, such as two of a brand. Where too few
 * groups are left, the list becomes shorter.
 *
 * @throws InvalidOptionsError for a wrong or misspelt option
 * @example
 * ```ts
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { PopularityRecommender } from '@gnnrec/serving'
 * import { maxPerGroup } from '@gnnrec/serving/rules'
 *
 * const table = fromRecords(['a1', 'a2', 'b1'].map((item) => ({ user: 'ann', item })))
 * const recommender = new PopularityRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   scores: Float32Array.of(3, 2, 1),
 * })
 * const rules = [maxPerGroup({ by: (item: string) => item[0], most: 1 })]
 * console.log(recommender.recommend('ann', { k: 2, rules, excludeSeen: false }).items) // [ 'a1', 'b1' ]
 * ```
 */
export function maxPerGroup<ItemId extends Id>(options: MaxPerGroupOptions<ItemId>): Rule<ItemId> {
  const {
    by,
    most,
    name = `at most ${most} per group`,
  } = parseOptions('maxPerGroup', schema, options)
  const rule: HardRule = { name, engine, step: 'hard', bound: { by: by as Grouping, most } }
  return rule as Rule<ItemId>
}
