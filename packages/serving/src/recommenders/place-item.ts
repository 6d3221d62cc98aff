import { topK } from '@gnnrec/graph'
import { type AnsweringModel, type Person, planOf } from './answer-people.js'
import { planScores } from './explain-score.js'
import type { ItemStanding } from './item-standing.js'
import type { ListRule } from './list-rule.js'

/** A standing whose items are indices. */
type Standing = Omit<ItemStanding<number>, 'item'>

/** Finds the place of an item in the list of a person, and what keeps it out. */
export function placeItem(
  model: AnsweringModel,
  person: Person,
  item: number,
  { k, excludeSeen, choice, alsoExcluded, filters }: ListRule,
): Standing {
  const plan = planOf(model, person)
  const scores = planScores(model, plan)
  const isSeen = excludeSeen && plan.met.includes(item)
  const isCandidate = choice.candidates?.includes(item) ?? true
  const isExcluded =
    filters.exclude?.hasIndex(item) || choice.excluded.includes(item) || alsoExcluded.includes(item)
  const leftOut = isSeen ? 'seen' : isExcluded ? 'excluded' : isCandidate ? null : 'not a candidate'
  const ruling = {
    excluded: filters.exclude,
    'not a candidate': filters.candidates,
    seen: undefined,
  }
  const filter = leftOut ? ruling[leftOut]?.nameFor(item) : undefined
  const allowed = new Uint8Array(model.itemCount).fill(choice.candidates ? 0 : 1)
  for (const candidate of choice.candidates ?? []) allowed[candidate] = 1
  for (const excluded of choice.excluded) allowed[excluded] = 0
  for (const excluded of alsoExcluded) allowed[excluded] = 0
  if (excludeSeen) for (const met of plan.met) allowed[met] = 0
  let rank = 1
  for (let other = 0; other < scores.length; other++) {
    if (allowed[other] === 0 || other === item) continue
    if (scores[other] > scores[item] || (scores[other] === scores[item] && other < item)) rank++
  }
  const banned = Int32Array.from(allowed.keys()).filter((other) => allowed[other] === 0)
  const best = topK(scores, k, banned)
  const end = best.items.length - 1
  const last = end < 0 ? null : { item: best.items[end], score: best.scores[end] }
  return {
    score: scores[item],
    source: plan.source,
    leftOut,
    ...(filter !== undefined && { filter }),
    rank,
    last,
    gap: last && scores[item] - last.score,
  }
}
