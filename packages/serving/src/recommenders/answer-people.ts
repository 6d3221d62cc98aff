import type { InteractionLists } from '@gnnrec/graph'
import type { BestItems } from './best-items.js'
import { type Askers, bestLists } from './best-lists.js'
import { type ColdNodes, popularItems } from './cold-start.js'
import { joinHistories, type KnownHistory, withoutItems } from './histories.js'
import type { ListRule } from './list-rule.js'
import type { AnswerSource } from './recommendation.js'

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

/** A person with a history that the model answers for. */
interface Folded {
  readonly place: number
  readonly user: number
  readonly history: KnownHistory
  readonly exclude: Int32Array
}

/**
 * Makes the lists of people: by the model for users of training and for histories that it can tell something from, by
 * popularity for others.
 */
export function answerPeople(
  model: AnsweringModel,
  people: readonly Person[],
  rule: ListRule,
): Answer[] {
  const answers = new Array<Answer>(people.length)
  const trained: number[] = []
  const folded: Folded[] = []
  people.forEach(({ user, history }, place) => {
    const stored = user >= 0 ? storedHistory(model.seen, user) : undefined
    if (stored && (!history || !addsTo(stored, history))) {
      trained.push(place)
      return
    }
    const given = history ?? { items: nothing, unknown: 0 }
    const met = stored ? joinHistories(stored, given) : given
    const known = withoutItems(met, (item) => model.cold?.has('items', item) ?? false)
    const exclude = rule.excludeSeen ? met.items : nothing
    if (known.items.length > 0) folded.push({ place, user, history: known, exclude })
    else {
      const best = popularItems(model.popularity, rule.k, exclude, rule.choice)
      answers[place] = { best, source: 'popularity', ignored: known.unknown }
    }
  })
  answerTrained(model, people, trained, rule, answers)
  for (let first = 0; first < folded.length; first += historiesPerBlock) {
    answerFolded(model, folded.slice(first, first + historiesPerBlock), rule, answers)
  }
  return answers
}

function answerTrained(
  model: AnsweringModel,
  people: readonly Person[],
  places: readonly number[],
  rule: ListRule,
  answers: Answer[],
): void {
  const { pointers, items } = model.seen
  const users = Int32Array.from(places, (place) => people[place].user)
  const excludeOf = (at: number) =>
    rule.excludeSeen ? items.subarray(pointers[users[at]], pointers[users[at] + 1]) : nothing
  const lists = bestLists(model.askUsers(users, excludeOf), rule, model.itemCount)
  lists.forEach((best, at) => {
    const source = model.cold?.has('users', users[at]) ? 'popularity' : 'trained'
    answers[places[at]] = { best, source, ignored: people[places[at]].history?.unknown ?? 0 }
  })
}

function answerFolded(
  model: AnsweringModel,
  folded: readonly Folded[],
  rule: ListRule,
  answers: Answer[],
): void {
  const askers = model.askHistories(askedHistories(folded), (at) => folded[at].exclude)
  bestLists(askers, rule, model.itemCount).forEach((best, at) => {
    const { place, history } = folded[at]
    answers[place] = { best, source: 'folded-in', ignored: history.unknown }
  })
}

function askedHistories(folded: readonly Folded[]): AskedHistories {
  const pointers = new Int32Array(folded.length + 1)
  folded.forEach(({ history }, at) => {
    pointers[at + 1] = pointers[at] + history.items.length
  })
  const total = pointers[folded.length]
  const items = new Int32Array(total)
  const isWeighted = folded.some(({ history }) => history.weights !== undefined)
  const weights = isWeighted ? new Float32Array(total).fill(1) : undefined
  folded.forEach(({ history }, at) => {
    items.set(history.items, pointers[at])
    if (history.weights) weights?.set(history.weights, pointers[at])
  })
  return {
    pointers,
    items,
    ...(weights && { weights }),
    users: Int32Array.from(folded, ({ user }) => user),
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
