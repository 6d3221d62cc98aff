import type { Id } from '@gnnrec/graph'
import * as z from 'zod/mini'
import { ItemSelection } from './item-selection.js'

/** Options of {@link Recommender.recommend}. */
export interface RecommendOptions<ItemId extends Id = Id> {
  /**
   * Length of the list, an integer from 1 to the number of items. The list is shorter when fewer
   * items are left to recommend.
   *
   * @defaultValue `10`, or the number of items when there are fewer
   */
  k?: number
  /**
   * True to leave out the items that the user met in training.
   *
   * @defaultValue `true`
   */
  excludeSeen?: boolean
  /**
   * Items that must not be recommended, in addition to the seen ones: ids, or a selection that
   * {@link Recommender.selectItems} has made of them.
   *
   * @defaultValue `[]`
   */
  exclude?: readonly ItemId[] | ItemSelection<ItemId>
  /**
   * The only items that may be recommended: ids, or a selection that {@link Recommender.selectItems} has
   * made of them, so that a long list is looked up once and not in every call.
   *
   * @defaultValue all items
   */
  candidates?: readonly ItemId[] | ItemSelection<ItemId>
  /**
   * The treatment of ids that the model never saw, among the users, `candidates` and `exclude`:
   * `'error'` throws an UnknownIdError, `'skip'` leaves them out. An id of the wrong type (`7` for
   * `'7'`) always throws.
   *
   * @defaultValue `'error'`
   */
  unknownIds?: 'error' | 'skip'
}

/** Options of {@link Recommender.selectItems}. */
export type SelectItemsOptions = Pick<RecommendOptions, 'unknownIds'>

/** Options of {@link Recommender.recommendAll}. */
export interface RecommendAllOptions<UserId extends Id = Id, ItemId extends Id = Id>
  extends Omit<RecommendOptions<ItemId>, 'unknownIds'> {
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

/** Options of {@link Recommender.similarItems} and {@link Recommender.similarUsers}. */
export interface SimilarOptions {
  /**
   * Length of the list, an integer from 1 to the number of items (or users).
   *
   * @defaultValue `10`, or the number of items (or users) when there are fewer
   */
  k?: number
}

const lengthSchema = z.optional(z.number({ error: 'expected an integer from 1 up' }))
const idListSchema = z.optional(
  z.custom<readonly Id[]>((value) => Array.isArray(value), { error: 'expected an array of ids' }),
)
const itemsSchema = z.optional(
  z.custom<readonly Id[] | ItemSelection>(
    (value) => Array.isArray(value) || value instanceof ItemSelection,
    { error: 'expected an array of ids, or what selectItems returns' },
  ),
)
const listShape = {
  k: lengthSchema,
  excludeSeen: z._default(z.boolean({ error: 'expected true or false' }), true),
  exclude: itemsSchema,
  candidates: itemsSchema,
}

export const recommendSchema = z.strictObject({
  ...listShape,
  unknownIds: z._default(
    z.enum(['error', 'skip'], { error: "expected 'error' or 'skip'" }),
    'error',
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

export const similarSchema = z.strictObject({ k: lengthSchema })

export const selectItemsSchema = z.strictObject({
  unknownIds: recommendSchema.shape.unknownIds,
})

/** The checked options about lists that `recommend` and `recommendAll` share. */
export type ListOptions = Pick<
  z.output<typeof recommendSchema>,
  'k' | 'excludeSeen' | 'exclude' | 'candidates'
>
