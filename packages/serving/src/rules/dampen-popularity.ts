import { type Id, parseOptions } from '@gnnrec/graph'
import * as z from 'zod/mini'
import type { Rule } from '../recommenders/rules.js'
import { engine } from './engine.js'
import type { ScoreRule } from './kinds.js'
import { nameSchema, strengthSchema } from './option-checks.js'

/** Options of {@link dampenPopularity}. */
interface DampenPopularityOptions {
  /** The power of the numbers of users, in 0..1: 0 changes nothing. */
  strength: number
  /**
   * The name in answers.
   *
   * @defaultValue `popularity dampening`
   */
  name?: string
}

const schema = z.strictObject({ strength: strengthSchema, name: nameSchema })

/**
 * Makes the rule that scores count more for items with fewer users: with n training users of an item and N of the most
 * popular one, its score is multiplied by `((1 + N) / (1 + n)) ^ strength`, before hard and soft rules. Scores below 0
 * are divided by it.
 *
 * @throws InvalidOptionsError for a wrong or misspelt option
 * @example
 * ```ts
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { PopularityRecommender } from '@gnnrec/serving'
 * import { dampenPopularity } from '@gnnrec/serving/rules'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ben', item: 'Alien' },
 *   { user: 'ben', item: 'Brazil' },
 * ])
 * const recommender = new PopularityRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   scores: Float32Array.of(1, 0.9),
 * })
 * const rules = [dampenPopularity({ strength: 0.5 })]
 * console.log(recommender.recommendFor(['Alien'], { rules, excludeSeen: false }).items) // [ 'Brazil', 'Alien' ]
 * ```
 */
export function dampenPopularity(options: DampenPopularityOptions): Rule {
  const { strength, name = 'popularity dampening' } = parseOptions(
    'dampenPopularity',
    schema,
    options,
  )
  const factorOf = (_item: Id, users: number, most: number) =>
    ((1 + most) / (1 + users)) ** strength
  const rule: ScoreRule = { name, engine, step: 'score', change: { factorOf } }
  return rule
}
