import type { Id, IdMap } from '@gnnrec/graph'
import type { BestItems } from './best-items.js'
import type { ChosenItems } from './cold-start.js'
import type { KnownHistory } from './histories.js'

/**
 * A rule for lists, made by a function of `@gnnrec/serving/rules`. It never changes; made once and used again, it keeps
 * what it has asked its functions.
 */
export interface Rule<ItemId extends Id = Id> {
  /** The name by which answers and {@link Recommender.whyNot} call the rule. */
  readonly name: string
  /** The code that applies rules: they bring it along, so that only those who use rules load it. @internal */
  readonly engine: RuleEngine<ItemId>
}

/** The effect of rules on a list. `JSON.stringify` keeps all of it. */
export interface RuleReport {
  /**
   * The rules that could not be kept, the most important first, and the number of items by which each was missed. A rule
   * gives way only where keeping it would break a more important one, or where the items are lacking.
   */
  readonly gaveWay: readonly { readonly rule: string; readonly by: number }[]
  /** The rules that made the list shorter than it would be without them. */
  readonly shortenedBy: readonly string[]
  /** True when no other choice of items keeps more. False when the search ended before it had seen all choices. */
  readonly isExact: boolean
}

/** The items of a list by rules, and what became of these. */
export interface RuledItems extends BestItems {
  readonly report: RuleReport
}

/** The setting of rules: length of lists, ids and what else they read. */
export interface RuleSetting<ItemId extends Id = Id> {
  /** Length of the lists. */
  readonly k: number
  /** The ids of all items. */
  readonly items: IdMap<ItemId>
  readonly unknownIds: 'error' | 'skip'
  /** Number of training users of each item. */
  readonly popularity: Float32Array
  /** Returns the vectors of the items of length 1, row-major. @throws NotSupportedError when there are none */
  itemVectors(): Float32Array
}

/** The scores of one person, and what the person may see. */
export interface RuledPerson {
  /** The scores of all items. */
  readonly scores: Float32Array
  /** The ascending items that are left out for the person. */
  readonly exclude: Int32Array
  /** The items for everybody. */
  readonly chosen: ChosenItems
  readonly history: Pick<KnownHistory, 'items' | 'weights'>
}

/** Makes the list of a person by rules. */
export type ListMaker = (person: RuledPerson) => RuledItems

/** The code that applies rules. */
export interface RuleEngine<ItemId extends Id = Id> {
  /**
   * Checks rules and prepares to make lists by them.
   *
   * @throws InvalidOptionsError for rules that contradict each other or do not fit the lists
   * @throws UnknownIdError for an unknown item in a rule, unless unknown ids are to be skipped
   */
  prepare(rules: readonly Rule<ItemId>[], setting: RuleSetting<ItemId>): ListMaker
}

/** Prepares to make lists by rules; returns undefined when there are none. */
export function prepareRules<ItemId extends Id>(
  rules: readonly Rule<ItemId>[] | undefined,
  setting: RuleSetting<ItemId>,
): ListMaker | undefined {
  return rules?.[0]?.engine.prepare(rules, setting)
}
