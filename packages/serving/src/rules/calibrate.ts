import { type Id, parseOptions } from '@gnnrec/graph'
import * as z from 'zod/mini'
import type { Rule } from '../recommenders/rules.js'
import { engine } from './engine.js'
import type { Grouping, SoftRule } from './kinds.js'
import {
  amongSchema,
  groupingSchema,
  nameSchema,
  numberSchema,
  strengthSchema,
} from './option-checks.js'

/** Options of {@link calibrate}. */
interface CalibrateOptions<ItemId extends Id> {
  /** The groups of an item, such as its genres, which share it equally. */
  by: Grouping<ItemId>
  /** The weight of calibration, in 0..1: 0 changes nothing, 1 leaves scores out of account. */
  strength: number
  /**
   * The share of the person's own mix that is added to that of the list, above 0 and below 1, so that the divergence stays
   * finite.
   *
   * @defaultValue `0.01`
   */
  smoothing?: number
  /**
   * Number of the best items from which the list is chosen, an integer from 1 up.
   *
   * @defaultValue ten times the length of the list, at least 100
   */
  among?: number
  /**
   * The name in answers.
   *
   * @defaultValue `calibration`
   */
  name?: string
}

const schema = z.strictObject({
  by: groupingSchema,
  strength: strengthSchema,
  smoothing: z._default(
    numberSchema('a number above 0 and below 1', (value) => value > 0 && value < 1),
    0.01,
  ),
  among: amongSchema,
  name: nameSchema,
})

/**
 * Makes the rule that the mix of groups in a list is near to that of the person's own items (Steck 2018, Calibrated
 * Recommendations): places are filled greedily by the largest `(1 - strength) · relevance - strength · KL(p || q)`, where
 * relevance is the score scaled to 0..1 among the candidates, p is the mix of the person's items by their weights, and q that
 * of the list with the item, smoothed by p. It changes nothing for a person without items in any group.
 *
 * @throws InvalidOptionsError for a wrong or misspelt option
 * @example
 * ```ts
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { PopularityRecommender } from '@gnnrec/serving'
 * import { calibrate } from '@gnnrec/serving/rules'
 *
 * const table = fromRecords(['a1', 'a2', 'b1', 'b2'].map((item) => ({ user: 'ann', item })))
 * const recommender = new PopularityRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   scores: Float32Array.of(3, 2, 1, 0.5),
 * })
 * const rules = [calibrate({ strength: 0.8, by: (item: string) => item[0] })]
 * console.log(recommender.recommendFor(['b2'], { k: 1, rules }).items) // [ 'b1' ]
 * ```
 */
export function calibrate<ItemId extends Id>(options: CalibrateOptions<ItemId>): Rule<ItemId> {
  const {
    by,
    strength,
    smoothing,
    among,
    name = 'calibration',
  } = parseOptions('calibrate', schema, options)
  const rule: SoftRule = {
    name,
    engine,
    step: 'soft',
    strength,
    among,
    aim: { alike: 'mix', by: by as Grouping, smoothing },
  }
  return rule as Rule<ItemId>
}
