import { type Bound, counts, missedBy, type Problem, type Selection } from './problem.js'

/** Most candidates among which is searched. */
const mostSearched = 2000
/** Most steps of the search for the best choice: each takes or leaves one candidate. */
const stepsForBest = 20_000
/** Most steps of a search that tells whether a rule can be missed by less. */
const stepsForAny = 2_000

/** A bound and what is known of it. */
interface Counter {
  readonly bound: Bound
  /** Number of candidates from each one on that count. */
  readonly supply: Int32Array
  count: number
}

/** The best choice that a search has found. */
interface Found {
  readonly places: readonly number[]
  readonly value: number
}

/**
 * Chooses at most `length` candidates as the selection by flow does, for any number of groupings and of groups of an item:
 * by branch and bound with a bounded number of steps.
 */
export function selectBySearch(problem: Problem, length: number): Selection {
  const bounds = problem.boundsFor(length)
  const limits = problem.rules.map(() => 0)
  const order = placesWorthTrying(problem, length)
  let isExact = order.length <= mostSearched
  const attempt = (most: readonly number[], isBest: boolean) => {
    const { found, isComplete } = search(problem, bounds, order, length, most, isBest)
    isExact &&= isComplete
    return found
  }
  let found = attempt(limits, true)
  if (!found) {
    // A search that finds nothing has not failed to see all choices if a less important rule gives way.
    limits.fill(Number.POSITIVE_INFINITY)
    for (let rule = 0; rule < limits.length; rule++) {
      limits[rule] = 0
      while (!attempt(limits, false)) limits[rule]++
    }
    found = attempt(limits, true)
  }
  const places = found?.places ?? []
  return { places, missed: missedBy(problem, bounds, places), bounds, isExact }
}

/**
 * Searches for a choice that misses each rule by no more than a limit.
 *
 * @param order - places of the candidates
 * @param isBest - true to look for the longest with the largest scores, false to stop at the first
 */
function search(
  problem: Problem,
  bounds: readonly Bound[],
  order: readonly number[],
  length: number,
  limits: readonly number[],
  isBest: boolean,
): { readonly found: Found | undefined; readonly isComplete: boolean } {
  const values = order.map((place) => problem.values[place])
  const size = Math.min(order.length, mostSearched)
  const counters = bounds.map((bound): Counter => {
    const supply = new Int32Array(size + 1)
    for (let at = size - 1; at >= 0; at--) {
      supply[at] = supply[at + 1] + (counts(problem, bound, order[at]) ? 1 : 0)
    }
    return { bound, supply, count: 0 }
  })
  const mostSteps = isBest ? stepsForBest : stepsForAny
  const wanting = counters.filter(({ bound }) => bound.lower > 0)
  const countersOf = Array.from({ length: size }, (_, at) =>
    counters.filter(({ bound }) => counts(problem, bound, order[at])),
  )
  const sums = new Float64Array(size + 1)
  for (let at = 0; at < size; at++) sums[at + 1] = sums[at] + values[at]
  const over = new Float64Array(limits.length)
  const missed = new Float64Array(limits.length)
  const chosen: number[] = []
  let value = 0
  let steps = 0
  let found: Found | undefined

  /** Returns true when rules will be missed by more than the limits, whatever is chosen from a candidate on. */
  const isHopeless = (at: number, left: number) => {
    missed.set(over)
    for (const { bound, supply, count } of wanting) {
      missed[bound.rule] += Math.max(0, bound.lower - count - Math.min(supply[at], left))
    }
    for (let rule = 0; rule < missed.length; rule++) if (missed[rule] > limits[rule]) return true
    return false
  }
  /** Returns true when no choice from a candidate on is better than the best one. */
  const isWorse = (at: number, left: number) => {
    if (!found) return false
    const longest = chosen.length + Math.min(left, size - at)
    if (longest !== found.places.length) return longest < found.places.length
    return value + sums[at + longest - chosen.length] - sums[at] <= found.value
  }
  const take = (at: number, sign: 1 | -1) => {
    for (const counter of countersOf[at]) {
      const { rule, upper } = counter.bound
      const before = Math.max(0, counter.count - upper)
      counter.count += sign
      over[rule] += Math.max(0, counter.count - upper) - before
    }
    value += sign * values[at]
  }
  /** Returns true when the search is to stop. */
  const visit = (at: number): boolean => {
    if (++steps > mostSteps) return true
    const left = length - chosen.length
    if (isHopeless(at, left) || isWorse(at, left)) return false
    // Nothing more is taken: what is wanting is wanting for good.
    if (!isHopeless(at, 0) && (!found || isLonger(chosen, value, found))) {
      found = { places: chosen.slice(), value }
      if (!isBest) return true
    }
    if (left === 0 || at === size) return false
    take(at, 1)
    chosen.push(order[at])
    const isDone = visit(at + 1)
    chosen.pop()
    take(at, -1)
    return isDone || visit(at + 1)
  }
  visit(0)
  return { found, isComplete: steps <= mostSteps }
}

function isLonger(chosen: readonly number[], value: number, found: Found): boolean {
  if (chosen.length !== found.places.length) return chosen.length > found.places.length
  return value > found.value
}

/** Returns the places of the candidates, of those in the same groups only as many as a list can hold. */
function placesWorthTrying({ items, groups, pinned }: Problem, length: number): number[] {
  const taken = new Map<string, number>()
  return Array.from(items.keys()).filter((place) => {
    if (pinned.has(place)) return true
    const key = groups.map((ofItems) => [...ofItems[place]].sort().join()).join('/')
    const before = taken.get(key) ?? 0
    taken.set(key, before + 1)
    return before < length
  })
}
