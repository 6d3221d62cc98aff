import {
  type Id,
  IdMap,
  type InteractionLists,
  parseOptions,
  type RankedRows,
  ShapeMismatchError,
  TimeSlice,
  topK,
  UnknownIdError,
} from '@gnnrec/graph'
import * as z from 'zod/mini'
import { seenProblem } from '../model-folder/check-parts.js'
import type { ModelKind, ScoreDefinition } from '../model-folder/model-json.js'
import type { ModelTarget } from '../model-folder/place.js'
import type { TensorMap } from '../model-folder/safetensors.js'
import type {
  ModelOrigin,
  RankedItems,
  RankedUsers,
  RecommendAllOptions,
  Recommendation,
  RecommenderInterface,
  RecommendOptions,
  SimilarOptions,
} from './contract.js'
import {
  type ListWishes,
  recommendAllSchema,
  recommendSchema,
  similarSchema,
} from './recommend-options.js'
import { ascendingDistinct, excludedPositions, knownIndices, listLength } from './selection.js'

/** What every kind of recommender is made from. */
export interface RecommenderParts<User extends Id = Id, Item extends Id = Id> {
  users: IdMap<User>
  items: IdMap<Item>
  /** Each user's training items, from `interactionLists`. */
  seen: InteractionLists
  /** Where the model comes from. Default: the kind as architecture, no options, no split. */
  origin?: ModelOrigin
}

const idMap = z.custom<IdMap>((value) => value instanceof IdMap, { error: 'expected an IdMap' })

/** Checks of {@link RecommenderParts}, for the strict schemas of the kinds. */
export const partsShape = {
  users: idMap,
  items: idMap,
  seen: z.object(
    {
      pointers: z.instanceof(Int32Array, { error: 'expected an Int32Array' }),
      items: z.instanceof(Int32Array, { error: 'expected an Int32Array' }),
    },
    { error: "expected each user's items as made by interactionLists" },
  ),
  origin: z.optional(
    z.strictObject({
      architecture: z.string({ error: 'expected a string' }),
      options: z.record(z.string(), z.unknown(), { error: 'expected an object' }),
      splitHash: z.nullable(z.string({ error: 'expected a string or null' })),
    }),
  ),
}

/** What a list is chosen from. */
interface ListRule {
  readonly k: number
  readonly excludeSeen: boolean
  /** Ascending item indices to leave out besides. */
  readonly excluded: Int32Array
  /** The only candidates, ascending, or undefined for all. */
  readonly pool: Int32Array | undefined
}

/** So many scores are computed at a time: 4 MB. */
const scoresPerBlock = 1 << 20

/** What all kinds of recommenders share: ids, masks, candidates, lists. */
export abstract class BaseRecommender<User extends Id, Item extends Id>
  implements RecommenderInterface<User, Item>
{
  readonly users: IdMap<User>
  readonly items: IdMap<Item>
  readonly seen: InteractionLists
  readonly origin: ModelOrigin

  protected constructor(parts: RecommenderParts<User, Item>, kind: ModelKind) {
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
   * Writes the score of `items` (all when undefined) for each of `users`, row-major. A score must
   * not depend on which others are asked for with it.
   */
  protected abstract scoreItems(
    users: Int32Array,
    items: Int32Array | undefined,
    out: Float32Array,
  ): void

  /** Of kinds that find lists without handing out scores. */
  rankUsers?(users: Int32Array, k: number, exclude: InteractionLists): RankedRows | undefined

  protected abstract toParts(): { kind: ModelKind; score: ScoreDefinition; serving: TensorMap }

  /** How similar each of a side is to one of them; -Infinity leaves out what has no similarity. */
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

  /** @throws UnknownIdError when an index is not in 0..userCount-1 */
  protected checkUsers(users: Int32Array): void {
    for (const user of users) {
      if (user >= 0 && user < this.userCount) continue
      throw new UnknownIdError(user, `User index ${user} is not in 0..${this.userCount - 1}.`)
    }
  }

  recommend(users: readonly User[], options?: RecommendOptions<Item>): Recommendation<User, Item>[]
  recommend(
    user: User,
    options?: RecommendOptions<Item> & { unknownIds?: 'error' },
  ): Recommendation<User, Item>
  recommend(user: User, options: RecommendOptions<Item>): Recommendation<User, Item> | undefined
  recommend(
    users: User | readonly User[],
    options: RecommendOptions<Item> = {},
  ): Recommendation<User, Item>[] | Recommendation<User, Item> | undefined {
    if (Array.isArray(users)) return this.#recommendMany(users, options)
    return this.#recommendMany([users as User], options)[0]
  }

  similarItems(item: Item, options: SimilarOptions = {}): RankedItems<Item> {
    const { indices, scores } = this.#similar('items', item, options)
    return { items: indices.map((index) => this.items.idOf(index)), scores }
  }

  similarUsers(user: User, options: SimilarOptions = {}): RankedUsers<User> {
    const { indices, scores } = this.#similar('users', user, options)
    return { users: indices.map((index) => this.users.idOf(index)), scores }
  }

  score(user: User, items: readonly Item[]): Float32Array {
    const scores = new Float32Array(items.length)
    const indices = Int32Array.from(items, (item) => this.items.indexOf(item))
    this.scoreItems(Int32Array.of(this.users.indexOf(user)), indices, scores)
    return scores
  }

  dispose(): void {}

  async save(target: ModelTarget): Promise<void> {
    const { users, items, seen, origin } = this
    const parts = { ...origin, ...this.toParts(), users, items, seen }
    // Loaded when it is needed: pages answer, and do not save.
    const { writeModelFolder } = await import('../model-folder/write-model-folder.js')
    await writeModelFolder(target, parts)
  }

  async *recommendAll(
    options: RecommendAllOptions<User, Item> = {},
  ): AsyncGenerator<Recommendation<User, Item>[], void, undefined> {
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
    ids: readonly User[],
    options: RecommendOptions<Item>,
  ): Recommendation<User, Item>[] {
    const { unknownIds, ...wanted } = parseOptions('recommend', recommendSchema, options)
    const rule = this.#listRule('recommend', wanted, unknownIds)
    return this.#listsOf(knownIndices(this.users, ids, unknownIds), rule)
  }

  #listRule(owner: string, wanted: ListWishes, unknownIds: 'error' | 'skip'): ListRule {
    const { candidates, exclude = [], excludeSeen } = wanted
    return {
      k: listLength(owner, wanted.k, this.itemCount, 'items'),
      excludeSeen,
      excluded: knownIndices(this.items, exclude, unknownIds).sort(),
      pool: candidates && ascendingDistinct(knownIndices(this.items, candidates, unknownIds)),
    }
  }

  #listsOf(users: Int32Array, rule: ListRule): Recommendation<User, Item>[] {
    const { k, excludeSeen, excluded, pool } = rule
    const width = pool ? pool.length : this.itemCount
    if (width === 0) return Array.from(users, (user) => this.#list(user, [], new Float32Array()))
    if (!pool && excluded.length === 0) {
      const nothing = { pointers: new Int32Array(this.userCount + 1), items: new Int32Array() }
      const ranked = this.rankUsers?.(users, k, excludeSeen ? this.seen : nothing)
      if (ranked) return this.#listsFrom(users, ranked)
    }
    const usersPerBlock = Math.max(1, Math.floor(scoresPerBlock / width))
    const scores = new Float32Array(Math.min(users.length, usersPerBlock) * width)
    const lists: Recommendation<User, Item>[] = []
    for (let start = 0; start < users.length; start += usersPerBlock) {
      const block = users.subarray(start, start + usersPerBlock)
      this.scoreItems(block, pool, scores)
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
          excludedPositions(seen, excluded, pool),
        )
        const found = Array.from(best.items, (place) => this.items.idOf(pool ? pool[place] : place))
        lists.push(this.#list(user, found, best.scores))
      }
    }
    return lists
  }

  #listsFrom(
    users: Int32Array,
    { k, items, scores, lengths }: RankedRows,
  ): Recommendation<User, Item>[] {
    return Array.from(users, (user, row) => {
      const [start, end] = [row * k, row * k + lengths[row]]
      const found = Array.from(items.subarray(start, end), (item) => this.items.idOf(item))
      return this.#list(user, found, scores.slice(start, end))
    })
  }

  #list(user: number, items: Item[], scores: Float32Array): Recommendation<User, Item> {
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
