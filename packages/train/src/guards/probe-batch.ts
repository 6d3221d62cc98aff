import type { Batch, BipartiteGraph, Rng } from '@gnnrec/graph'

/** Samples of a batch that guards look at. */
export const PROBE_SIZE = 256

/**
 * A batch to look at a model with: users, one of the items of each and one that is not. Drawn on its
 * own, so that it moves no stream of training; undefined if nobody has both.
 */
export function probeBatch(graph: BipartiteGraph, size: number, rng: Rng): Batch | undefined {
  const { userCount, itemCount, userDegrees } = graph
  const usable: number[] = []
  for (let user = 0; user < userCount; user++) {
    if (userDegrees[user] > 0 && userDegrees[user] < itemCount) usable.push(user)
  }
  if (usable.length === 0) return undefined
  const users = new Int32Array(size)
  const positives = new Int32Array(size)
  const negatives = new Int32Array(size)
  for (let place = 0; place < size; place++) {
    const user = usable[rng.integer(usable.length)]
    const own = graph.userItems(user)
    users[place] = user
    positives[place] = own[rng.integer(own.length)]
    negatives[place] = otherItem(own, rng.integer(itemCount - own.length))
  }
  return { users, positives, negatives }
}

/** The item at a place among those that are not `own`, which ascend. */
function otherItem(own: ArrayLike<number>, place: number): number {
  let item = place
  for (let i = 0; i < own.length && own[i] <= item; i++) item++
  return item
}

/** The batch with the roles of positives and negatives exchanged. */
export function swapped({ users, positives, negatives }: Batch): Batch {
  return { users, positives: negatives, negatives: positives }
}
