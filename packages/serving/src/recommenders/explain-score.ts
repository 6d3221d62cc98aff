import {
  type AnsweringModel,
  type AskedHistories,
  askedHistories,
  type Person,
  type Plan,
  planOf,
} from './answer-people.js'
import type { Askers } from './best-lists.js'
import type { Explanation } from './explanation.js'
import { withoutItems } from './histories.js'

/** The abilities of a recommender that explanations take. */
export interface ExplainingModel extends AnsweringModel {
  /** See `contributions` of the base of all recommenders. */
  contributions(plan: Plan, item: number): Float64Array | 'none' | undefined
}

/** An explanation whose items are indices. */
type ExplainedScore = Omit<Explanation<number>, 'item'>

const none = () => new Int32Array()

/** Takes the score of an item for a person apart. */
export function explainScore(model: ExplainingModel, person: Person, item: number): ExplainedScore {
  const plan = planOf(model, person)
  const { source } = plan
  const score = scoreOf(model, plan, item)
  const rest = { score, source, method: 'none', contributions: [], remainder: score } as const
  if (source === 'popularity') return rest
  const exact = model.contributions(plan, item)
  if (exact === 'none') return rest
  const values = exact ?? leftOut(model, plan, item)
  const contributions = Array.from(values, (contribution, place) => ({
    item: plan.history.items[place],
    contribution,
  }))
  const sum = values.reduce((total, value) => total + value, 0)
  // Sorting keeps the order of equal ones, that of the items.
  contributions.sort((a, b) => b.contribution - a.contribution)
  return {
    score,
    source,
    method: exact ? 'exact' : 'leave-one-out',
    contributions,
    remainder: score - sum,
  }
}

/** Returns the scores of all items for a person. */
export function planScores(model: AnsweringModel, plan: Plan): Float32Array {
  if (plan.source === 'popularity') return model.popularity
  const out = new Float32Array(model.itemCount)
  askersOf(model, plan).score(0, 1, undefined, out)
  return out
}

function scoreOf(model: AnsweringModel, plan: Plan, item: number): number {
  if (plan.source === 'popularity') return model.popularity[item]
  const out = new Float32Array(1)
  askersOf(model, plan).score(0, 1, Int32Array.of(item), out)
  return out[0]
}

function askersOf(model: AnsweringModel, plan: Plan): Askers {
  return plan.source === 'trained'
    ? model.askUsers(Int32Array.of(plan.user), none)
    : model.askHistories(askedHistories([plan]), none)
}

/** Returns the change of the score of the history when each of its items is left out. */
function leftOut(model: AnsweringModel, plan: Plan, item: number): Float64Array {
  const { items } = plan.history
  const withAll = scoresOf(model, [plan], item)[0]
  const changes = new Float64Array(items.length)
  for (let first = 0; first < items.length; first += plansPerBlock) {
    const last = Math.min(first + plansPerBlock, items.length)
    const plans = Array.from(items.subarray(first, last), (left) => ({
      user: plan.user,
      history: withoutItems(plan.history, (other) => other === left),
    }))
    scoresOf(model, plans, item).forEach((score, at) => {
      changes[first + at] = withAll - score
    })
  }
  return changes
}

/** Histories that are scored together: each has as many items as there are histories. */
const plansPerBlock = 64

function scoresOf(
  model: AnsweringModel,
  plans: readonly Pick<Plan, 'user' | 'history'>[],
  item: number,
): Float32Array {
  const histories: AskedHistories = askedHistories(plans)
  const out = new Float32Array(plans.length)
  model.askHistories(histories, none).score(0, plans.length, Int32Array.of(item), out)
  return out
}
