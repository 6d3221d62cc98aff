import { type Id, type IdMap, NonFiniteError } from '@gnnrec/graph'
import { showValue } from '@gnnrec/graph/kernels'
import type { BestItems } from './best-items.js'
import type { ColdNodes } from './cold-start.js'
import type { AnswerSource, HistoryRecommendation, Recommendation } from './recommendation.js'

/** The ids and marks that turn indices of items into answers. */
interface ItemParts<ItemId extends Id = Id> {
  /** The ids of the items. */
  readonly items: IdMap<ItemId>
  /** Users and items without training interactions, unless they are like the others. */
  readonly cold: ColdNodes | undefined
}

/** The ids and marks that turn indices into answers. */
interface AnswerParts<UserId extends Id = Id, ItemId extends Id = Id> extends ItemParts<ItemId> {
  /** The ids of the users. */
  readonly users: IdMap<UserId>
}

/** Bytes that the lists of one block of users take at most, unless a single list needs more. */
const listBytesPerBlock = 2 ** 26
/** Bytes of one place of a list in all forms in which it is in memory at a time, about. */
const bytesPerPlace = 32

/**
 * Returns the number of users in one block of `recommendAll`.
 *
 * @param k - length of a list
 * @param most - largest number of users
 *
 * @example
 * ```ts
 * import { usersPerBlock } from '@gnnrec/serving/model-folder'
 *
 * console.log(usersPerBlock(10, 256), usersPerBlock(1_000_000, 256)) // 256 2
 * ```
 */
export function usersPerBlock(k: number, most: number): number {
  return Math.max(1, Math.min(most, Math.floor(listBytesPerBlock / bytesPerPlace / k)))
}

/**
 * Makes the answer for a user from the indices of the best items.
 *
 * @param user - index of the user
 * @param items - indices of the items, best first
 * @param scores - scores of these items
 * @throws NonFiniteError when a score is infinite
 *
 * @example
 * ```ts
 * import { IdMap } from '@gnnrec/graph'
 * import { makeRecommendation } from '@gnnrec/serving/model-folder'
 *
 * const parts = { users: IdMap.from(['ann']), items: IdMap.from(['Alien', 'Brazil']), cold: undefined }
 * console.log(makeRecommendation(parts, 0, Int32Array.of(1), Float32Array.of(3)).items) // ['Brazil']
 * ```
 */
export function makeRecommendation<UserId extends Id, ItemId extends Id>(
  { users, items: ids, cold }: AnswerParts<UserId, ItemId>,
  user: number,
  items: Int32Array,
  scores: Float32Array,
): Recommendation<UserId, ItemId> {
  const source = cold?.has('users', user) ? 'popularity' : 'trained'
  const id = users.idOf(user)
  const list = listOf({ items: ids, cold }, { items, scores }, source, `user ${show(id)}`)
  return { user: id, ...list }
}

/**
 * Makes a list from the indices of the best items.
 *
 * @param asker - the person in words, for errors
 * @throws NonFiniteError when a score is NaN or infinite
 */
export function listOf<ItemId extends Id>(
  { items: ids, cold }: ItemParts<ItemId>,
  { items, scores, search }: BestItems,
  source: AnswerSource,
  asker: string,
): HistoryRecommendation<ItemId> {
  for (let place = 0; place < scores.length; place++) {
    checkScore(asker, ids, items[place], scores[place])
  }
  const coldItems = cold ? items.filter((item) => cold.has('items', item)) : []
  const idsOf = (indices: ArrayLike<number>) => Array.from(indices, (item) => ids.idOf(item))
  return {
    items: idsOf(items),
    scores: Array.from(scores),
    source,
    ...(search && { search }),
    ...(coldItems.length > 0 && { coldItems: idsOf(coldItems) }),
  }
}

/** @throws NonFiniteError when the score of an item for somebody is NaN or infinite */
export function checkScore(asker: string, items: IdMap, item: number, score: number): void {
  if (Number.isFinite(score)) return
  throw new NonFiniteError(
    `The score of item ${show(items.idOf(item))} for ${asker} is ${score}; expected a finite number. The model has diverged, or its numbers are too large to be multiplied.`,
  )
}

/** Shows an id as it is written in code. */
export function show(id: Id): string {
  return showValue(id)
}
