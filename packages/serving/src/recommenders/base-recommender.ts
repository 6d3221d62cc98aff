import {
  type Id,
  type IdMap,
  type InteractionLists,
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
import { ascendingDistinct, excludedPositions, knownIndices, listLength } from './list-selection.js'
import {
  type ListOptions,
  type RecommendAllOptions,
  type RecommendOptions,
  recommendAllSchema,
  recommendSchema,
  type SimilarOptions,
  similarSchema,
} from './recommend-options.js'
import type { RankedItems, RankedUsers, Recommendation } from './recommendation.js'
import type { RecommenderInterface } from './recommender-interface.js'
import type { ModelOrigin, RecommenderParts } from './recommender-parts.js'

/** The length of a list and the items that it is chosen from. */
interface ListRule {
  readonly k: number
  readonly excludeSeen: boolean
  /** Ascending indices of items to leave out in addition to the seen ones. */
  readonly excluded: Int32Array
  /** Ascending indices of the only candidates, or undefined when all items are candidates. */
  readonly candidates: Int32Array | undefined
}

/** Number of scores that are in memory at a time: 4 MB. */
const scoresPerBlock = 1 << 20

/** The part that all kinds of recommenders share: ids, masks, candidates, lists. */
export abstract class BaseRecommender<UserId extends Id, ItemId extends Id>
  implements RecommenderInterface<UserId, ItemId>
{
  readonly users: IdMap<UserId>
  readonly items: IdMap<ItemId>
  readonly seen: InteractionLists
  readonly origin: ModelOrigin

  protected constructor(parts: RecommenderParts<UserId, ItemId>, kind: ModelKind) {
    this.users = parts.users
    this.items = parts.items
    this.seen = { pointers: parts.seen.pointers.slice(), items: parts.seen.items.slice() }
    this.origin = parts.origin ?? { architecture: kind, options: {}, splitHash: null }
    const problem = seenProblem(this.seen, { users: this.userCount, items: this.itemCount })
    if (problem) throw new ShapeMismatchError(`The seen items do not fit the ids: ${problem}.`)
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

  /** Finds the best items without handing out all scores, in the kinds that can. */
  rankUsers?(users: Int32Array, k: number, exclude: InteractionLists): RankedRows | undefined

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
    this.checkUsers(users)
    this.scoreItems(users, undefined, out)
  }

  /** Checks user indices. @throws UnknownIdError when one is not in 0..userCount-1 */
  protected checkUsers(users: Int32Array): void {
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
    const { indices, scores } = this.#similar('items', item, options)
    return { items: indices.map((index) => this.items.idOf(index)), scores }
  }

  similarUsers(user: UserId, options: SimilarOptions = {}): RankedUsers<UserId> {
    const { indices, scores } = this.#similar('users', user, options)
    return { users: indices.map((index) => this.users.idOf(index)), scores }
  }

  score(user: UserId, items: readonly ItemId[]): Float32Array {
    const scores = new Float32Array(items.length)
    const indices = Int32Array.from(items, (item) => this.items.indexOf(item))
    this.scoreItems(Int32Array.of(this.users.indexOf(user)), indices, scores)
    return scores
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
    const { users, blockSize, signal, ...wanted } = parseOptions(
      'recommendAll',
      recommendAllSchema,
      options,
    )
    const rule = this.#listRule('recommendAll', wanted, 'error')
    const asked = users
      ? knownIndices(this.users, users, 'error')
      : Int32Array.from({ length: this.userCount }, (_, user) => user)
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
    const rule = this.#listRule('recommend', wanted, unknownIds)
    return this.#listsOf(knownIndices(this.users, ids, unknownIds), rule)
  }

  #listRule(owner: string, wanted: ListOptions, unknownIds: 'error' | 'skip'): ListRule {
    const { exclude = [], excludeSeen } = wanted
    return {
      k: listLength(owner, wanted.k, this.itemCount, 'items'),
      excludeSeen,
      excluded: knownIndices(this.items, exclude, unknownIds).sort(),
      candidates:
        wanted.candidates &&
        ascendingDistinct(knownIndices(this.items, wanted.candidates, unknownIds)),
    }
  }

  #listsOf(users: Int32Array, rule: ListRule): Recommendation<UserId, ItemId>[] {
    const { k, excludeSeen, excluded, candidates } = rule
    const width = candidates ? candidates.length : this.itemCount
    if (width === 0) return Array.from(users, (user) => this.#list(user, [], new Float32Array()))
    if (!candidates && excluded.length === 0) {
      const nothing = { pointers: new Int32Array(this.userCount + 1), items: new Int32Array() }
      const ranked = this.rankUsers?.(users, k, excludeSeen ? this.seen : nothing)
      if (ranked) return this.#listsFrom(users, ranked)
    }
    const usersPerBlock = Math.max(1, Math.floor(scoresPerBlock / width))
    const scores = new Float32Array(Math.min(users.length, usersPerBlock) * width)
    const lists: Recommendation<UserId, ItemId>[] = []
    for (let start = 0; start < users.length; start += usersPerBlock) {
      const block = users.subarray(start, start + usersPerBlock)
      this.scoreItems(block, candidates, scores)
      for (let row = 0; row < block.length; row++) {
        const user = block[row]
        const { pointers, items } = this.seen
        const seen = items.subarray(
          pointers[user],
          excludeSeen ? pointers[user + 1] : pointers[user],
        )
        const best = topK(
          scores.subarray(row * width, (row + 1) * width),
          Math.min(k, width),
          excludedPositions(seen, excluded, candidates),
        )
        const found = Array.from(best.items, (place) =>
          this.items.idOf(candidates ? candidates[place] : place),
        )
        lists.push(this.#list(user, found, best.scores))
      }
    }
    return lists
  }

  #listsFrom(
    users: Int32Array,
    { k, items, scores, lengths }: RankedRows,
  ): Recommendation<UserId, ItemId>[] {
    return Array.from(users, (user, row) => {
      const start = row * k
      const end = start + lengths[row]
      const found = Array.from(items.subarray(start, end), (item) => this.items.idOf(item))
      return this.#list(user, found, scores.slice(start, end))
    })
  }

  #list(user: number, items: ItemId[], scores: Float32Array): Recommendation<UserId, ItemId> {
    return { user: this.users.idOf(user), items, scores }
  }

  #similar(
    side: 'users' | 'items',
    id: Id,
    options: SimilarOptions,
  ): { indices: number[]; scores: Float32Array } {
    const owner = side === 'items' ? 'similarItems' : 'similarUsers'
    const wanted = parseOptions(owner, similarSchema, options)
    const k = listLength(owner, wanted.k, this[side].size, side)
    const index = this[side].indexOf(id)
    const { items, scores } = topK(this.similarities(side, index), k, [index])
    const first = scores.indexOf(Number.NEGATIVE_INFINITY)
    const length = first === -1 ? items.length : first
    return { indices: Array.from(items.subarray(0, length)), scores: scores.slice(0, length) }
  }
}
