import { type Id, IdMap, type InteractionLists } from '@gnnrec/graph'
import * as z from 'zod/mini'

/** The training that a recommender comes from; it is kept when the recommender is saved. */
export interface ModelOrigin {
  /** Name of the model, such as `'light-gcn'`. */
  readonly architecture: string
  /** The options that the model was made with, as plain JSON values. */
  readonly options: Readonly<Record<string, unknown>>
  /** Hash of the split that the model was trained on, or null when it was trained on a table. */
  readonly splitHash: string | null
}

/** The parts that every kind of recommender is made from. */
export interface RecommenderParts<UserId extends Id = Id, ItemId extends Id = Id> {
  /** The ids of the users. */
  users: IdMap<UserId>
  /** The ids of the items. */
  items: IdMap<ItemId>
  /** Each user's training items, made by `interactionLists`, and their weights if the model is one of weights. */
  seen: InteractionLists
  /**
   * Number of training users of each item, for recommenders whose users are left out.
   *
   * @defaultValue the numbers of users in `seen`
   */
  popularity?: Float32Array
  /**
   * The training that the recommender comes from.
   *
   * @defaultValue the kind of the recommender as architecture, no options, no split
   */
  origin?: ModelOrigin
}

const idMapSchema = z.custom<IdMap>((value) => value instanceof IdMap, {
  error: 'expected an IdMap',
})

/** Checks of {@link RecommenderParts}, for the strict schemas of the kinds. */
export const recommenderPartsShape = {
  users: idMapSchema,
  items: idMapSchema,
  seen: z.object(
    {
      pointers: z.instanceof(Int32Array, { error: 'expected an Int32Array' }),
      items: z.instanceof(Int32Array, { error: 'expected an Int32Array' }),
      weights: z.optional(z.instanceof(Float32Array, { error: 'expected a Float32Array' })),
    },
    { error: "expected each user's items as made by interactionLists" },
  ),
  popularity: z.optional(z.instanceof(Float32Array, { error: 'expected a Float32Array' })),
  origin: z.optional(
    z.strictObject({
      architecture: z.string({ error: 'expected a string' }),
      options: z.record(z.string(), z.unknown(), { error: 'expected an object' }),
      splitHash: z.nullable(z.string({ error: 'expected a string or null' })),
    }),
  ),
}
