import { type IdMap, NonFiniteError } from '@gnnrec/graph'
import { showValue } from '@gnnrec/graph/kernels'
import { checkCatalogue, ItemFilter } from '../recommenders/item-filter.js'
import { makeFilter } from '../recommenders/make-filter.js'
import type { RuleSetting } from '../recommenders/rules.js'
import type { ScoreRule } from './kinds.js'

/** Items and the factors on their scores. */
interface Factors {
  readonly items: IdMap
  readonly popularity: Float32Array
  readonly unknownIds: 'error' | 'skip'
  /** The items whose scores change, ascending; all when undefined. */
  readonly indices: Int32Array | undefined
  /** One factor for all of these, or one for each item. */
  readonly factor: number | Float64Array
}

/** The factors of rules that were asked for before. */
const kept = new WeakMap<ScoreRule, Factors>()

/** Looks up the factors of a rule. */
export function factorsOf(rule: ScoreRule, setting: RuleSetting): Factors {
  const { items, popularity, unknownIds } = setting
  const known = kept.get(rule)
  const isSame =
    known?.items === items && known.popularity === popularity && known.unknownIds === unknownIds
  if (known && isSame) return known
  const factors = { items, popularity, unknownIds, ...makeFactors(rule, setting) }
  kept.set(rule, factors)
  return factors
}

function makeFactors(
  { name, change }: ScoreRule,
  { items, popularity, unknownIds }: RuleSetting,
): Pick<Factors, 'indices' | 'factor'> {
  if ('items' in change) {
    const given = change.items
    if (given instanceof ItemFilter) checkCatalogue(name, given, items)
    const filter = given instanceof ItemFilter ? given : makeFilter(items, given, { unknownIds })
    return { indices: filter.indices, factor: change.factor }
  }
  const most = popularity.reduce((largest, users) => Math.max(largest, users), 0)
  const factor = Float64Array.from(items.ids, (id, item) =>
    change.factorOf(id, popularity[item], most),
  )
  return { indices: undefined, factor }
}

/** Multiplies scores by factors; those below 0 are divided, so that a larger factor always lifts an item. */
export function applyFactors(scores: Float32Array, { indices, factor }: Factors): void {
  const count = indices?.length ?? scores.length
  for (let at = 0; at < count; at++) {
    const item = indices ? indices[at] : at
    const by = typeof factor === 'number' ? factor : factor[item]
    scores[item] = scores[item] < 0 ? scores[item] / by : scores[item] * by
  }
}

/** @throws NonFiniteError naming the first item whose score is NaN or infinite */
export function checkScores(scores: Float32Array, items: IdMap, cause: string): void {
  let bad = 0
  while (bad < scores.length && Number.isFinite(scores[bad])) bad++
  if (bad === scores.length) return
  throw new NonFiniteError(
    `The score of item ${showValue(items.idOf(bad))} is ${scores[bad]}; expected a finite number. ${cause}`,
  )
}
