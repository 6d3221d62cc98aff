import type { Id } from '@gnnrec/graph'
import type { ItemFilter } from '../recommenders/item-filter.js'
import type { FilterItems, FunctionOfItem } from '../recommenders/recommend-options.js'
import type { Rule } from '../recommenders/rules.js'

/** A group that items belong to, such as a brand, an artist or a genre. */
export type Group = string | number | boolean

/** A function that returns the group of an item, its groups, or undefined when it belongs to none. */
export type Grouping<ItemId extends Id = Id> = FunctionOfItem<
  ItemId,
  Group | readonly Group[] | undefined | null
>

/** A bound on a number of items: a number, or a share of the list in 0..1. */
export type Amount = number | { readonly share: number }

/** A rule that changes scores by a factor above 0 for each item. */
export interface ScoreRule<ItemId extends Id = Id> extends Rule<ItemId> {
  readonly step: 'score'
  readonly change:
    | { readonly items: FilterItems<ItemId> | ItemFilter<ItemId>; readonly factor: number }
    | { readonly factorOf: (item: ItemId, popularity: number, mostPopular: number) => number }
}

/** A rule that is kept if it can be. */
export interface HardRule<ItemId extends Id = Id> extends Rule<ItemId> {
  readonly step: 'hard'
  readonly bound:
    | { readonly by: Grouping<ItemId>; readonly most: number }
    | {
        readonly by: Grouping<ItemId>
        readonly group: Group
        readonly atLeast: Amount
        readonly atMost: Amount
      }
    | { readonly item: ItemId; readonly place: number }
}

/** A rule that weighs the scores of items against something else of the whole list. */
export interface SoftRule<ItemId extends Id = Id> extends Rule<ItemId> {
  readonly step: 'soft'
  readonly strength: number
  readonly among: number | undefined
  readonly aim:
    | { readonly alike: 'groups'; readonly by: Grouping<ItemId> }
    | {
        readonly alike: 'vectors'
        readonly vectors: FunctionOfItem<ItemId, ArrayLike<number>> | undefined
      }
    | { readonly alike: 'mix'; readonly by: Grouping<ItemId>; readonly smoothing: number }
}

/** Any rule that the functions of this entry make. */
export type KnownRule<ItemId extends Id = Id> =
  | ScoreRule<ItemId>
  | HardRule<ItemId>
  | SoftRule<ItemId>
