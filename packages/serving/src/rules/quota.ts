import { type Id, InvalidOptionsError, parseOptions } from '@gnnrec/graph'
import { showValue } from '@gnnrec/graph/kernels'
import * as z from 'zod/mini'
import type { Rule } from '../recommenders/rules.js'
import { engine } from './engine.js'
import type { Amount, Group, Grouping, HardRule } from './kinds.js'
import { amountSchema, groupingSchema, groupSchema, nameSchema } from './option-checks.js'

/** Options of {@link quota}. */
interface QuotaOptions<ItemId extends Id> {
  /** The groups of an item. Give the same function to all rules on the same groups. */
  by: Grouping<ItemId>
  /** The group that counts, compared with `===`. */
  group: Group
  /**
   * Fewest items of the group: a number, or a share of the list, rounded up.
   *
   * @defaultValue `0`
   */
  atLeast?: Amount
  /**
   * Most items of the group: a number, or a share of the list, rounded down.
   *
   * @defaultValue the whole list
   */
  atMost?: Amount
  /**
   * The name in answers.
   *
   * @defaultValue such as `at least 3 of "local"`
   */
  name?: string
}

const schema = z.strictObject({
  by: groupingSchema,
  group: groupSchema,
  atLeast: z.optional(amountSchema),
  atMost: z.optional(amountSchema),
  name: nameSchema,
})

/**
 * Makes the hard rule that a list holds at least or at most a number or a share of items of a group, such as three local
 * ones or half of the list. Shares are those of the list as long as it becomes.
 *
 * @throws InvalidOptionsError for a wrong or misspelt option, and when neither bound is given
 * @example
 * ```ts
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { PopularityRecommender } from '@gnnrec/serving'
 * import { quota } from '@gnnrec/serving/rules'
 *
 * const table = fromRecords(['a1', 'a2', 'b1'].map((item) => ({ user: 'ann', item })))
 * const recommender = new PopularityRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   scores: Float32Array.of(3, 2, 1),
 * })
 * const rules = [quota({ by: (item: string) => item[0], group: 'b', atLeast: { share: 0.5 } })]
 * console.log(recommender.recommend('ann', { k: 2, rules, excludeSeen: false }).items) // [ 'a1', 'b1' ]
 * ```
 */
export function quota<ItemId extends Id>(options: QuotaOptions<ItemId>): Rule<ItemId> {
  const { by, group, atLeast, atMost, name } = parseOptions('quota', schema, options)
  if (atLeast === undefined && atMost === undefined) {
    throw new InvalidOptionsError('quota: got neither atLeast nor atMost; expected one or both.')
  }
  const words = [
    ...(atLeast === undefined ? [] : [`at least ${show(atLeast)}`]),
    ...(atMost === undefined ? [] : [`at most ${show(atMost)}`]),
  ]
  const rule: HardRule = {
    name: name ?? `${words.join(' and ')} of ${showValue(group)}`,
    engine,
    step: 'hard',
    bound: { by: by as Grouping, group, atLeast: atLeast ?? 0, atMost: atMost ?? { share: 1 } },
  }
  return rule as Rule<ItemId>
}

const show = (amount: Amount) =>
  typeof amount === 'number' ? `${amount}` : `a share of ${amount.share}`
