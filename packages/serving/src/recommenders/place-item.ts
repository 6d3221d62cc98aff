import { topK } from '@gnnrec/graph'
import { type AnsweringModel, type Person, type Plan, planOf } from './answer-people.js'
import { planScores } from './explain-score.js'
import type { ItemStanding } from './item-standing.js'
import type { ListRule } from './list-rule.js'

/** A standing whose items are indices. */
type Standing = Omit<ItemStanding<number>, 'item' | 'lifts'>

/** Finds the place of an item in the list of a person, and what keeps it out. */
export function placeItem(
  model: AnsweringModel,
  person: Person,
  item: number,
  rule: ListRule,
): Standing {
  const { excludeSeen, choice, alsoExcluded, filters } = rule
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
  return {
    score: scores[item],
    source: plan.source,
    leftOut,
    ...(filter !== undefined && { filter }),
    ...placeAmong(scores, item, allowedItems(model, plan, rule), rule.k),
  }
}

/** Marks the items that may be in the list of a person. */
export function allowedItems(
  { itemCount }: Pick<AnsweringModel, 'itemCount'>,
  { met }: Pick<Plan, 'met'>,
  { excludeSeen, choice, alsoExcluded }: ListRule,
): Uint8Array {
  const allowed = new Uint8Array(itemCount).fill(choice.candidates ? 0 : 1)
  for (const candidate of choice.candidates ?? []) allowed[candidate] = 1
  for (const excluded of choice.excluded) allowed[excluded] = 0
  for (const excluded of alsoExcluded) allowed[excluded] = 0
  if (excludeSeen) for (const one of met) allowed[one] = 0
  return allowed
}

/** Returns true when an item comes before another one in lists. */
export function standsBefore(scores: Float32Array, item: number, other: number): boolean {
  return scores[item] > scores[other] || (scores[item] === scores[other] && item < other)
}

/** Finds the place of an item among those that are marked, and the last place of a list of them. */
export function placeAmong(
  scores: Float32Array,
  item: number,
  allowed: Uint8Array,
  k: number,
): Pick<Standing, 'rank' | 'last' | 'gap'> {
  const banned = new Int32Array(allowed.length)
  let bannedCount = 0
  let rank = 1
  for (let other = 0; other < scores.length; other++) {
    if (allowed[other] === 0) banned[bannedCount++] = other
    if (allowed[other] === 0 || other === item) continue
    if (standsBefore(scores, other, item)) rank++
  }
  const best = topK(scores, k, banned.subarray(0, bannedCount))
  const end = best.items.length - 1
  const last = end < 0 ? null : { item: best.items[end], score: best.scores[end] }
  return { rank, last, gap: last && scores[item] - last.score }
}
