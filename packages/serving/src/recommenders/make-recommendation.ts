import { type Id, type IdMap, NonFiniteError } from '@gnnrec/graph'
import type { ColdNodes } from './cold-start.js'
import type { Recommendation } from './recommendation.js'

/** The ids and marks that turn indices into answers. */
export interface AnswerParts<UserId extends Id = Id, ItemId extends Id = Id> {
  /** The ids of the users. */
  readonly users: IdMap<UserId>
  /** The ids of the items. */
  readonly items: IdMap<ItemId>
  /** Users and items without training interactions, unless they are like the others. */
  readonly cold: ColdNodes | undefined
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
  const id = users.idOf(user)
  for (let place = 0; place < scores.length; place++) {
    checkScore(id, ids, items[place], scores[place])
  }
  const idsOf = (indices: Int32Array) => Array.from(indices, (item) => ids.idOf(item))
  const { coldItems, ...marks } = cold?.marksOf(user, items) ?? {}
  return {
    user: id,
    items: idsOf(items),
    scores: Array.from(scores),
    ...marks,
    ...(coldItems && { coldItems: idsOf(coldItems) }),
  }
}

/** @throws NonFiniteError when the score of an item for a user is NaN or infinite */
export function checkScore(user: Id, items: IdMap, item: number, score: number): void {
  if (Number.isFinite(score)) return
  throw new NonFiniteError(
    `The score of item ${JSON.stringify(items.idOf(item))} for user ${JSON.stringify(user)} is ${score}; expected a finite number. The model has diverged, or its numbers are too large to be multiplied.`,
  )
}
