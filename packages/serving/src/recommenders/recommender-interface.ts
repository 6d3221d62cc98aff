import type { Id, IdMap, InteractionLists, Ranker } from '@gnnrec/graph'
import type { ModelTarget } from '../model-folder/place.js'
import type { ColdStart } from './cold-start.js'
import type { Explanation } from './explanation.js'
import type { HistoryItem } from './histories.js'
import type { ItemFilter } from './item-filter.js'
import type { ItemStanding } from './item-standing.js'
import type {
  ExplainOptions,
  FilterItems,
  FilterOptions,
  RecommendAllOptions,
  RecommendForOptions,
  RecommendOptions,
  SaveOptions,
  SimilarItemsOptions,
  SimilarUsersOptions,
  WhyNotOptions,
} from './recommend-options.js'
import type {
  HistoryRecommendation,
  RankedItems,
  RankedUsers,
  Recommendation,
} from './recommendation.js'
import type { ModelOrigin } from './recommender-parts.js'

/** The questions that every kind of recommender answers. */
export interface RecommenderInterface<UserId extends Id = Id, ItemId extends Id = Id>
  extends Ranker {
  /** The ids of the users; an index of a user counts along them. */
  readonly users: IdMap<UserId>
  /** The ids of the items; an index of an item counts along them. */
  readonly items: IdMap<ItemId>
  /** Each user's training items, as indices. */
  readonly seen: InteractionLists
  /** The training that the recommender comes from. */
  readonly origin: ModelOrigin

  /**
   * Recommends to several users: one list per user, in their order. Users that are skipped as
   * unknown have no list. A list says in `source` how it was made.
   *
   * @throws InvalidOptionsError for a wrong option, such as a `k` larger than the number of items
   * @throws UnknownIdError for an id that the model never saw, see {@link RecommendOptions.unknownIds}
   */
  recommend(
    users: readonly UserId[],
    options?: RecommendOptions<ItemId>,
  ): Recommendation<UserId, ItemId>[]
  /** Recommends to one user. */
  recommend(
    user: UserId,
    options?: RecommendOptions<ItemId> & { unknownIds?: 'error' },
  ): Recommendation<UserId, ItemId>
  /** Recommends to one user; returns undefined when the user is skipped as unknown. */
  recommend(
    user: UserId,
    options: RecommendOptions<ItemId>,
  ): Recommendation<UserId, ItemId> | undefined

  /**
   * Recommends for several histories of anybody, such as those of new users and of sessions: one list per history,
   * in their order. The items of a history count whatever their order; see {@link HistoryItem} for weights and times.
   *
   * A list says in `source` whether the model made it (`'folded-in'`) or, as no item of the history counted,
   * popularity. Each kind of recommender answers as its definition allows; see `foldIn` of
   * `EmbeddingRecommenderOptions` for embeddings.
   *
   * @throws InvalidOptionsError for a wrong option, a weight that is not finite and above 0, or something that is no item
   * @throws UnknownIdError for an unknown id among `candidates` and `exclude`, for one of the wrong type, and for an
   * unknown item of a history with `unknownItems: 'error'`
   * @throws NotSupportedError when the recommender lacks what it needs to answer for histories
   * @example
   * ```ts
   * import { fromRecords, interactionLists } from '@gnnrec/graph'
   * import { ItemSimilarityRecommender } from '@gnnrec/serving'
   *
   * const table = fromRecords([
   *   { user: 'ann', item: 'Alien' },
   *   { user: 'ben', item: 'Brazil' },
   * ])
   * const recommender = new ItemSimilarityRecommender({
   *   users: table.users,
   *   items: table.items,
   *   seen: interactionLists(table),
   *   weights: Float32Array.of(0, 0.5, 0.5, 0),
   * })
   * const { items, source } = recommender.recommendFor(['Brazil'], { k: 1 })
   * console.log(items, source) // [ 'Alien' ] folded-in
   * ```
   */
  recommendFor(
    histories: readonly (readonly HistoryItem<ItemId>[])[],
    options?: RecommendForOptions<ItemId>,
  ): HistoryRecommendation<ItemId>[]
  /** Recommends for one history; an empty array is an empty history. */
  recommendFor(
    history: readonly HistoryItem<ItemId>[],
    options?: RecommendForOptions<ItemId>,
  ): HistoryRecommendation<ItemId>

  /**
   * Writes the scores of all items for histories of anybody, which need not be in the training data. The items of a
   * history are scored like all others. The score of a history does not depend on the others.
   *
   * @param histories - ascending, distinct item indices of each history, as `interactionLists` makes them, perhaps with
   * weights
   * @param out - room for histories × items scores, row-major
   * @throws ShapeMismatchError when `out` is too short or a history is not in the form expected
   * @throws NotSupportedError when the recommender lacks what it needs to answer for histories
   */
  scoreHistories(histories: InteractionLists, out: Float32Array): void

  /**
   * Recommends to all users, block by block, so that the lists of all of them are never in memory
   * at once. Other tasks run between two blocks. `writeRecommendations` writes the lists to a file.
   *
   * @throws InvalidOptionsError for a wrong option, when the first block is asked for
   * @throws UnknownIdError for an id that the model never saw, when the first block is asked for
   */
  recommendAll(
    options?: RecommendAllOptions<UserId, ItemId>,
  ): AsyncIterableIterator<Recommendation<UserId, ItemId>[]>

  /**
   * Finds the items that are most similar to an item, which itself is left out. A recommender of
   * embeddings compares them by their cosine. A recommender of weights between items ranks by
   * these weights and may return fewer than `k` items. Items without training interactions are in no list;
   * asked for such an item, it answers with the most popular items.
   *
   * @throws NotSupportedError when the recommender has neither
   * @throws UnknownIdError for an item that the model never saw
   */
  similarItems(item: ItemId, options?: SimilarItemsOptions<ItemId>): RankedItems<ItemId>

  /**
   * Finds the users who are most similar to a user, who is left out. A recommender of embeddings compares them by
   * their cosine. A recommender of similarities between users ranks by these and may return fewer than `k` users.
   * Users without training interactions are in no list; asked for such a user, it answers with an empty list.
   *
   * @throws NotSupportedError when the recommender has neither
   * @throws UnknownIdError for a user that the model never saw
   */
  similarUsers(user: UserId, options?: SimilarUsersOptions): RankedUsers<UserId>

  /**
   * Returns the scores of some items for a user, in the order of `items`.
   *
   * @throws UnknownIdError for a user or item that the model never saw
   */
  score(user: UserId, items: readonly ItemId[]): number[]

  /**
   * Takes the score of an item apart, for a user or for a history: into contributions of the items of the history,
   * which with the remainder add up to the score. They are exact where a score is a sum over these items, as in
   * item-item models, filters and models of one linear propagation; elsewhere each is the change of the score
   * when its item is left out, which costs a scoring for each item of the history.
   *
   * @throws UnknownIdError for a user or item that the model never saw
   * @throws InvalidOptionsError for a wrong option, or something in the history that is no item
   * @throws NotSupportedError when the recommender lacks what it needs to answer for histories
   * @throws NonFiniteError when a score is NaN or infinite
   * @example
   * ```ts
   * import { fromRecords, interactionLists } from '@gnnrec/graph'
   * import { ItemSimilarityRecommender } from '@gnnrec/serving'
   *
   * const table = fromRecords([
   *   { user: 'ann', item: 'Alien' },
   *   { user: 'ann', item: 'Brazil' },
   *   { user: 'ben', item: 'Clue' },
   * ])
   * const recommender = new ItemSimilarityRecommender({
   *   users: table.users,
   *   items: table.items,
   *   seen: interactionLists(table),
   *   weights: Float32Array.of(0, 0.5, 0.25, 0.5, 0, 1, 0.25, 1, 0),
   * })
   * const { score, contributions } = recommender.explain('ann', 'Clue')
   * console.log(score, contributions) // 1.25, of which Brazil 1 and Alien 0.25
   * ```
   */
  explain(
    asked: UserId | readonly HistoryItem<ItemId>[],
    item: ItemId,
    options?: ExplainOptions,
  ): Explanation<ItemId>

  /**
   * Tells why an item is not in the list of a user or a history, or in which place it is: its rank, what its score
   * lacks for the last place of a list of length `k`, the rule that keeps it out, and the items that would have raised
   * it, had the person met one of them: adding such an item to the history (or to `since` of a user) gives the rank that
   * the answer says. At most 32 items are tried: of models whose score is a sum over the history those that add most to
   * it, of others those that are like the item.
   *
   * @param options - those of the list, and `lifts`
   * @throws UnknownIdError for a user or item that the model never saw
   * @throws InvalidOptionsError for a wrong option, or something in the history that is no item
   * @throws NotSupportedError when the recommender lacks what it needs to answer for histories
   * @throws NonFiniteError when a score is NaN or infinite
   * @example
   * ```ts
   * import { fromRecords, interactionLists } from '@gnnrec/graph'
   * import { PopularityRecommender } from '@gnnrec/serving'
   *
   * const table = fromRecords([
   *   { user: 'ann', item: 'Alien' },
   *   { user: 'ben', item: 'Brazil' },
   *   { user: 'ben', item: 'Clue' },
   * ])
   * const recommender = new PopularityRecommender({
   *   users: table.users,
   *   items: table.items,
   *   seen: interactionLists(table),
   *   scores: Float32Array.of(1, 2, 5),
   * })
   * const { rank, gap } = recommender.whyNot('ann', 'Brazil', { k: 1 })
   * console.log(rank, gap) // 2 -3
   * console.log(recommender.whyNot('ann', 'Alien').leftOut) // seen
   * ```
   */
  whyNot(
    asked: UserId | readonly HistoryItem<ItemId>[],
    item: ItemId,
    options?: WhyNotOptions<ItemId>,
  ): ItemStanding<ItemId>

  /**
   * Looks up items once, to pass them as `candidates` or `exclude` again and again: a list from half of 100,000
   * items then costs hardly more than one from all. Filters are combined by `and`, `or` and `not`.
   *
   * @param items - their ids, a function that is asked once for each id, or a mask
   * @throws UnknownIdError for an id that the model never saw, see {@link RecommendOptions.unknownIds}
   * @throws ShapeMismatchError for a mask that does not have a value for each item
   * @throws InvalidOptionsError for something else, and for a value of a function or mask that is neither true nor false
   * @example
   * ```ts
   * import { fromRecords, interactionLists } from '@gnnrec/graph'
   * import { PopularityRecommender } from '@gnnrec/serving'
   *
   * const table = fromRecords([
   *   { user: 'ann', item: 'Alien' },
   *   { user: 'ben', item: 'Brazil' },
   *   { user: 'ben', item: 'Clue' },
   * ])
   * const recommender = new PopularityRecommender({
   *   users: table.users,
   *   items: table.items,
   *   seen: interactionLists(table),
   *   scores: Float32Array.of(1, 2, 3),
   * })
   * const inStock = recommender.filter(['Alien', 'Brazil', 'Dune'], { unknownIds: 'skip' })
   * console.log(recommender.recommend('ann', { candidates: inStock }).items) // ['Brazil']
   * const short = recommender.filter((title) => title.length < 6)
   * console.log(recommender.recommend('ann', { candidates: inStock.or(short) }).items) // ['Clue', 'Brazil']
   * ```
   */
  filter(items: FilterItems<ItemId>, options?: FilterOptions): ItemFilter<ItemId>

  /** The treatment of users and items without training interactions. */
  readonly coldStart: ColdStart

  /** Returns a recommender of the same model that treats users and items without training interactions otherwise. */
  withColdStart(coldStart: ColdStart): RecommenderInterface<UserId, ItemId>

  /**
   * Saves what answering needs (no training weights) as a model folder. On disk the folder holds
   * the old model or the new one at any moment.
   *
   * @param target - path of a folder, a `file:` URL, or an object that is filled with the files
   * @throws SerializationError when the target cannot be written or holds a model with weights
   * @throws NotSupportedError for `users: false` when the recommender answers from the histories of its users
   */
  save(target: ModelTarget, options?: SaveOptions): Promise<void>

  /**
   * Frees the memory outside the JavaScript heap at once; otherwise it is freed when the object is
   * collected. The recommender stays usable and takes the memory again when it is next asked.
   */
  dispose(): void
}
