import type { RuledPerson, RuleSetting } from '../recommenders/rules.js'
import { aimOf } from './aims.js'
import { ChangingChoice, type Choice } from './choose.js'
import type { SoftRule } from './kinds.js'
import type { Problem } from './problem.js'

/**
 * Orders a choice of candidates: pinned items are at their places, the others descend by score or, with soft rules, are
 * taken greedily by these, also from outside the choice where no hard rule is missed by more.
 *
 * @param placeOf - returns the place in the list of a pinned candidate, from 0
 */
export function orderList(
  problem: Problem,
  choice: Choice,
  soft: readonly SoftRule[],
  placeOf: ReadonlyMap<number, number>,
  person: RuledPerson,
  setting: RuleSetting,
): number[] {
  const length = choice.places.length
  const isPinned = (place: number) => problem.pinned.has(place)
  const pins = choice.places.filter(isPinned)
  const others =
    soft.length > 0
      ? takeGreedily(problem, choice, soft, person, setting)
      : choice.places.filter((place) => !isPinned(place))
  const list = new Array<number | undefined>(length)
  // A pin beyond the end of the list is as near to it as it can be.
  const byPlace = [...pins].sort((a, b) => (placeOf.get(a) ?? 0) - (placeOf.get(b) ?? 0))
  let end = length
  for (const pin of byPlace.reverse()) {
    end = Math.min(end - 1, placeOf.get(pin) ?? 0)
    list[end] = pin
  }
  let next = 0
  return Array.from(list, (place) => place ?? others[next++])
}

/** Takes the candidates that are not pinned one after the other, each time the one with the largest gain. */
function takeGreedily(
  problem: Problem,
  choice: Choice,
  soft: readonly SoftRule[],
  person: RuledPerson,
  setting: RuleSetting,
): number[] {
  const { items, values, pinned } = problem
  const changing = new ChangingChoice(problem, choice)
  const aims = soft.map((rule) => ({
    strength: rule.strength,
    among: rule.among ?? defaultAmong(setting.k),
    aim: aimOf(rule, items, person, setting),
  }))
  const among = Math.max(...aims.map((one) => one.among))
  const weight = 1 - aims.reduce((sum, { strength }) => sum + strength, 0)
  const least = values[Math.min(among, values.length) - 1]
  const range = Math.max(values[0] - least, 1)
  for (const place of changing.fixed) for (const { aim } of aims) aim.add(place)
  const isCandidate = (place: number) =>
    !changing.fixed.has(place) && (place < among || changing.has(place)) && !pinned.has(place)
  const taken: number[] = []
  const count = choice.places.length - changing.fixed.size
  while (taken.length < count) {
    const gains = new Map<number, number>()
    for (let place = 0; place < items.length; place++) {
      if (!isCandidate(place)) continue
      const gain = aims.reduce((sum, { strength, aim }) => sum + strength * aim.gainOf(place), 0)
      const worth = (weight * (values[place] - least)) / range + gain
      // Sums that differ by rounding alone are equal, and the better score decides.
      gains.set(place, Math.round(worth * 1e9))
    }
    // Sorting keeps the order of equal ones, that of their scores.
    const ranked = [...gains.keys()].sort((a, b) => (gains.get(b) ?? 0) - (gains.get(a) ?? 0))
    // What is chosen now can always be kept, so that one is found.
    const place = ranked.find((one) => changing.fix(one)) as number
    for (const { aim } of aims) aim.add(place)
    taken.push(place)
  }
  return taken
}

/** Returns the number of candidates that soft rules choose from. */
export function defaultAmong(k: number): number {
  return Math.max(100, 10 * k)
}
