import { type Id, InvalidOptionsError, parseOptions } from '@gnnrec/graph'
import { showValue } from '@gnnrec/graph/kernels'
import * as z from 'zod/mini'
import type { FunctionOfItem } from '../recommenders/recommend-options.js'
import type { Rule } from '../recommenders/rules.js'
import { engine } from './engine.js'
import type { ScoreRule } from './kinds.js'
import { functionSchema, nameSchema, numberSchema } from './option-checks.js'

/** Options of {@link freshness}. */
interface FreshnessOptions<ItemId extends Id> {
  /** The time at which an item appeared, in any unit; undefined counts as the oldest. */
  time: FunctionOfItem<ItemId, number | undefined>
  /** The present time, in this unit. Items of later times are as fresh as can be. */
  now: number
  /** The age at which a score counts half, above 0. */
  halfLife: number
  /**
   * The factor of the oldest items, above 0 and at most 1.
   *
   * @defaultValue `0.1`
   */
  least?: number
  /**
   * The name in answers.
   *
   * @defaultValue `freshness`
   */
  name?: string
}

const schema = z.strictObject({
  time: functionSchema<FunctionOfItem<Id, number | undefined>>(
    'expected a function that returns the time of an item, or undefined',
  ),
  now: numberSchema('a finite number', () => true),
  halfLife: numberSchema('a number above 0', (value) => value > 0),
  least: z._default(
    numberSchema('a number above 0 and at most 1', (value) => value > 0 && value <= 1),
    0.1,
  ),
  name: nameSchema,
})

/**
 * Makes the rule that scores decay with the age of items: each is multiplied by `max(least, 0.5 ^ (age / halfLife))`,
 * before hard and soft rules. Scores below 0 are divided by it.
 *
 * @throws InvalidOptionsError for a wrong or misspelt option
 * @example
 * ```ts
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { PopularityRecommender } from '@gnnrec/serving'
 * import { freshness } from '@gnnrec/serving/rules'
 *
 * const table = fromRecords(['a1', 'a2', 'b1'].map((item) => ({ user: 'ann', item })))
 * const recommender = new PopularityRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   scores: Float32Array.of(3, 2, 1),
 * })
 * const years = new Map([['a1', 1979], ['a2', 1985], ['b1', 2024]])
 * const rules = [freshness({ time: (item: string) => years.get(item), now: 2026, halfLife: 10 })]
 * console.log(recommender.recommend('ann', { k: 2, rules, excludeSeen: false }).items) // [ 'b1', 'a1' ]
 * ```
 */
export function freshness<ItemId extends Id>(options: FreshnessOptions<ItemId>): Rule<ItemId> {
  const {
    time,
    now,
    halfLife,
    least,
    name = 'freshness',
  } = parseOptions('freshness', schema, options)
  const factorOf = (item: Id) => {
    const at: unknown = time(item)
    if (at === undefined || at === null) return least
    if (typeof at !== 'number' || Number.isNaN(at)) {
      const got = typeof at === 'number' ? 'NaN' : showValue(at)
      throw new InvalidOptionsError(
        `freshness: time returned ${got} for item ${showValue(item)}; expected a number or undefined.`,
      )
    }
    return Math.max(least, 0.5 ** (Math.max(0, now - at) / halfLife))
  }
  const rule: ScoreRule = { name, engine, step: 'score', change: { factorOf } }
  return rule as Rule<ItemId>
}
