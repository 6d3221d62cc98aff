import type { InteractionLists } from '@gnnrec/graph'
import type { BestItems } from './best-items.js'
import { type Askers, bestLists } from './best-lists.js'
import { type ColdNodes, popularItems } from './cold-start.js'
import { joinHistories, type KnownHistory, withoutItems } from './histories.js'
import type { ListRule } from './list-rule.js'
import { union } from './list-selection.js'
import type { AnswerSource } from './recommendation.js'
import { ruledLists } from './ruled-lists.js'
import type { ListMaker, RuledItems, RuleReport } from './rules.js'

/** Histories that are answered together. */
export interface AskedHistories extends InteractionLists {
  /** Index of the trained user whose history each one extends, -1 for nobody. */
  readonly users: Int32Array
}

/** A person who is asked for. */
export interface Person {
  /** Index of the user, -1 for somebody who was not in training. */
  readonly user: number
  /** The items that the person met beside those of training. */
  readonly history?: KnownHistory | undefined
}

/** The list of a person. */
export interface Answer {
  readonly best: BestItems
  readonly source: AnswerSource
  /** Number of items of the given history that did not count. */
  readonly ignored: number
  /** The effect of the rules, if there were any. */
  readonly rules?: RuleReport
}

/** The abilities of a recommender that answers take. */
export interface AnsweringModel {
  readonly itemCount: number
  readonly seen: InteractionLists
  readonly popularity: Float32Array
  readonly cold: ColdNodes | undefined
  /** Makes askers of users of training. */
  askUsers(users: Int32Array, excludeOf: (place: number) => Int32Array): Askers
  /** Makes askers of histories. @throws NotSupportedError when the kind or the folder cannot answer for them */
  askHistories(histories: AskedHistories, excludeOf: (place: number) => Int32Array): Askers
}

/** Most histories that are answered together: what is computed of each of them is in memory. */
const historiesPerBlock = 1024
const nothing = new Int32Array()

/** The way in which a person is answered. */
export interface Plan {
  readonly source: AnswerSource
  /** Index of the user, -1 for somebody who was not in training. */
  readonly user: number
  /** The items that count, those of training among them. */
  readonly history: KnownHistory
  /** All items that the person met, ascending. */
  readonly met: Int32Array
}

/** A plan and its place among those who are asked for. */
type PlacedPlan = Plan & { readonly place: number }

/** Decides how a person is answered. */
export function planOf(
  { seen, cold }: Pick<AnsweringModel, 'seen' | 'cold'>,
  { user, history }: Person,
): Plan {
  const stored = user >= 0 ? storedHistory(seen, user) : undefined
  if (stored && (!history || !addsTo(stored, history))) {
    const source = cold?.has('users', user) ? 'popularity' : 'trained'
    const known = { ...stored, unknown: history?.unknown ?? 0 }
    return { source, user, history: known, met: stored.items }
  }
  const given = history ?? { items: nothing, unknown: 0 }
  const met = stored ? joinHistories(stored, given) : given
  const known = withoutItems(met, (item) => cold?.has('items', item) ?? false)
  const source = known.items.length > 0 ? 'folded-in' : 'popularity'
  return { source, user, history: known, met: met.items }
}

/**
 * Makes the lists of people: by the model for users of training and for histories that it can tell something from, by
 * popularity for others.
 */
export function answerPeople(
  model: AnsweringModel,
  people: readonly Person[],
  rule: ListRule,
  make?: ListMaker,
): Answer[] {
  const answers = new Array<Answer>(people.length)
  const trained: PlacedPlan[] = []
  const folded: PlacedPlan[] = []
  people.forEach((person, place) => {
    const plan = { ...planOf(model, person), place }
    if (plan.source === 'trained') trained.push(plan)
    else if (plan.source === 'folded-in') folded.push(plan)
    else {
      answers[place] = { ...popularAnswer(model, plan, rule, make), ignored: plan.history.unknown }
    }
  })
  const askTrained = (plans: readonly PlacedPlan[], excludeOf: (at: number) => Int32Array) =>
    model.askUsers(
      Int32Array.from(plans, ({ user }) => user),
      excludeOf,
    )
  const askFolded = (plans: readonly PlacedPlan[], excludeOf: (at: number) => Int32Array) =>
    model.askHistories(askedHistories(plans), excludeOf)
  answerPlans(model, trained, askTrained, rule, make, answers)
  for (let first = 0; first < folded.length; first += historiesPerBlock) {
    answerPlans(
      model,
      folded.slice(first, first + historiesPerBlock),
      askFolded,
      rule,
      make,
      answers,
    )
  }
  return answers
}

function answerPlans(
  { itemCount }: AnsweringModel,
  plans: readonly PlacedPlan[],
  ask: (plans: readonly PlacedPlan[], excludeOf: (at: number) => Int32Array) => Askers,
  rule: ListRule,
  make: ListMaker | undefined,
  answers: Answer[],
): void {
  const askers = ask(plans, (at) => leftOutOf(plans[at], rule))
  const histories = plans.map(({ history }) => history)
  const lists = make
    ? ruledLists(askers, histories, rule, make, itemCount).map(answerOf)
    : bestLists(askers, rule, itemCount).map((best) => ({ best }))
  lists.forEach((list, at) => {
    const { place, source, history } = plans[at]
    answers[place] = { ...list, source, ignored: history.unknown }
  })
}

/** Answers by popularity. */
function popularAnswer(
  { popularity }: AnsweringModel,
  plan: Plan,
  rule: ListRule,
  make: ListMaker | undefined,
): Omit<Answer, 'ignored'> {
  const exclude = leftOutOf(plan, rule)
  if (!make) {
    return { best: popularItems(popularity, rule.k, exclude, rule.choice), source: 'popularity' }
  }
  const list = make({ scores: popularity, exclude, chosen: rule, history: plan.history })
  return { ...answerOf(list), source: 'popularity' }
}

function answerOf({ report, ...best }: RuledItems): Pick<Answer, 'best' | 'rules'> {
  return { best, rules: report }
}

/** Returns the ascending items that are left out for a person beside the choice for everybody. */
function leftOutOf(
  { met }: Pick<Plan, 'met'>,
  { excludeSeen, alsoExcluded }: ListRule,
): Int32Array {
  return excludeSeen ? union(met, alsoExcluded) : alsoExcluded
}

/** Joins histories into lists. */
export function askedHistories(plans: readonly Pick<Plan, 'user' | 'history'>[]): AskedHistories {
  const pointers = new Int32Array(plans.length + 1)
  plans.forEach(({ history }, at) => {
    pointers[at + 1] = pointers[at] + history.items.length
  })
  const total = pointers[plans.length]
  const items = new Int32Array(total)
  const isWeighted = plans.some(({ history }) => history.weights !== undefined)
  const weights = isWeighted ? new Float32Array(total).fill(1) : undefined
  plans.forEach(({ history }, at) => {
    items.set(history.items, pointers[at])
    if (history.weights) weights?.set(history.weights, pointers[at])
  })
  return {
    pointers,
    items,
    ...(weights && { weights }),
    users: Int32Array.from(plans, ({ user }) => user),
  }
}

function storedHistory({ pointers, items, weights }: InteractionLists, user: number): KnownHistory {
  const [start, end] = [pointers[user], pointers[user + 1]]
  return {
    items: items.subarray(start, end),
    ...(weights && { weights: weights.subarray(start, end) }),
    unknown: 0,
  }
}

/** Returns true when a later history changes a stored one. */
function addsTo(stored: KnownHistory, later: KnownHistory): boolean {
  if (later.weights) return later.items.length > 0
  const known = new Set(stored.items)
  return later.items.some((item) => !known.has(item))
}
