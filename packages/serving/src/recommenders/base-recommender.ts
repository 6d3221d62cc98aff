import {
  type Id,
  type IdMap,
  type InteractionLists,
  InvalidOptionsError,
  parseOptions,
  type RankedRows,
  ShapeMismatchError,
  TimeSlice,
  topK,
  UnknownIdError,
} from '@gnnrec/graph'
import { seenProblem } from '../model-folder/check-parts.js'
import type { ModelKind, ScoreDefinition } from '../model-folder/model-json.js'
import type { ModelTarget } from '../model-folder/place.js'
import type { TensorMap } from '../model-folder/safetensors.js'
import { checkExclude } from './check-exclude.js'
import { ColdNodes, type ColdStart, everyItem, type ItemChoice } from './cold-start.js'
import { ItemSelection } from './item-selection.js'
import { type ListRule, listRule } from './list-rule.js'
import { knownIndices, listLength, placesIn, union } from './list-selection.js'
import { checkScore, makeRecommendation, usersPerBlock } from './make-recommendation.js'
import {
  type RecommendAllOptions,
  type RecommendOptions,
  recommendAllSchema,
  recommendSchema,
  type SelectItemsOptions,
  type SimilarOptions,
  selectItemsSchema,
  similarSchema,
} from './recommend-options.js'
import type { RankedItems, RankedUsers, Recommendation } from './recommendation.js'
import type { RecommenderInterface } from './recommender-interface.js'
import type { ModelOrigin, RecommenderParts } from './recommender-parts.js'

/** Number of scores that are in memory at a time: 4 MB. */
const scoresPerBlock = 1 << 20
/** Share of the items from which on candidates are ranked among all items. */
const largeShare = 1 / 8
const nothing = new Int32Array()

/** The part that all kinds of recommenders share: ids, masks, candidates, lists. */
export abstract class BaseRecommender<UserId extends Id, ItemId extends Id>
  implements RecommenderInterface<UserId, ItemId>
{
  readonly users: IdMap<UserId>
  readonly items: IdMap<ItemId>
  readonly seen: InteractionLists
  readonly origin: ModelOrigin
  readonly coldStart: ColdStart
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
    this.#cold = ColdNodes.of(coldStart, this.seen, this.itemCount)
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

  abstract withColdStart(coldStart: ColdStart): RecommenderInterface<UserId, ItemId>

  /** Returns what a model folder keeps of this kind of recommender. */
  protected abstract toParts(): { kind: ModelKind; score: ScoreDefinition; serving: TensorMap }

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
    if (Array.isArray(users)) return this.#recommendMany(users, options)
    return this.#recommendMany([users as UserId], options)[0]
  }

  similarItems(item: ItemId, options: SimilarOptions = {}): RankedItems<ItemId> {
    const { indices, scores, isCold } = this.#similar('items', item, options)
    const items = indices.map((index) => this.items.idOf(index))
    return { items, scores, ...(isCold && { fallback: 'popularity' as const }) }
  }

  similarUsers(user: UserId, options: SimilarOptions = {}): RankedUsers<UserId> {
    const { indices, scores, isCold } = this.#similar('users', user, options)
    const users = indices.map((index) => this.users.idOf(index))
    return { users, scores, ...(isCold && { fallback: 'none' as const }) }
  }

  score(user: UserId, items: readonly ItemId[]): number[] {
    const scores = new Float32Array(items.length)
    const indices = knownIndices(this.items, items, 'error')
    this.#score(Int32Array.of(this.users.indexOf(user)), indices, scores)
    for (let place = 0; place < scores.length; place++) {
      checkScore(user, this.items, indices[place], scores[place])
    }
    return Array.from(scores)
  }

  selectItems(items: readonly ItemId[], options: SelectItemsOptions = {}): ItemSelection<ItemId> {
    const { unknownIds } = parseOptions('selectItems', selectItemsSchema, options)
    return new ItemSelection(this.items, knownIndices(this.items, items, unknownIds))
  }

  dispose(): void {}

  async save(target: ModelTarget): Promise<void> {
    const { users, items, seen } = this
    // Imported when it is needed: web pages answer but do not save.
    const { writeModelFolder } = await import('../model-folder/write-model-folder.js')
    await writeModelFolder(target, { ...this.origin, ...this.toParts(), users, items, seen })
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
      yield this.#listsOf(asked.subarray(start, start + blockSize), rule)
    }
  }

  #recommendMany(
    ids: readonly UserId[],
    options: RecommendOptions<ItemId>,
  ): Recommendation<UserId, ItemId>[] {
    const { unknownIds, ...wanted } = parseOptions('recommend', recommendSchema, options)
    const rule = listRule(this.items, 'recommend', wanted, unknownIds)
    return this.#listsOf(knownIndices(this.users, ids, unknownIds), rule)
  }

  #listsOf(users: Int32Array, rule: ListRule): Recommendation<UserId, ItemId>[] {
    const { k, excludeSeen, choice } = rule
    const { candidates, excluded } = choice
    const width = candidates ? candidates.length : this.itemCount
    if (width === 0)
      return Array.from(users, (user) => this.#list(user, nothing, new Float32Array()))
    const seenOf = (user: number): Int32Array => {
      const { pointers, items } = this.seen
      return excludeSeen ? items.subarray(pointers[user], pointers[user + 1]) : nothing
    }
    if (width >= largeShare * this.itemCount) {
      const ranked = this.#rank(users, k, (place) => seenOf(users[place]), choice)
      if (ranked) return this.#listsFrom(users, ranked)
    }
    const usersPerBlock = Math.max(1, Math.floor(scoresPerBlock / width))
    const scores = new Float32Array(Math.min(users.length, usersPerBlock) * width)
    const lists: Recommendation<UserId, ItemId>[] = []
    for (let start = 0; start < users.length; start += usersPerBlock) {
      const block = users.subarray(start, start + usersPerBlock)
      this.#score(block, candidates, scores)
      for (let row = 0; row < block.length; row++) {
        const seen = seenOf(block[row])
        const best = topK(
          scores.subarray(row * width, (row + 1) * width),
          Math.min(k, width),
          candidates ? placesIn(candidates, seen) : union(seen, excluded),
        )
        const found = candidates ? best.items.map((place) => candidates[place]) : best.items
        lists.push(this.#list(block[row], found, best.scores))
      }
    }
    return lists
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
    if (!ranked || this.#lacksItems(ranked, excludeOf, choice)) return undefined
    this.#cold?.overwriteLists(ranked, users, excludeOf, choice)
    return ranked
  }

  /** Returns true when a list ends though there are more items, whose scores are then -Infinity. */
  #lacksItems(
    { k, lengths }: RankedRows,
    excludeOf: (place: number) => Int32Array,
    { candidates, excluded }: ItemChoice,
  ): boolean {
    return lengths.some((length, place) => {
      if (length === k) return false
      const own = excludeOf(place)
      const available = candidates
        ? candidates.length - placesIn(candidates, own).length
        : this.itemCount - union(own, excluded).length
      return length < Math.min(k, available)
    })
  }

  #listsFrom(
    users: Int32Array,
    { k, items, scores, lengths }: RankedRows,
  ): Recommendation<UserId, ItemId>[] {
    return Array.from(users, (user, row) => {
      const [start, end] = [row * k, row * k + lengths[row]]
      return this.#list(user, items.subarray(start, end), scores.subarray(start, end))
    })
  }

  #list(user: number, indices: Int32Array, scores: Float32Array): Recommendation<UserId, ItemId> {
    const { users, items } = this
    return makeRecommendation({ users, items, cold: this.#cold }, user, indices, scores)
  }

  #similar(
    side: 'users' | 'items',
    id: Id,
    options: SimilarOptions,
  ): { indices: number[]; scores: number[]; isCold: boolean } {
    const owner = side === 'items' ? 'similarItems' : 'similarUsers'
    const wanted = parseOptions(owner, similarSchema, options)
    const k = listLength(owner, wanted.k, this[side].size, side)
    const index = this[side].indexOf(id)
    const similarities = this.similarities(side, index)
    const cold = this.#cold
    const isCold = cold?.has(side, index) ?? false
    for (let other = 0; cold && other < similarities.length; other++) {
      if (cold.has(side, other)) similarities[other] = Number.NEGATIVE_INFINITY
      else if (isCold) {
        similarities[other] = side === 'items' ? cold.popularity[other] : Number.NEGATIVE_INFINITY
      }
    }
    const { items, scores } = topK(similarities, k, [index])
    const first = scores.indexOf(Number.NEGATIVE_INFINITY)
    const length = first === -1 ? items.length : first
    return {
      indices: Array.from(items.subarray(0, length)),
      scores: Array.from(scores.subarray(0, length)),
      isCold,
    }
  }
}
