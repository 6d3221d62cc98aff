import { topK } from '@gnnrec/graph'
import type {
  ListMaker,
  RuledItems,
  RuledPerson,
  RuleEngine,
  RuleSetting,
} from '../recommenders/rules.js'
import { leaveOut } from '../recommenders/similar-nodes.js'
import { applyFactors, checkScores, factorsOf } from './adjust-scores.js'
import { checkRules, pinnedItems } from './check-rules.js'
import { type Choice, choose } from './choose.js'
import { GroupTable } from './group-table.js'
import type { HardRule, KnownRule, ScoreRule, SoftRule } from './kinds.js'
import { defaultAmong, orderList } from './order-list.js'
import { makeProblem, type Problem } from './problem.js'

/** Fewest candidates that hard rules choose from. */
const fewestCandidates = 50
/** Growth of the number of candidates while rules are missed. */
const growth = 4

/**
 * Applies rules in this order: those that change scores; hard ones, which choose the items; soft ones, which change the
 * choice and its order where no hard rule is missed by more; pins, which are put at their places.
 */
export const engine: RuleEngine = {
  prepare(given, setting): ListMaker {
    const rules = given as readonly KnownRule[]
    checkRules(rules, setting)
    const factors = rules
      .filter((rule): rule is ScoreRule => rule.step === 'score')
      .map((rule) => factorsOf(rule, setting))
    const hard = rules.filter((rule): rule is HardRule => rule.step === 'hard')
    const soft = rules.filter((rule): rule is SoftRule => rule.step === 'soft')
    const pins = pinnedItems(hard, setting)
    const tables = new Map<HardRule, GroupTable>()
    for (const rule of hard) {
      if ('by' in rule.bound) tables.set(rule, GroupTable.of(rule.bound.by, setting.items))
    }
    return (person) => {
      const scores = person.scores.slice()
      checkScores(scores, setting.items, 'The model has diverged, or its numbers are too large.')
      for (const one of factors) applyFactors(scores, one)
      checkScores(scores, setting.items, 'The rules change it by too large or too small a factor.')
      return makeList({ hard, soft, pins, tables }, scores, person, setting)
    }
  },
}

/** Rules by their steps, and what was looked up for them. */
interface SortedRules {
  readonly hard: readonly HardRule[]
  readonly soft: readonly SoftRule[]
  readonly pins: ReadonlyMap<HardRule, number>
  readonly tables: ReadonlyMap<HardRule, GroupTable>
}

/** @param scores - the changed scores of all items; they are changed */
function makeList(
  { hard, soft, pins, tables }: SortedRules,
  scores: Float32Array,
  person: RuledPerson,
  setting: RuleSetting,
): RuledItems {
  const { k, items } = setting
  leaveOut(scores, person.chosen)
  for (const item of person.exclude) scores[item] = Number.NEGATIVE_INFINITY
  const allowed = [...pins.values()].filter(
    (item) => item >= 0 && scores[item] > Number.NEGATIVE_INFINITY,
  )
  let size = Math.max(fewestCandidates, growth * k)
  for (const { among } of soft) size = Math.max(size, among ?? defaultAmong(k))
  for (;;) {
    const candidates = bestOf(scores, Math.min(size, items.size), allowed)
    const placeAmong = new Map(Array.from(candidates, (item, place) => [item, place]))
    const pinnedAt = (rule: HardRule) => placeAmong.get(pins.get(rule) ?? -1) ?? -1
    const own = Float32Array.from(candidates, (item) => scores[item])
    const problem = makeProblem(hard, tables, candidates, own, pinnedAt)
    const choice = choose(problem, k)
    const isAll = size >= items.size || candidates.length < size
    if (!isAll && !isKept(choice, problem, k)) {
      size *= growth
      continue
    }
    const placeOf = new Map(
      [...pins.keys()].map((rule) => [pinnedAt(rule), placeInList(rule)] as const),
    )
    const list = orderList(problem, choice, soft, placeOf, person, setting)
    const missed = choice.missed.map((number, rule) => {
      const pin = pinnedAt(hard[rule])
      // A pin that is in the list but not at its place is missed, too.
      return number === 0 && pin >= 0 && list[placeInList(hard[rule])] !== pin ? 1 : number
    })
    const found = Int32Array.from(list, (place) => candidates[place])
    return {
      items: found,
      scores: Float32Array.from(found, (item) => person.scores[item]),
      report: {
        gaveWay: hard
          .map(({ name }, rule) => ({ rule: name, by: missed[rule] }))
          .filter(({ by }) => by > 0),
        shortenedBy: hard.filter((_, rule) => choice.shortenedBy.has(rule)).map(({ name }) => name),
        isExact: choice.isExact,
      },
    }
  }
}

/** Returns true when the list is whole and further candidates can keep no rule better. */
function isKept({ places, missed }: Choice, { rules }: Problem, k: number): boolean {
  const isPin = (rule: number) => 'place' in rules[rule].bound
  // An allowed pin is among the candidates whatever their number.
  return places.length === k && missed.every((number, rule) => number === 0 || isPin(rule))
}

/** Returns the place of a pin in the list, from 0; -1 for other rules. */
function placeInList({ bound }: HardRule): number {
  return 'place' in bound ? bound.place - 1 : -1
}

/** Returns the items with the largest scores, best first, and some others after them. */
function bestOf(scores: Float32Array, size: number, others: readonly number[]): Int32Array {
  const best = topK(scores, size)
  const end = best.scores.indexOf(Number.NEGATIVE_INFINITY)
  const items = end === -1 ? best.items : best.items.subarray(0, end)
  const more = others.filter((item) => !items.includes(item))
  more.sort((a, b) => scores[b] - scores[a] || a - b)
  return Int32Array.from([...items, ...more])
}
