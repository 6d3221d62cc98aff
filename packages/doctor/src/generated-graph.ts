import { BipartiteGraph, IdMap, type Rng } from '@gnnrec/graph'

/** The size of a random graph. */
interface GraphSize {
  readonly users: number
  readonly items: number
  readonly edges: number
}

/** Draws a graph of distinct pairs in which few items are popular, as in real data. */
export function generateGraph({ users, items, edges }: GraphSize, rng: Rng): BipartiteGraph {
  const userIndex = new Int32Array(edges)
  const itemIndex = new Int32Array(edges)
  const lastUserOf = new Int32Array(items).fill(-1)
  for (let user = 0, edge = 0; user < users; user++) {
    const end = Math.round(((user + 1) * edges) / users)
    while (edge < end) {
      const item = Math.min(items - 1, Math.floor(items * rng.uniform() ** 2))
      if (lastUserOf[item] === user) continue
      lastUserOf[item] = user
      userIndex[edge] = user
      itemIndex[edge++] = item
    }
  }
  const ids = (count: number) => IdMap.from(Array.from({ length: count }, (_, id) => id))
  return BipartiteGraph.fromInteractions({
    users: ids(users),
    items: ids(items),
    userIndex,
    itemIndex,
  })
}
