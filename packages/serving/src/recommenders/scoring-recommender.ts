import {
  type Id,
  type IdMap,
  type InteractionLists,
  InvalidOptionsError,
  type RankedRows,
  type Ranker,
  ShapeMismatchError,
  UnknownIdError,
} from '@gnnrec/graph'
import { popularityProblem, seenProblem } from '../model-folder/check-parts.js'
import type { ModelKind } from '../model-folder/model-json.js'
import type { AskedHistories } from './answer-people.js'
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
import type { SearchedRows } from './ranking-index.js'
import type { ModelOrigin, RecommenderParts } from './recommender-parts.js'

/** Ids, seen items and scores, the part of all kinds of recommenders that ranks by indices. */
export abstract class ScoringRecommender<UserId extends Id, ItemId extends Id> implements Ranker {
  readonly users: IdMap<UserId>
  readonly items: IdMap<ItemId>
  readonly seen: InteractionLists
  readonly origin: ModelOrigin
  readonly coldStart: ColdStart
  /** Number of training users of each item. */
  protected readonly popularity: Float32Array
  /** Users and items without training interactions, unless they are like the others. */
  protected readonly cold: ColdNodes | undefined

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
    this.cold = ColdNodes.of(coldStart, this.seen, this.popularity)
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
  ): SearchedRows | undefined

  /** True when an index finds lists, so that the way in which each was found is told. */
  protected get usesIndex(): boolean {
    return false
  }

  /**
   * Prepares to score histories of anybody. The score of an item for an empty history is of no use but must be a number.
   *
   * @throws NotSupportedError when it cannot
   */
  protected abstract askHistories(
    histories: AskedHistories,
    excludeOf: (place: number) => Int32Array,
  ): Askers

  scoreUsers(users: Int32Array, out: Float32Array): void {
    if (out.length < users.length * this.itemCount) {
      throw new ShapeMismatchError(
        `out has ${out.length} places; ${users.length} users and ${this.itemCount} items need ${users.length * this.itemCount}.`,
      )
    }
    this.#checkUsers(users)
    this.scoreAll(users, undefined, out)
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
    return this.rankAll(users, k, excludeOf, everyItem)
  }

  /** Checks user indices. @throws UnknownIdError when one is not in 0..userCount-1 */
  #checkUsers(users: Int32Array): void {
    for (const user of users) {
      if (user >= 0 && user < this.userCount) continue
      throw new UnknownIdError(user, `User index ${user} is not in 0..${this.userCount - 1}.`)
    }
  }

  /** Writes scores as {@link scoreItems} does; those of users whom the model does not know are by popularity. */
  protected scoreAll(users: Int32Array, items: Int32Array | undefined, out: Float32Array): void {
    this.scoreItems(users, items, out)
    this.cold?.overwriteScores(users, items, out)
  }

  /** Ranks as {@link rankItems} does; the lists of users whom the model does not know are by popularity. */
  protected rankAll(
    users: Int32Array,
    k: number,
    excludeOf: (place: number) => Int32Array,
    choice: ItemChoice,
  ): SearchedRows | undefined {
    const ranked = this.rankItems?.(users, k, excludeOf, choice)
    if (!ranked || lacksItems(ranked, excludeOf, choice, this.itemCount)) return undefined
    this.cold?.overwriteLists(ranked, users, excludeOf, choice)
    return ranked
  }
}
