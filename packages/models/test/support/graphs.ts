import { BipartiteGraph, IdMap, Rng } from '@gnnrec/graph'
import { onTestFinished } from 'vitest'
import type { GraphModel } from '../../src/index.js'

export type Edge = readonly [user: number, item: number]

/** Edges in any order, repeated or not, between users 0..users-1 and items 0..items-1. */
export interface EdgeList {
  readonly users: number
  readonly items: number
  readonly edges: readonly Edge[]
  /** The weight of each edge; those of repeated ones add up. Without any, the graph has no weights. */
  readonly weights?: readonly number[]
}

/** 7 users and 5 items; a repeated edge, user 5 and item 4 without any. */
export const smallGraph: EdgeList = {
  users: 7,
  items: 5,
  edges: [
    ...([0, 1, 2, 3].map((item) => [0, item]) as Edge[]),
    ...([1, 2].map((item) => [1, item]) as Edge[]),
    ...([0, 3].map((item) => [2, item]) as Edge[]),
    ...([2, 0, 2].map((item) => [3, item]) as Edge[]),
    ...([1].map((item) => [4, item]) as Edge[]),
    ...([3, 1].map((item) => [6, item]) as Edge[]),
  ],
}

/** The graph with all ids of both sides, so that those without edges are isolated nodes. */
export function graphOf({
  users,
  items,
  edges,
  weights,
}: EdgeList): BipartiteGraph<number, number> {
  const table = {
    users: IdMap.from(Array.from({ length: users }, (_, id) => id)),
    items: IdMap.from(Array.from({ length: items }, (_, id) => id)),
    userIndex: Int32Array.from(edges, ([user]) => user),
    itemIndex: Int32Array.from(edges, ([, item]) => item),
    ...(weights && { weight: Float32Array.from(weights) }),
  }
  return BipartiteGraph.fromInteractions(table, { weights: weights ? 'counts' : 'none' })
}

/** The distinct edges with their entries of R: sums of weights, or 1 without weights. */
export function entriesOf({
  edges,
  weights,
}: EdgeList): [user: number, item: number, value: number][] {
  const sums = new Map<string, [number, number, number]>()
  edges.forEach(([user, item], place) => {
    const known = sums.get(`${user} ${item}`)?.[2] ?? 0
    const value = weights ? known + (weights[place] as number) : 1
    sums.set(`${user} ${item}`, [user, item, value])
  })
  return [...sums.values()]
}

/** Random edges: about `degree` items for each user, no user or item without any. */
export function randomGraph(
  { users, items, degree }: { users: number; items: number; degree: number },
  seed = 0,
): EdgeList {
  const rng = Rng.fromSeed(`graph ${seed}`)
  const edges: Edge[] = []
  for (let user = 0; user < users; user++) {
    for (let n = 0; n < degree; n++) edges.push([user, rng.integer(items)])
  }
  for (let item = 0; item < items; item++) edges.push([rng.integer(users), item])
  return { users, items, edges }
}

/** Communities of users who have all items of their community and no other. */
export function blockGraph(blocks: number, size: number): EdgeList {
  const edges: Edge[] = []
  for (let node = 0; node < blocks * size; node++) {
    const first = node - (node % size)
    for (let item = first; item < first + size; item++) edges.push([node, item])
  }
  return { users: blocks * size, items: blocks * size, edges }
}

/** A model whose tensors, and those of its graph, go when the test ends. */
export function owned<Model extends GraphModel>(model: Model): Model {
  onTestFinished(() => {
    model.dispose()
    model.graph.dispose()
  })
  return model
}
