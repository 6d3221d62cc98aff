import { fullRules, missedBy, type Problem, type Selection } from './problem.js'
import { isFlow, selectByFlow } from './select-by-flow.js'
import { selectBySearch } from './select-by-search.js'

/** A choice of candidates and the rules that made it shorter. */
export interface Choice extends Selection {
  readonly shortenedBy: ReadonlySet<number>
}

/** Chooses at most k candidates by hard rules; bounds that are shares are those of the length that comes out. */
export function choose(problem: Problem, k: number): Choice {
  const most = Math.min(k, problem.items.length)
  const shortenedBy = new Set<number>()
  for (let length = most; ; length--) {
    const selection = select(problem, length)
    if (selection.places.length < most) {
      for (const rule of fullRules(problem, selection)) shortenedBy.add(rule)
    }
    if (selection.places.length === length || !problem.hasShares)
      return { ...selection, shortenedBy }
  }
}

function select(problem: Problem, length: number): Selection {
  if (problem.rules.length > 0) {
    return isFlow(problem)
      ? selectByFlow(problem, length, new Set())
      : selectBySearch(problem, length)
  }
  const places = Array.from({ length }, (_, place) => place)
  return { places, missed: [], bounds: [], isExact: true }
}

/**
 * A choice of candidates that is changed item by item and keeps to the rules as well as it did.
 */
export class ChangingChoice {
  readonly #problem: Problem
  readonly #choice: Choice
  readonly #fixed: Set<number>
  #places: Set<number>

  constructor(problem: Problem, choice: Choice) {
    this.#problem = problem
    this.#choice = choice
    this.#places = new Set(choice.places)
    this.#fixed = new Set(choice.places.filter((place) => problem.pinned.has(place)))
  }

  /** The places that are chosen and may not change any more. */
  get fixed(): ReadonlySet<number> {
    return this.#fixed
  }

  /** Returns true when a place is chosen now. */
  has(place: number): boolean {
    return this.#places.has(place)
  }

  /** Fixes a place, if the others can be chosen so that no rule is missed by more. */
  fix(place: number): boolean {
    if (!this.#places.has(place) && !this.#swapIn(place) && !this.#solveWith(place)) return false
    this.#fixed.add(place)
    return true
  }

  /** Takes a place for the worst one that is not fixed and whose loss breaks no rule. */
  #swapIn(place: number): boolean {
    const { bounds, missed } = this.#choice
    const free = [...this.#places].filter((other) => !this.#fixed.has(other))
    for (const other of free.sort((a, b) => b - a)) {
      const swapped = [...this.#places].filter((one) => one !== other)
      swapped.push(place)
      if (!isSame(missedBy(this.#problem, bounds, swapped), missed)) continue
      this.#places = new Set(swapped)
      return true
    }
    return false
  }

  #solveWith(place: number): boolean {
    if (!isFlow(this.#problem)) return false
    const forced = new Set([...this.#fixed, place])
    const length = this.#places.size
    const { places, missed } = selectByFlow(this.#problem, length, forced)
    const isKept = places.length === length && isSame(missed, this.#choice.missed)
    if (!isKept || ![...forced].every((one) => places.includes(one))) return false
    this.#places = new Set(places)
    return true
  }
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, at) => value === b[at])
}
