import type { Batch, BipartiteGraph, Rng } from '@gnnrec/graph'

/** Number of samples of the batch that guards examine. */
export const probeSize = 256

/**
 * Draws a batch to examine a model with: users, for each one of their items and one other item. It has random
 * numbers of its own, so that training draws the same with and without guards. Returns undefined if no user has
 * both.
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

/** Returns the item at a place among those that are not `own`, which must ascend. */
function otherItem(own: ArrayLike<number>, place: number): number {
  let item = place
  for (let i = 0; i < own.length && own[i] <= item; i++) item++
  return item
}

/** Exchanges the positives and negatives of a batch. */
export function swapped({ users, positives, negatives }: Batch): Batch {
  return { users, positives: negatives, negatives: positives }
}
