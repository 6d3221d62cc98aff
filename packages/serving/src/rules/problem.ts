import type { GroupTable } from './group-table.js'
import type { Amount, HardRule } from './kinds.js'

/** The numbers of items of a group that keep a rule. */
export interface Bound {
  /** Place of the rule among the hard rules. */
  readonly rule: number
  /** Place of the grouping, -1 for a pin. */
  readonly grouping: number
  /** Number of the group; of a pin the place of its item among the candidates, -1 when it is none. */
  readonly group: number
  readonly lower: number
  readonly upper: number
}

/** Candidates, best first, from which a list is chosen by hard rules. */
export interface Problem {
  /** Indices of the candidates. */
  readonly items: Int32Array
  /** The scores of the candidates as integers from 0 up, so that sums of them are exact. */
  readonly values: Float64Array
  /** For each grouping the groups of each candidate. */
  readonly groups: readonly (readonly (readonly number[])[])[]
  readonly rules: readonly HardRule[]
  /** Places of the pinned items among the candidates. */
  readonly pinned: ReadonlySet<number>
  /** Returns the bounds of a list of a length. */
  boundsFor(length: number): readonly Bound[]
  /** True when bounds depend on the length. */
  readonly hasShares: boolean
}

/** A choice of candidates. */
export interface Selection {
  /** Ascending places of the candidates. */
  readonly places: readonly number[]
  /** Number of items by which each rule is missed. */
  readonly missed: readonly number[]
  /** The bounds of the list. */
  readonly bounds: readonly Bound[]
  /** True when no other choice misses less. */
  readonly isExact: boolean
}

/** Largest value of a score: sums of thousands of them are exact. */
const largestValue = 2 ** 36

/** Makes the problem of some candidates. */
export function makeProblem(
  rules: readonly HardRule[],
  tables: ReadonlyMap<HardRule, GroupTable>,
  items: Int32Array,
  scores: Float32Array,
  pinnedAt: (rule: HardRule) => number,
): Problem {
  const groupings = [...new Set(tables.values())]
  const groups = groupings.map((table) => Array.from(items, (item) => table.groupsOf(item)))
  const present = groups.map((ofItems) => [...new Set(ofItems.flat())])
  const pins = rules.filter(({ bound }) => 'place' in bound).map(pinnedAt)
  return {
    items,
    values: valuesOf(scores),
    groups,
    rules,
    pinned: new Set(pins.filter((place) => place >= 0)),
    hasShares: rules.some(({ bound }) => 'group' in bound && isShare(bound)),
    boundsFor: (length) =>
      rules.flatMap((one, rule) => {
        const { bound } = one
        if ('place' in bound) {
          const group = pinnedAt(one)
          return [{ rule, grouping: -1, group, lower: 1, upper: Number.POSITIVE_INFINITY }]
        }
        const table = tables.get(one) as GroupTable
        const grouping = groupings.indexOf(table)
        if ('most' in bound) {
          const all = { rule, grouping, lower: 0, upper: bound.most }
          return present[grouping].map((group) => ({ ...all, group }))
        }
        const group = table.numberOf(bound.group)
        return [{ rule, grouping, group, ...limitsOf(bound, length) }]
      }),
  }
}

/** Returns the fewest and the most items of a quota in a list of a length. */
export function limitsOf(
  { atLeast, atMost }: { readonly atLeast: Amount; readonly atMost: Amount },
  length: number,
): Pick<Bound, 'lower' | 'upper'> {
  // A product such as 0.7 · 10 may be a little off the whole number that is meant.
  const lower = typeof atLeast === 'number' ? atLeast : Math.ceil(atLeast.share * length - 1e-9)
  const upper = typeof atMost === 'number' ? atMost : Math.floor(atMost.share * length + 1e-9)
  return { lower, upper }
}

/** Returns true when a candidate counts for a bound. */
export function counts({ groups }: Problem, { grouping, group }: Bound, place: number): boolean {
  return grouping < 0 ? place === group : groups[grouping][place].includes(group)
}

/** Counts the items by which each rule is missed. */
export function missedBy(
  problem: Problem,
  bounds: readonly Bound[],
  places: readonly number[],
): number[] {
  const missed = problem.rules.map(() => 0)
  for (const bound of bounds) {
    const count = places.filter((place) => counts(problem, bound, place)).length
    missed[bound.rule] += Math.max(0, bound.lower - count, count - bound.upper)
  }
  return missed
}

/** Returns the rules because of which no further candidate may join a choice. */
export function fullRules(
  problem: Problem,
  { places, bounds }: Pick<Selection, 'places' | 'bounds'>,
): Set<number> {
  const chosen = new Set(places)
  const isFull = bounds.filter((bound) => {
    if (bound.upper === Number.POSITIVE_INFINITY) return false
    return places.filter((place) => counts(problem, bound, place)).length >= bound.upper
  })
  const others = Array.from(problem.items.keys()).filter((place) => !chosen.has(place))
  return new Set(
    isFull
      .filter((bound) => others.some((place) => counts(problem, bound, place)))
      .map(({ rule }) => rule),
  )
}

function isShare({ atLeast, atMost }: { readonly atLeast: Amount; readonly atMost: Amount }) {
  return (
    (typeof atLeast === 'object' && atLeast.share > 0) ||
    (typeof atMost === 'object' && atMost.share < 1)
  )
}

/** Turns scores, the largest first, into integers. */
function valuesOf(scores: Float32Array): Float64Array {
  const [most, least] = [scores[0], scores[scores.length - 1]]
  const factor = most > least ? largestValue / (most - least) : 0
  return Float64Array.from(scores, (score) => Math.round((score - least) * factor))
}
