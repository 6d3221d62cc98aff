import { GnnRecError } from '@gnnrec/graph'
import { ApiError } from '../handler/api-error.js'
import type { ServedModel } from './served-model.js'

/** Number of users whose lists are looked at. */
const askedUsers = 20
/** Least share of the items of the old model that the new one must have. */
const leastShare = 0.5

/** Expectations of a new model. */
export interface ModelChecks {
  /** The fingerprint that the new model must have. */
  readonly fingerprint?: string | undefined
}

/**
 * Checks a model before it takes the place of another one: fingerprint, types of ids, size, and lists of some users and of
 * a history, which also warms it.
 *
 * @throws ApiError when it must not be served
 */
export function checkModel(
  next: ServedModel,
  old: ServedModel | undefined,
  { fingerprint }: ModelChecks = {},
): void {
  if (fingerprint !== undefined && fingerprint !== next.fingerprint) {
    throw refused(`its fingerprint is ${next.fingerprint}, expected ${fingerprint}`)
  }
  const { users, items } = next.recommender
  if (items.size === 0) throw refused('it has no items')
  if (old) {
    const before = old.recommender
    for (const [what, now, was] of [
      ['users', users.type, before.users.type],
      ['items', items.type, before.items.type],
    ]) {
      // An empty map counts as one of strings.
      if (now !== was && (what === 'items' || (users.size > 0 && before.users.size > 0))) {
        throw refused(`the ids of its ${what} are of type ${now}, those of the old one ${was}`)
      }
    }
    if (items.size < before.items.size * leastShare) {
      throw refused(`it has ${items.size} items, the old one ${before.items.size}`)
    }
  }
  checkLists(next)
}

function checkLists({ recommender }: ServedModel): void {
  const { users, items } = recommender
  const step = Math.max(1, Math.floor(users.size / askedUsers))
  for (let index = 0; index < users.size; index += step) {
    const user = users.idOf(index)
    checkList(recommender.recommend(user, { excludeSeen: false }), `of user ${user}`)
  }
  const item = items.idOf(0)
  try {
    checkList(recommender.recommendFor([item], { excludeSeen: false }), `for the history ${item}`)
  } catch (error) {
    // Some models answer for no histories, by their definition.
    if (!GnnRecError.isInstance(error) || error.code !== 'NOT_SUPPORTED') throw error
  }
}

function checkList(
  { items, scores }: { items: readonly unknown[]; scores: readonly number[] },
  which: string,
): void {
  if (items.length === 0) throw refused(`the list ${which} is empty`)
  if (!scores.every(Number.isFinite))
    throw refused(`the list ${which} has scores that are no numbers`)
}

function refused(reason: string): ApiError {
  return new ApiError('SWAP_REFUSED', `The new model is not served: ${reason}.`)
}
