import { metrics } from '@gnnrec/eval'
import { type Id, type InteractionLists, interactionLists, type Split } from '@gnnrec/graph'
import type { Recommender } from '@gnnrec/serving'

/** Length of the lists that are judged. */
const listLength = 20

/** The quality of answers for users who were left out of training. */
export interface FoldInQuality {
  /** NDCG@20 of each user with something in the test part, when the users are in training. */
  readonly retrained: readonly number[]
  /** NDCG@20 of each of them when they are answered by their histories. */
  readonly folded: readonly number[]
  /** Users of training for whom the answer by history has another NDCG@20 than their own, by more than 1e-6. */
  readonly differing: number
  /** Milliseconds of an answer by history, the median. */
  readonly milliseconds: number
}

/**
 * Compares answers by histories with those of a training that had the users.
 *
 * @param whole - trained with the users
 * @param reduced - trained without them
 */
export function measureFoldIn(
  whole: Recommender,
  reduced: Recommender,
  { train, validation, test }: Split,
  users: Int32Array,
): FoldInQuality {
  const [met, later, relevant] = [train, validation, test].map((table) => interactionLists(table))
  const judged = users.filter((user) => rowOf(relevant, user).length > 0)
  const quality = (user: number, items: readonly Id[]) =>
    metrics.ndcg.of(
      items.map((item) => test.items.indexOf(item)),
      rowOf(relevant, user),
      listLength,
    )
  const options = (user: number) => ({
    k: listLength,
    exclude: Array.from(rowOf(later, user), (item) => test.items.idOf(item)),
  })
  const history = (user: number) => Array.from(rowOf(met, user), (item) => test.items.idOf(item))
  const own = (recommender: Recommender, user: number) =>
    quality(user, recommender.recommend(test.users.idOf(user), options(user)).items)
  const times: number[] = []
  const folded = (recommender: Recommender, user: number) => {
    const [items, choice] = [history(user), options(user)]
    const started = performance.now()
    const list = recommender.recommendFor(items, choice)
    times.push(performance.now() - started)
    return quality(user, list.items)
  }
  const asked = Array.from(judged)
  const result = {
    retrained: asked.map((user) => own(whole, user)),
    folded: asked.map((user) => folded(reduced, user)),
    differing: asked.filter((user) => Math.abs(folded(whole, user) - own(whole, user)) > 1e-6)
      .length,
  }
  times.sort((a, b) => a - b)
  return { ...result, milliseconds: times[times.length >> 1] }
}

function rowOf({ pointers, items }: InteractionLists, user: number): Int32Array {
  return items.subarray(pointers[user], pointers[user + 1])
}
