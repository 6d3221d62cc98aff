import type { Id } from '@gnnrec/graph'
import * as z from 'zod/mini'
import type { HistoryItem } from './histories.js'
import { ItemFilter } from './item-filter.js'
import type { Rule } from './rules.js'

/** Options about lists that all ways of asking share. */
interface ListChoice<ItemId extends Id = Id> {
  /**
   * Length of the list, an integer from 1 to the number of items. The list is shorter when fewer
   * items are left to recommend.
   *
   * @defaultValue `10`, or the number of items when there are fewer
   */
  k?: number
  /**
   * True to leave out the items that the user met, in training or in the history that is given.
   *
   * @defaultValue `true`
   */
  excludeSeen?: boolean
  /**
   * Items that must not be recommended, in addition to the seen ones: ids, or a filter that
   * {@link Recommender.filter} has made of them.
   *
   * @defaultValue `[]`
   */
  exclude?: readonly ItemId[] | ItemFilter<ItemId>
  /**
   * The only items that may be recommended: ids, or a filter that {@link Recommender.filter} has made of them, so
   * that a long list is looked up once and not in every call.
   *
   * @defaultValue all items
   */
  candidates?: readonly ItemId[] | ItemFilter<ItemId>
  /**
   * Rules for the list, made by functions of `@gnnrec/serving/rules`. Of the hard ones, those that come first are the most
   * important.
   *
   * @defaultValue `[]`
   */
  rules?: readonly Rule<ItemId>[]
  /**
   * The treatment of ids that the model never saw, among the users, `candidates`, `exclude` and `rules`:
   * `'error'` throws an UnknownIdError, `'skip'` leaves them out. An id of the wrong type (`7` for
   * `'7'`) always throws.
   *
   * @defaultValue `'error'`
   */
  unknownIds?: 'error' | 'skip'
}

/** Options about histories. */
interface HistoryChoice {
  /**
   * The treatment of items of a history that the model never saw: `'skip'` leaves them out and counts them in
   * `ignoredItems` of the answer, `'error'` throws an UnknownIdError.
   *
   * @defaultValue `'skip'`
   */
  unknownItems?: 'skip' | 'error'
  /**
   * Time after which an item of a history counts half, above 0, in the unit of the times of the items. Every item
   * then needs a `time`; the newest one counts in full.
   *
   * @defaultValue no decay
   */
  halfLife?: number
}

/** Options of {@link Recommender.recommendFor}. */
export interface RecommendForOptions<ItemId extends Id = Id>
  extends ListChoice<ItemId>,
    HistoryChoice {}

/** Options of {@link Recommender.whyNot}. */
export interface WhyNotOptions<ItemId extends Id = Id> extends RecommendForOptions<ItemId> {
  /**
   * Most items that are named as such that would have raised the item, an integer in 0..32. At most 32 items are tried,
   * each by scoring all items once; 0 saves this.
   *
   * @defaultValue `3`
   */
  lifts?: number
}

/** Options of {@link Recommender.explain}. */
export interface ExplainOptions extends HistoryChoice {}

/** Options of {@link Recommender.recommend}. */
export interface RecommendOptions<ItemId extends Id = Id>
  extends ListChoice<ItemId>,
    HistoryChoice {
  /**
   * Items that the user met after the training, which extend the stored history; for several users, one such list
   * for each of them.
   *
   * @defaultValue no items
   */
  since?: readonly HistoryItem<ItemId>[] | readonly (readonly HistoryItem<ItemId>[])[]
  /**
   * The treatment of users that the model never saw: `'error'` throws an UnknownIdError, `'popularity'` gives them
   * the most popular items or, if there are items in `since`, the list of these. An id of the wrong type always
   * throws.
   *
   * @defaultValue as `unknownIds` says
   */
  unknownUser?: 'error' | 'popularity'
}

/**
 * A function of an item. It is written as a method, whose parameter TypeScript compares both ways, so that a recommender
 * of numbers is still one of any ids.
 */
export type FunctionOfItem<ItemId extends Id, Value> = { of(item: ItemId): Value }['of']

/**
 * The items of a filter: ids, a function that returns true for the ids that pass, or a mask with a value for each item in
 * the order of the recommender's `items`.
 */
export type FilterItems<ItemId extends Id = Id> =
  | readonly ItemId[]
  | ReadonlySet<ItemId>
  | FunctionOfItem<ItemId, boolean>
  | readonly boolean[]
  | Uint8Array

/** Options of {@link Recommender.filter}. */
export interface FilterOptions extends Pick<ListChoice, 'unknownIds'> {
  /**
   * The name by which {@link Recommender.whyNot} calls the filter.
   *
   * @defaultValue no name
   */
  name?: string
}

/** Options of {@link Recommender.recommendAll}. */
export interface RecommendAllOptions<UserId extends Id = Id, ItemId extends Id = Id>
  extends Omit<ListChoice<ItemId>, 'unknownIds'> {
  /**
   * The users to recommend to, in this order.
   *
   * @defaultValue all users, by ascending id
   */
  users?: readonly UserId[]
  /**
   * Number of users in one block, an integer from 1 up.
   *
   * @defaultValue `256`, or fewer when their lists would take more than 64 MB
   */
  blockSize?: number
  /** Stops the work between two blocks; the loop then throws the signal's reason. */
  signal?: AbortSignal | undefined
}

/** Options of {@link Recommender.similarItems}. */
export type SimilarItemsOptions<ItemId extends Id = Id> = Omit<
  ListChoice<ItemId>,
  'excludeSeen' | 'rules'
>

/** Options of {@link Recommender.similarUsers}. */
export interface SimilarUsersOptions {
  /**
   * Length of the list, an integer from 1 to the number of users.
   *
   * @defaultValue `10`, or the number of users when there are fewer
   */
  k?: number
}

/** Options of {@link Recommender.save}. */
export interface SaveOptions {
  /**
   * True to keep what embeddings need to answer for histories of anybody. False saves its bytes, one or more tables
   * of all items; other kinds of recommender answer for histories by what they are made of and ignore it.
   *
   * @defaultValue `true`
   */
  foldIn?: boolean
  /**
   * True to keep ids, histories and embeddings of users. False makes a folder without any of them, which answers
   * for histories only and may be served to anybody.
   *
   * @defaultValue `true`
   */
  users?: boolean
}

/** Most items that are tried to raise another one. */
export const mostLifts = 32

const lengthSchema = z.optional(z.number({ error: 'expected an integer from 1 up' }))
const idListSchema = z.optional(
  z.custom<readonly Id[]>((value) => Array.isArray(value), { error: 'expected an array of ids' }),
)
const itemsSchema = z.optional(
  z.custom<readonly Id[] | ItemFilter>(
    (value) => Array.isArray(value) || value instanceof ItemFilter,
    { error: 'expected an array of ids, or a filter that the recommender has made' },
  ),
)
const rulesSchema = z.optional(
  z.custom<readonly Rule[]>(
    (value) => Array.isArray(value) && [...value].every((rule) => rule?.engine?.prepare),
    { error: "expected an array of rules made by functions of '@gnnrec/serving/rules'" },
  ),
)
const listShape = {
  k: lengthSchema,
  rules: rulesSchema,
  excludeSeen: z._default(z.boolean({ error: 'expected true or false' }), true),
  exclude: itemsSchema,
  candidates: itemsSchema,
}

const unknownIds = z._default(
  z.enum(['error', 'skip'], { error: "expected 'error' or 'skip'" }),
  'error',
)
const historyShape = {
  unknownItems: z._default(
    z.enum(['skip', 'error'], { error: "expected 'skip' or 'error'" }),
    'skip',
  ),
  halfLife: z.optional(
    z
      .number({ error: 'expected a number above 0' })
      .check(z.gt(0, 'expected a number above 0'), z.lte(Number.MAX_VALUE)),
  ),
}

export const recommendForSchema = z.strictObject({ ...listShape, ...historyShape, unknownIds })

export const whyNotSchema = z.strictObject({
  ...listShape,
  ...historyShape,
  unknownIds,
  lifts: z._default(
    z
      .number({ error: 'expected an integer in 0..32' })
      .check(
        z.int(),
        z.gte(0, 'expected an integer in 0..32'),
        z.lte(mostLifts, 'expected an integer in 0..32'),
      ),
    3,
  ),
})

export const explainSchema = z.strictObject(historyShape)

export const recommendSchema = z.strictObject({
  ...listShape,
  ...historyShape,
  unknownIds,
  since: z.optional(
    z.custom<readonly unknown[]>((value) => Array.isArray(value), {
      error: 'expected an array of items, or one such array for each user',
    }),
  ),
  unknownUser: z.optional(
    z.enum(['error', 'popularity'], { error: "expected 'error' or 'popularity'" }),
  ),
})

export const recommendAllSchema = z.strictObject({
  ...listShape,
  users: idListSchema,
  blockSize: z.optional(
    z.number({ error: 'expected an integer from 1 up' }).check(z.int(), z.gte(1)),
  ),
  signal: z.optional(z.instanceof(AbortSignal, { error: 'expected an AbortSignal' })),
})

export const saveSchema = z.strictObject({
  foldIn: z._default(z.boolean({ error: 'expected true or false' }), true),
  users: z._default(z.boolean({ error: 'expected true or false' }), true),
})

export const similarUsersSchema = z.strictObject({ k: lengthSchema })

export const similarItemsSchema = z.strictObject({
  k: lengthSchema,
  exclude: itemsSchema,
  candidates: itemsSchema,
  unknownIds,
})

export const filterSchema = z.strictObject({
  unknownIds,
  name: z.optional(z.string({ error: 'expected a string' })),
})

/** The checked options about lists that `recommend` and `recommendAll` share. */
export type ListOptions = Pick<
  z.output<typeof recommendSchema>,
  'k' | 'excludeSeen' | 'exclude' | 'candidates' | 'rules'
>
