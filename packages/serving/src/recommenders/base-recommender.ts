import {
  type Id,
  IdMap,
  type InteractionLists,
  InvalidOptionsError,
  parseOptions,
  type RankedRows,
  ShapeMismatchError,
  TimeSlice,
  UnknownIdError,
} from '@gnnrec/graph'
import { popularityProblem, seenProblem } from '../model-folder/check-parts.js'
import type { ModelKind, ScoreDefinition } from '../model-folder/model-json.js'
import type { ModelTarget } from '../model-folder/place.js'
import type { TensorMap } from '../model-folder/safetensors.js'
import {
  type AnsweringModel,
  type AskedHistories,
  answerPeople,
  type Person,
} from './answer-people.js'
import { type Askers, lacksItems } from './best-lists.js'
import { checkExclude } from './check-exclude.js'
import { checkHistories } from './check-histories.js'
import {
  ColdNodes,
  type ColdStart,
  everyItem,
  type ItemChoice,
  popularityOf,
} from './cold-start.js'
import type { HistoryItem } from './histories.js'
import { ItemSelection } from './item-selection.js'
import { type ListRule, listRule } from './list-rule.js'
import { knownIndices, listLength } from './list-selection.js'
import { checkScore, listOf, show, usersPerBlock } from './make-recommendation.js'
import { peopleOfHistories, peopleOfUsers } from './people.js'
import {
  type RecommendAllOptions,
  type RecommendForOptions,
  type RecommendOptions,
  recommendAllSchema,
  recommendForSchema,
  recommendSchema,
  type SaveOptions,
  type SelectItemsOptions,
  type SimilarOptions,
  saveSchema,
  selectItemsSchema,
  similarSchema,
} from './recommend-options.js'
import type {
  HistoryRecommendation,
  RankedItems,
  RankedUsers,
  Recommendation,
} from './recommendation.js'
import type { RecommenderInterface } from './recommender-interface.js'
import type { ModelOrigin, RecommenderParts } from './recommender-parts.js'
import { similarNodes } from './similar-nodes.js'

/** The users of a folder without users. */
const nobody = {
  users: IdMap.from<never>([]),
  seen: { pointers: new Int32Array(1), items: new Int32Array() },
}

/** The part that all kinds of recommenders share: ids, masks, candidates, lists. */
export abstract class BaseRecommender<UserId extends Id, ItemId extends Id>
  implements RecommenderInterface<UserId, ItemId>
{
  readonly users: IdMap<UserId>
  readonly items: IdMap<ItemId>
  readonly seen: InteractionLists
  readonly origin: ModelOrigin
  readonly coldStart: ColdStart
  /** Number of training users of each item. */
  protected readonly popularity: Float32Array
  readonly #cold: ColdNodes | undefined

  protected constructor(
    parts: RecommenderParts<UserId, ItemId>,
    kind: ModelKind,
    coldStart: ColdStart = 'model',
  ) {
    this.users = parts.users
    this.items = parts.items
    const { pointers, items, weights } = parts.seen
    this.seen = {
      pointers: pointers.slice(),
      items: items.slice(),
      ...(weights && { weights: weights.slice() }),
    }
    this.origin = parts.origin ?? { architecture: kind, options: {}, splitHash: null }
    const problem = seenProblem(this.seen, { users: this.userCount, items: this.itemCount })
    if (problem) throw new ShapeMismatchError(`The seen items do not fit the ids: ${problem}.`)
    this.coldStart = coldStart
    const counts = parts.popularity?.slice()
    const misfit = popularityProblem(counts, this.itemCount)
    if (misfit)
      throw new ShapeMismatchError(`The numbers of users do not fit the items: ${misfit}.`)
    this.popularity = counts ?? popularityOf(this.seen, this.itemCount)
    this.#cold = ColdNodes.of(coldStart, this.seen, this.popularity)
  }

  get userCount(): number {
    return this.users.size
  }

  get itemCount(): number {
    return this.items.size
  }

  /**
   * Writes the score of `items` (all items when undefined) for each of `users`, row-major. A score
   * must not depend on the other users and items that are asked for with it.
   */
  protected abstract scoreItems(
    users: Int32Array,
    items: Int32Array | undefined,
    out: Float32Array,
  ): void

  /**
   * Finds the best items of users among the choice by the scores of {@link scoreItems} without handing out all
   * of them, in the kinds that can.
   *
   * @param excludeOf - returns the ascending items to leave out for the user at a place in `users`
   */
  protected rankItems?(
    users: Int32Array,
    k: number,
    excludeOf: (place: number) => Int32Array,
    choice: ItemChoice,
  ): RankedRows | undefined

  /**
   * Prepares to score histories of anybody. The score of an item for an empty history is of no use but must be a number.
   *
   * @throws NotSupportedError when it cannot
   */
  protected abstract askHistories(
    histories: AskedHistories,
    excludeOf: (place: number) => Int32Array,
  ): Askers

  abstract withColdStart(coldStart: ColdStart): RecommenderInterface<UserId, ItemId>

  /** Returns what a model folder keeps of this kind of recommender. */
  protected abstract toParts(): {
    kind: ModelKind
    score: ScoreDefinition
    serving: TensorMap
    foldIn?: TensorMap
  }

  /**
   * Returns the tensors of {@link toParts} without what is known of single users.
   *
   * @throws NotSupportedError when the kind answers from its users
   */
  protected servingWithoutUsers(): TensorMap {
    return this.toParts().serving
  }

  /** The parts that every kind of recommender is made from. */
  protected get common() {
    const { users, items, seen, origin, popularity } = this
    return { users, items, seen, origin, popularity }
  }

  /** Returns the similarity of each user (or item) to one of them; -Infinity leaves one out. */
  protected abstract similarities(side: 'users' | 'items', index: number): Float32Array

  scoreUsers(users: Int32Array, out: Float32Array): void {
    if (out.length < users.length * this.itemCount) {
      throw new ShapeMismatchError(
        `out has ${out.length} places; ${users.length} users and ${this.itemCount} items need ${users.length * this.itemCount}.`,
      )
    }
    this.#checkUsers(users)
    this.#score(users, undefined, out)
  }

  scoreHistories(histories: InteractionLists, out: Float32Array): void {
    checkHistories(histories, this.itemCount, out)
    const count = histories.pointers.length - 1
    const asked = { ...histories, users: new Int32Array(count).fill(-1) }
    this.askHistories(asked, () => new Int32Array()).score(0, count, undefined, out)
  }

  /**
   * Finds the `k` best items of each of `users`; returns undefined when a score is NaN or -Infinity, or the kind of recommender
   * finds lists by all scores only.
   *
   * @throws InvalidOptionsError when k is not an integer in 1..itemCount
   * @throws ShapeMismatchError when `exclude` does not fit the users and items
   */
  rankUsers(users: Int32Array, k: number, exclude: InteractionLists): RankedRows | undefined {
    if (!Number.isInteger(k) || k < 1 || k > this.itemCount) {
      throw new InvalidOptionsError(
        `k: got ${k}; expected an integer in 1..${this.itemCount} (the number of items).`,
      )
    }
    this.#checkUsers(users)
    checkExclude(exclude, users, this)
    const { pointers, items } = exclude
    const excludeOf = (place: number) =>
      items.subarray(pointers[users[place]], pointers[users[place] + 1])
    return this.#rank(users, k, excludeOf, everyItem)
  }

  /** Checks user indices. @throws UnknownIdError when one is not in 0..userCount-1 */
  #checkUsers(users: Int32Array): void {
    for (const user of users) {
      if (user >= 0 && user < this.userCount) continue
      throw new UnknownIdError(user, `User index ${user} is not in 0..${this.userCount - 1}.`)
    }
  }

  recommend(
    users: readonly UserId[],
    options?: RecommendOptions<ItemId>,
  ): Recommendation<UserId, ItemId>[]
  recommend(
    user: UserId,
    options?: RecommendOptions<ItemId> & { unknownIds?: 'error' },
  ): Recommendation<UserId, ItemId>
  recommend(
    user: UserId,
    options: RecommendOptions<ItemId>,
  ): Recommendation<UserId, ItemId> | undefined
  recommend(
    users: UserId | readonly UserId[],
    options: RecommendOptions<ItemId> = {},
  ): Recommendation<UserId, ItemId>[] | Recommendation<UserId, ItemId> | undefined {
    const { unknownUser, since, unknownItems, halfLife, unknownIds, ...wanted } = parseOptions(
      'recommend',
      recommendSchema,
      options,
    )
    const rule = listRule(this.items, 'recommend', wanted, unknownIds)
    const isMany = Array.isArray(users)
    const ids: readonly UserId[] = isMany ? users : [users as UserId]
    const asked = peopleOfUsers(this, ids, {
      isMany,
      since,
      unknownUser: unknownUser ?? unknownIds,
      unknownItems,
      halfLife,
    })
    const idOf = (at: number) => ids[asked[at].place]
    const lists = this.#listsOf(asked, rule, (at) => `user ${show(idOf(at))}`)
    const named = lists.map((list, at) => ({ user: idOf(at), ...list }))
    return isMany ? named : named[0]
  }

  recommendFor(
    histories: readonly (readonly HistoryItem<ItemId>[])[],
    options?: RecommendForOptions<ItemId>,
  ): HistoryRecommendation<ItemId>[]
  recommendFor(
    history: readonly HistoryItem<ItemId>[],
    options?: RecommendForOptions<ItemId>,
  ): HistoryRecommendation<ItemId>
  recommendFor(
    given: readonly HistoryItem<ItemId>[] | readonly (readonly HistoryItem<ItemId>[])[],
    options: RecommendForOptions<ItemId> = {},
  ): HistoryRecommendation<ItemId>[] | HistoryRecommendation<ItemId> {
    const { unknownItems, halfLife, unknownIds, ...wanted } = parseOptions(
      'recommendFor',
      recommendForSchema,
      options,
    )
    const rule = listRule(this.items, 'recommendFor', wanted, unknownIds)
    const { people, isMany } = peopleOfHistories(this.items, given, { unknownItems, halfLife })
    const lists = this.#listsOf(people, rule, (at) => `history ${at}`)
    return isMany ? lists : lists[0]
  }

  similarItems(item: ItemId, options: SimilarOptions = {}): RankedItems<ItemId> {
    const { items, scores, isCold } = this.#similar('items', item, options)
    return {
      items: Array.from(items, (index) => this.items.idOf(index)),
      scores: Array.from(scores),
      source: isCold ? 'popularity' : 'trained',
    }
  }

  similarUsers(user: UserId, options: SimilarOptions = {}): RankedUsers<UserId> {
    const { items, scores, isCold } = this.#similar('users', user, options)
    return {
      users: Array.from(items, (index) => this.users.idOf(index)),
      scores: Array.from(scores),
      source: isCold ? 'none' : 'trained',
    }
  }

  score(user: UserId, items: readonly ItemId[]): number[] {
    const scores = new Float32Array(items.length)
    const indices = knownIndices(this.items, items, 'error')
    this.#score(Int32Array.of(this.users.indexOf(user)), indices, scores)
    for (let place = 0; place < scores.length; place++) {
      checkScore(`user ${show(user)}`, this.items, indices[place], scores[place])
    }
    return Array.from(scores)
  }

  selectItems(items: readonly ItemId[], options: SelectItemsOptions = {}): ItemSelection<ItemId> {
    const { unknownIds } = parseOptions('selectItems', selectItemsSchema, options)
    return new ItemSelection(this.items, knownIndices(this.items, items, unknownIds))
  }

  dispose(): void {}

  async save(target: ModelTarget, options: SaveOptions = {}): Promise<void> {
    const kept = parseOptions('save', saveSchema, options)
    const { users, items, seen } = this
    const { foldIn, score, ...parts } = this.toParts()
    const { foldIn: _, ...scoreAlone } = score
    const answering = kept.foldIn ? { score, ...(foldIn && { foldIn }) } : { score: scoreAlone }
    const people = kept.users ? { users, seen } : { ...nobody, serving: this.servingWithoutUsers() }
    const hasUsers = kept.users && users.size > 0
    const counts = hasUsers ? {} : { popularity: this.popularity }
    // Imported when it is needed: web pages answer but do not save.
    const { writeModelFolder } = await import('../model-folder/write-model-folder.js')
    await writeModelFolder(target, {
      ...this.origin,
      ...parts,
      ...answering,
      items,
      ...people,
      ...counts,
    })
  }

  async *recommendAll(
    options: RecommendAllOptions<UserId, ItemId> = {},
  ): AsyncGenerator<Recommendation<UserId, ItemId>[], void, undefined> {
    const {
      users,
      blockSize: wantedSize,
      signal,
      ...wanted
    } = parseOptions('recommendAll', recommendAllSchema, options)
    const rule = listRule(this.items, 'recommendAll', wanted, 'error')
    const asked = users
      ? knownIndices(this.users, users, 'error')
      : Int32Array.from({ length: this.userCount }, (_, user) => user)
    const blockSize = wantedSize ?? usersPerBlock(rule.k, 256)
    const slice = new TimeSlice(signal)
    for (let start = 0; start < asked.length; start += blockSize) {
      if (start > 0) await slice.next()
      const block = Array.from(asked.subarray(start, start + blockSize))
      const idOf = (at: number) => this.users.idOf(block[at])
      const people = block.map((user) => ({ user }))
      const lists = this.#listsOf(people, rule, (at) => `user ${show(idOf(at))}`)
      yield lists.map((list, at) => ({ user: idOf(at), ...list }))
    }
  }

  /** @param askerOf - names the person at a place, for errors */
  #listsOf(
    people: readonly Person[],
    rule: ListRule,
    askerOf: (place: number) => string,
  ): HistoryRecommendation<ItemId>[] {
    const model: AnsweringModel = {
      itemCount: this.itemCount,
      seen: this.seen,
      popularity: this.popularity,
      cold: this.#cold,
      askUsers: (users, excludeOf) => ({
        count: users.length,
        excludeOf,
        score: (first, last, items, out) => this.#score(users.subarray(first, last), items, out),
        rank: (k, choice) => this.#rank(users, k, excludeOf, choice),
      }),
      askHistories: (histories, excludeOf) => this.askHistories(histories, excludeOf),
    }
    const parts = { items: this.items, cold: this.#cold }
    return answerPeople(model, people, rule).map(({ best, source, ignored }, place) => {
      const list = listOf(parts, best, source, askerOf(place))
      return ignored > 0 ? { ...list, ignoredItems: ignored } : list
    })
  }

  /** Writes scores as {@link scoreItems} does; those of users whom the model does not know are by popularity. */
  #score(users: Int32Array, items: Int32Array | undefined, out: Float32Array): void {
    this.scoreItems(users, items, out)
    this.#cold?.overwriteScores(users, items, out)
  }

  /** Ranks as {@link rankItems} does; the lists of users whom the model does not know are by popularity. */
  #rank(
    users: Int32Array,
    k: number,
    excludeOf: (place: number) => Int32Array,
    choice: ItemChoice,
  ): RankedRows | undefined {
    const ranked = this.rankItems?.(users, k, excludeOf, choice)
    if (!ranked || lacksItems(ranked, excludeOf, choice, this.itemCount)) return undefined
    this.#cold?.overwriteLists(ranked, users, excludeOf, choice)
    return ranked
  }

  #similar(side: 'users' | 'items', id: Id, options: SimilarOptions) {
    const owner = side === 'items' ? 'similarItems' : 'similarUsers'
    const wanted = parseOptions(owner, similarSchema, options)
    const k = listLength(owner, wanted.k, this[side].size, side)
    const index = this[side].indexOf(id)
    return similarNodes(this.similarities(side, index), side, index, k, this.#cold)
  }
}
