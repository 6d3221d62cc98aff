import { InvalidOptionsError, UnknownIdError } from '@gnnrec/graph'
import { showValue } from '@gnnrec/graph/kernels'
import type { RuleSetting } from '../recommenders/rules.js'
import type { HardRule, KnownRule } from './kinds.js'
import { limitsOf } from './problem.js'

/**
 * Checks that rules fit the lists and each other.
 *
 * @throws InvalidOptionsError for rules that contradict each other whatever the items are, and for pins and quotas beyond
 * the length of the list
 */
export function checkRules(rules: readonly KnownRule[], { k }: RuleSetting): void {
  const hard = rules.filter((rule): rule is HardRule => rule.step === 'hard')
  checkPins(hard, k)
  checkQuotas(hard, k)
  const soft = rules.filter(({ step }) => step === 'soft')
  const strength = soft.reduce((sum, rule) => sum + (rule.step === 'soft' ? rule.strength : 0), 0)
  if (strength > 1 + 1e-9) {
    throw new InvalidOptionsError(
      `rules: the strengths of ${namesOf(soft)} add up to ${strength}; expected at most 1, as what is left is the weight of the scores.`,
    )
  }
}

function checkPins(rules: readonly HardRule[], k: number): void {
  const places = new Map<number, HardRule>()
  const items = new Map<string | number, HardRule>()
  for (const rule of rules) {
    const { bound } = rule
    if (!('place' in bound)) continue
    if (bound.place > k) {
      throw new InvalidOptionsError(
        `rules: ${rule.name} is beyond the end of a list of ${k}; expected a place in 1..${k}.`,
      )
    }
    const other = places.get(bound.place) ?? items.get(bound.item)
    if (other) throw contradiction(other, rule)
    places.set(bound.place, rule)
    items.set(bound.item, rule)
  }
}

function checkQuotas(rules: readonly HardRule[], k: number): void {
  for (const rule of rules) {
    const { bound } = rule
    if (!('group' in bound)) continue
    const { lower } = limitsOf(bound, k)
    if (lower > k) {
      throw new InvalidOptionsError(
        `rules: ${rule.name} asks for more items than a list of ${k} holds; expected at most ${k}.`,
      )
    }
    const other = rules.find((one) => mostOf(one, bound, k) < lower)
    if (other === rule) {
      throw new InvalidOptionsError(
        `rules: ${rule.name} contradicts itself in a list of ${k}; expected atLeast up to atMost.`,
      )
    }
    if (other) throw contradiction(other, rule)
  }
}

/** Returns the most items of a group that a rule allows. */
function mostOf(
  { bound }: HardRule,
  { by, group }: Extract<HardRule['bound'], { group: unknown }>,
  k: number,
): number {
  if ('place' in bound || bound.by !== by) return Number.POSITIVE_INFINITY
  if ('most' in bound) return bound.most
  return bound.group === group ? limitsOf(bound, k).upper : Number.POSITIVE_INFINITY
}

function contradiction(one: HardRule, other: HardRule): InvalidOptionsError {
  return new InvalidOptionsError(
    `rules: ${namesOf([one, other])} contradict each other; no list keeps both. Leave one of them out or change it.`,
  )
}

function namesOf(rules: readonly KnownRule[]): string {
  return rules.map(({ name }) => `'${name}'`).join(' and ')
}

/** Looks up the pinned items; those that are skipped as unknown have the index -1. @throws UnknownIdError */
export function pinnedItems(
  rules: readonly HardRule[],
  { items, unknownIds }: RuleSetting,
): ReadonlyMap<HardRule, number> {
  const found = new Map<HardRule, number>()
  for (const rule of rules) {
    if (!('place' in rule.bound)) continue
    const { item } = rule.bound
    const isSkipped = unknownIds === 'skip' && typeof item === items.type && !items.has(item)
    if (!isSkipped && !items.has(item)) {
      throw new UnknownIdError(
        item,
        `rules: ${rule.name} pins item ${showValue(item)}, which the model never saw.`,
      )
    }
    found.set(rule, isSkipped ? -1 : items.indexOf(item))
  }
  return found
}
