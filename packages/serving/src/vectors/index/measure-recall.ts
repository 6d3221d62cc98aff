import { type InteractionLists, NonFiniteError, type RankedRows, Rng } from '@gnnrec/graph'
import type { EmbeddingRecommender } from '../../recommenders/embedding-recommender.js'
import { NotSupportedError } from '../../recommenders/errors.js'
import type { SearchedRows } from '../../recommenders/ranking-index.js'
import type { MeasuredRecall } from './index-parts.js'
import type { ItemIndex } from './item-index.js'

/** Users and their exact lists, which those of indices are compared with. */
export interface RecallSample {
  readonly users: Int32Array
  readonly seed: number
  readonly exact: RankedRows
}

/** Lists that are made in one call. */
const usersPerCall = 32

/**
 * Draws users whom the model knows, and makes their exact lists of items that they have not seen.
 *
 * @throws NotSupportedError when the model has no users
 * @throws NonFiniteError when a score is NaN
 */
export function drawSample(
  recommender: EmbeddingRecommender,
  { count, k, seed }: { readonly count: number; readonly k: number; readonly seed: number },
): RecallSample {
  const { cold } = recommender.scoredRows()
  const known = Int32Array.from({ length: recommender.userCount }, (_, user) => user).filter(
    (user) => !cold?.has('users', user),
  )
  if (known.length === 0) {
    throw new NotSupportedError(
      'This recommender has no users to measure the recall with. Build and save the index with the whole model; loadIndex then takes it for a folder of the same model without users.',
    )
  }
  const rng = Rng.fromSeed(seed).fork('users of the recall')
  const size = Math.min(count, known.length)
  for (let at = 0; at < size; at++) {
    const other = at + rng.integer(known.length - at)
    const user = known[at]
    known[at] = known[other]
    known[other] = user
  }
  const users = known.slice(0, size).sort()
  return { users, seed, exact: listsOf(recommender, users, k, recommender.seen) }
}

/** Compares the lists of an index with exact ones. */
export function measureRecall(
  recommender: EmbeddingRecommender,
  index: ItemIndex,
  { users, seed, exact }: RecallSample,
): MeasuredRecall {
  const { k } = exact
  const found = listsOf(recommender.withIndex(index), users, k, recommender.seen)
  const shares = Array.from(users, (_, row) => {
    const length = exact.lengths[row]
    if (length === 0) return 1
    const last = exact.scores[row * k + length - 1]
    let hits = 0
    for (let place = 0; place < found.lengths[row]; place++) {
      if (found.scores[row * k + place] >= last) hits++
    }
    return Math.min(1, hits / length)
  })
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const recall = mean(shares)
  const variance = mean(shares.map((share) => (share - recall) ** 2))
  const missed = found.exact?.reduce((sum, mark) => sum + mark, 0) ?? 0
  return {
    recall,
    standardError: Math.sqrt(variance / Math.max(1, users.length - 1)),
    k,
    users: users.length,
    seed,
    exactShare: missed / users.length,
  }
}

function listsOf(
  recommender: EmbeddingRecommender,
  users: Int32Array,
  k: number,
  seen: InteractionLists,
): SearchedRows {
  const all: Required<SearchedRows> = {
    k,
    items: new Int32Array(users.length * k),
    scores: new Float32Array(users.length * k),
    lengths: new Int32Array(users.length),
    tied: new Int32Array(users.length),
    exact: new Uint8Array(users.length),
  }
  for (let first = 0; first < users.length; first += usersPerCall) {
    const some = users.subarray(first, first + usersPerCall)
    const lists = recommender.rankUsers(some, k, seen) as SearchedRows | undefined
    if (!lists) {
      throw new NonFiniteError(
        'A score of this model is NaN or infinite, so that its lists cannot be compared with those of an index. The model has diverged, or its numbers are too large to be multiplied.',
      )
    }
    all.items.set(lists.items, first * k)
    all.scores.set(lists.scores, first * k)
    all.lengths.set(lists.lengths, first)
    all.tied.set(lists.tied, first)
    if (lists.exact) all.exact.set(lists.exact, first)
  }
  return all
}
