import { type AnsweringModel, answerPeople, type Person } from './answer-people.js'
import type { ListRule } from './list-rule.js'
import { prepareRules, type RuleSetting } from './rules.js'

/**
 * Returns the names of the rules that keep an item out of a person's list: without one of them it would be there. Returns
 * undefined without rules, and when the item is in the list.
 */
export function ruledOutBy(
  model: AnsweringModel,
  person: Person,
  item: number,
  rule: ListRule,
  setting: RuleSetting,
): string[] | undefined {
  const { rules = [] } = rule
  const isListed = (kept: typeof rules) => {
    const [answer] = answerPeople(model, [person], rule, prepareRules(kept, setting))
    return answer.best.items.includes(item)
  }
  if (rules.length === 0 || isListed(rules)) return undefined
  return rules
    .filter((one) => isListed(rules.filter((other) => other !== one)))
    .map(({ name }) => name)
}
