import { topK } from '@gnnrec/graph'
import {
  type AnsweringModel,
  askedHistories,
  type Person,
  type Plan,
  planOf,
} from './answer-people.js'
import { scoresPerBlock } from './best-lists.js'
import { planScores } from './explain-score.js'
import { joinHistories } from './histories.js'
import type { Lifts } from './item-standing.js'
import type { ListRule } from './list-rule.js'
import { allowedItems, placeAmong, standsBefore } from './place-item.js'
import { mostLifts } from './recommend-options.js'

/** The items that could raise another one. */
export interface LiftingItems {
  /** `'exact'` when the numbers order the items by what they add to the score, `'tried'` when they only guess it. */
  readonly method: 'exact' | 'tried'
  /** A number for each item, the larger the more it raises the other one; -Infinity for one that does not. */
  readonly values: Float32Array
}

/** The abilities of a recommender that finding such items takes. */
export interface LiftingModel extends AnsweringModel {
  /** Returns the items that could raise one; undefined when no item of a history can. */
  liftingItems(item: number): LiftingItems | undefined
}

const nothing = new Int32Array()
const noLifts: Lifts<number> = { method: 'none', tried: 0, items: [] }

/**
 * Finds the items that raise another one most once a person has met them too, each by the list that the person then
 * gets. An item that stood before it and leaves the list, as met items do, does not raise it by that alone.
 *
 * @param rank - rank of the item now
 * @param count - number of items wanted
 */
export function liftItem(
  model: LiftingModel,
  person: Person,
  { item, rank }: { readonly item: number; readonly rank: number },
  rule: ListRule,
  count: number,
): Lifts<number> {
  const lifting = count > 0 ? model.liftingItems(item) : undefined
  if (!lifting) return noLifts
  const { values, method } = lifting
  const plan = planOf(model, person)
  for (let other = 0; other < values.length; other++) {
    const isCold = model.cold?.has('items', other)
    if (isCold || Number.isNaN(values[other])) values[other] = Number.NEGATIVE_INFINITY
  }
  for (const other of plan.met) values[other] = Number.NEGATIVE_INFINITY
  const best = topK(values, Math.min(mostLifts, values.length), [item])
  const tried = best.items.filter((_, place) => best.scores[place] > Number.NEGATIVE_INFINITY)
  const given = person.history ?? { items: nothing, unknown: 0 }
  const plans = Array.from(tried, (other) => {
    const history = joinHistories(given, { items: Int32Array.of(other), unknown: 0 })
    return planOf(model, { user: person.user, history })
  })
  const before = planScores(model, plan)
  const allowedBefore = allowedItems(model, plan, rule)
  const lifts: Lifts<number>['items'][number][] = []
  forScores(model, plans, (scores, at) => {
    const other = tried[at]
    const allowed = allowedItems(model, plans[at], rule)
    const leaves = allowedBefore[other] > allowed[other] && standsBefore(before, other, item)
    const { last: _, ...place } = placeAmong(scores, item, allowed, rule.k)
    const rises = place.rank < rank - 1 || scores[item] > before[item]
    if (place.rank < rank && (!leaves || rises)) {
      lifts.push({ item: other, score: scores[item], ...place })
    }
  })
  // Sorting keeps the order of equal ones, in which they add to the score.
  lifts.sort((a, b) => a.rank - b.rank)
  return { method, tried: tried.length, items: lifts.slice(0, count) }
}

/** Hands out the scores of all items for each of some histories; as many are in memory as 4 MB hold. */
function forScores(
  model: AnsweringModel,
  plans: readonly Plan[],
  take: (scores: Float32Array, at: number) => void,
): void {
  const { itemCount } = model
  const perBlock = Math.max(1, Math.min(plans.length, Math.floor(scoresPerBlock / itemCount)))
  const askers = model.askHistories(askedHistories(plans), () => nothing)
  const scores = new Float32Array(perBlock * itemCount)
  for (let first = 0; first < plans.length; first += perBlock) {
    const last = Math.min(first + perBlock, plans.length)
    askers.score(first, last, undefined, scores)
    for (let at = first; at < last; at++) {
      take(scores.subarray((at - first) * itemCount, (at - first + 1) * itemCount), at)
    }
  }
}
