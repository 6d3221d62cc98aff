import type { Id, IdMap, InteractionLists, Ranker } from '@gnnrec/graph'
import type { ModelTarget } from '../model-folder/place.js'

/** Items of one list, best first, with their scores. */
export interface RankedItems<Item extends Id = Id> {
  readonly items: readonly Item[]
  readonly scores: Float32Array
}

/** Users of one list, most similar first, with their scores. */
export interface RankedUsers<User extends Id = Id> {
  readonly users: readonly User[]
  readonly scores: Float32Array
}

/** What is recommended to one user. */
export interface Recommendation<User extends Id = Id, Item extends Id = Id>
  extends RankedItems<Item> {
  readonly user: User
}

/** Settings of {@link RecommenderInterface.recommend}. */
export interface RecommendOptions<Item extends Id = Id> {
  /**
   * Length of the list, 1 to the number of items; the list is shorter when fewer are left. Default
   * 10, or all items when there are fewer.
   */
  k?: number
  /** Whether to leave out the items that the user has met in training. Default true. */
  excludeSeen?: boolean
  /** Items to leave out besides. Default none. */
  exclude?: readonly Item[]
  /** The only items that may be recommended. Default all. */
  candidates?: readonly Item[]
  /**
   * What an id does that the model never saw, among the users, `candidates` or `exclude`: `'error'`
   * throws UnknownIdError, `'skip'` leaves it out. An id of the other type (`7` for `'7'`) always
   * throws. Default `'error'`.
   */
  unknownIds?: 'error' | 'skip'
}

/** Settings of {@link RecommenderInterface.recommendAll}. */
export interface RecommendAllOptions<User extends Id = Id, Item extends Id = Id>
  extends Omit<RecommendOptions<Item>, 'unknownIds'> {
  /** Whom to recommend to, in this order. Default all users, by ascending id. */
  users?: readonly User[]
  /** Users of one block, an integer from 1 up. Default 256. */
  blockSize?: number
  /** Ends the work between two blocks with its reason as error. */
  signal?: AbortSignal | undefined
}

/** Settings of {@link RecommenderInterface.similarItems} and {@link RecommenderInterface.similarUsers}. */
export interface SimilarOptions {
  /** Length of the list, 1 to the number of items (or users). Default 10, or all when fewer. */
  k?: number
}

/** Where a recommender comes from; kept when it is saved and loaded. */
export interface ModelOrigin {
  /** Name of the model class: `'LightGcn'`. */
  readonly architecture: string
  /** The options it was made with: plain JSON values. */
  readonly options: Readonly<Record<string, unknown>>
  /** Hash of the split it was trained on, or null. */
  readonly splitHash: string | null
}

/**
 * A trained model that answers, in the user's own ids and without TensorFlow.js. It never changes.
 *
 * Equal scores go to the lower index, that is to the lower id. Asking for one user, for many, or
 * for some items gives the same bytes.
 */
export interface RecommenderInterface<User extends Id = Id, Item extends Id = Id> extends Ranker {
  readonly users: IdMap<User>
  readonly items: IdMap<Item>
  /** Each user's training items, as indices. */
  readonly seen: InteractionLists
  readonly origin: ModelOrigin

  /**
   * The best items for one user, or for each of several (those skipped as unknown are left out).
   *
   * @throws InvalidOptionsError for a wrong option, such as a `k` larger than the number of items
   * @throws UnknownIdError for an id that the model never saw, see `unknownIds`
   */
  recommend(users: readonly User[], options?: RecommendOptions<Item>): Recommendation<User, Item>[]
  recommend(
    user: User,
    options?: RecommendOptions<Item> & { unknownIds?: 'error' },
  ): Recommendation<User, Item>
  /** Undefined when the user is skipped as unknown. */
  recommend(user: User, options: RecommendOptions<Item>): Recommendation<User, Item> | undefined

  /**
   * The best items for all users, block by block, so that the lists of all of them are never in memory at
   * once; others run between two blocks. `writeRecommendations` writes them into a file.
   *
   * @throws InvalidOptionsError, UnknownIdError when the first block is asked for, as {@link recommend}
   */
  recommendAll(
    options?: RecommendAllOptions<User, Item>,
  ): AsyncIterableIterator<Recommendation<User, Item>[]>

  /**
   * The items closest to an item, itself left out: by the cosine of their embeddings, or by the
   * weights of a model between items, of which there may be fewer than `k`.
   *
   * @throws NotSupportedError when the model has neither
   */
  similarItems(item: Item, options?: SimilarOptions): RankedItems<Item>

  /**
   * The users closest to a user by the cosine of their embeddings, themselves left out.
   *
   * @throws NotSupportedError when the model has no embeddings
   */
  similarUsers(user: User, options?: SimilarOptions): RankedUsers<User>

  /**
   * The scores of some items for a user, in the order of `items`.
   *
   * @throws UnknownIdError for a user or item that the model never saw
   */
  score(user: User, items: readonly Item[]): Float32Array

  /**
   * Saves what answering needs (no training weights) as a model folder; on disk atomically.
   *
   * @param target - path of a folder, a `file:` URL, or an object that is filled with the files
   * @throws SerializationError when the target cannot be written, or holds a model with weights
   */
  save(target: ModelTarget): Promise<void>

  /**
   * Gives memory outside the JavaScript heap back at once, which otherwise goes with the object. The
   * recommender stays usable and takes the memory again when it is next asked.
   */
  dispose(): void
}
