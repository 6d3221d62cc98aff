import type { Recommender } from '@gnnrec/serving'
import { check } from './check.js'
import { itemCount, userCount } from './test-graph.js'

/** Reads all scores of a recommender, users × items of the tests' graph. */
export function scoresOf(recommender: Recommender<string, number>): Float32Array {
  const { userCount: users, itemCount: items } = recommender
  check(users === userCount && items === itemCount, `got ${users} users and ${items} items`)
  const scores = new Float32Array(users * items)
  recommender.scoreUsers(
    Int32Array.from({ length: users }, (_, user) => user),
    scores,
  )
  return scores
}
