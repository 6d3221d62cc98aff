import { type Id, Rng } from '@gnnrec/graph'
import type { EmbeddingRecommender } from '../../recommenders/embedding-recommender.js'
import { NotSupportedError } from '../../recommenders/errors.js'
import type { ItemFilter } from '../../recommenders/item-filter.js'
import type { Recommendation } from '../../recommenders/recommendation.js'
import type { RecallOfLists } from './index-parts.js'
import type { ItemIndex } from './item-index.js'

/** Users and their exact lists, which those of indices are compared with. */
export interface RecallSample {
  readonly users: readonly Id[]
  readonly k: number
  readonly seed: number
  /** A filter that keeps a drawn half of the items. */
  readonly half: ItemFilter
  /** Exact lists of all items. */
  readonly exact: readonly Recommendation[]
  /** Exact lists of the half. */
  readonly exactOfHalf: readonly Recommendation[]
}

/**
 * Draws users whom the model knows and half of the items, and makes the users' exact lists of items that they have not seen.
 *
 * @throws NotSupportedError when the model has no users
 * @throws NonFiniteError when a score is NaN or infinite
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
  const rng = Rng.fromSeed(seed)
  const drawn = rng.fork('users of the recall')
  const size = Math.min(count, known.length)
  for (let at = 0; at < size; at++) {
    const other = at + drawn.integer(known.length - at)
    const user = known[at]
    known[at] = known[other]
    known[other] = user
  }
  const users = Array.from(known.slice(0, size).sort(), (user) => recommender.users.idOf(user))
  const coin = rng.fork('items of the recall')
  const half = recommender.filter(() => coin.integer(2) === 0)
  return {
    users,
    k,
    seed,
    half,
    exact: recommender.recommend(users, { k }),
    exactOfHalf: recommender.recommend(users, { k, candidates: half }),
  }
}

/** Compares the lists of an index with exact ones. */
export function measureLists(
  recommender: EmbeddingRecommender,
  index: ItemIndex,
  { users, k, half, exact, exactOfHalf }: RecallSample,
  from: 'all' | 'half',
): RecallOfLists {
  const fast = recommender.withIndex(index)
  return from === 'all'
    ? compareLists(exact, fast.recommend(users, { k }))
    : compareLists(exactOfHalf, fast.recommend(users, { k, candidates: half }))
}

function compareLists(
  exact: readonly Recommendation[],
  found: readonly Recommendation[],
): RecallOfLists {
  const shares = exact.map(({ scores }, at) => {
    const last = scores.at(-1)
    if (last === undefined) return 1
    const hits = found[at].scores.filter((score) => score >= last).length
    return Math.min(1, hits / scores.length)
  })
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const recall = mean(shares)
  const variance = mean(shares.map((share) => (share - recall) ** 2))
  return {
    recall,
    standardError: Math.sqrt(variance / Math.max(1, shares.length - 1)),
    exactShare: mean(found.map(({ search }) => (search === 'exact' ? 1 : 0))),
  }
}
