import { BipartiteGraph, IdMap } from '@gnnrec/graph'

/** A graph whose ids are the indices themselves. */
export function graphOf(
  userCount: number,
  itemCount: number,
  edges: readonly (readonly [user: number, item: number])[],
): BipartiteGraph<number, number> {
  const ids = (count: number) => IdMap.from(Array.from({ length: count }, (_, id) => id))
  return BipartiteGraph.fromInteractions({
    users: ids(userCount),
    items: ids(itemCount),
    userIndex: Int32Array.from(edges, ([user]) => user),
    itemIndex: Int32Array.from(edges, ([, item]) => item),
  })
}
