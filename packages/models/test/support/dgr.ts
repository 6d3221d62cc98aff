import { Dgr } from '../../src/dgr/dgr.js'
import type { DgrOptions } from '../../src/dgr/dgr-options.js'
import { type EdgeList, graphOf, owned, randomGraph } from './graphs.js'
import { batchOf } from './training.js'

/** Many items that meet many others, so that there are marginal ones; user 5 and item 4 are isolated. */
export const dense: EdgeList = (() => {
  const { users, items, edges } = randomGraph({ users: 8, items: 9, degree: 4 }, 4)
  return { users, items, edges: edges.filter(([user, item]) => user !== 5 && item !== 4) }
})()

/** Rows repeat; the isolated nodes take part. */
export const batch = batchOf([0, 1, 1, 3, 6, 5, 0], [1, 2, 2, 0, 3, 4, 1], [4, 0, 3, 1, 4, 0, 2])

/** A model whose tensors go when the test ends. */
export async function prepared(of: EdgeList, options: DgrOptions): Promise<Dgr> {
  const model = owned(new Dgr(graphOf(of), options))
  await model.prepare()
  return model
}
