import { BipartiteGraph, Rng, type SampledGraph, type SparseMatrix } from '@gnnrec/graph'
import type { AroundSampler, NodeSets, SampleAddress } from '../../src/graph-samplers/index.js'
import { type GraphCase, tableOf } from '../support/graphs.js'

export const graphOf = ({ users, items, pairs }: GraphCase): BipartiteGraph =>
  BipartiteGraph.fromInteractions(tableOf(users, items, pairs))

/** A graph with hubs, on both sides, and an isolated node on each. */
export function unevenGraph(users = 24, items = 18): BipartiteGraph {
  const rng = Rng.fromSeed('uneven')
  const pairs: [number, number][] = []
  for (let user = 1; user < users; user++) {
    const degree = 1 + rng.integer(user % 5 === 0 ? items - 2 : 4)
    for (let draw = 0; draw < degree; draw++) {
      // Squares of uniform numbers crowd at low items.
      pairs.push([user, Math.floor(rng.uniform() ** 2 * (items - 1))])
    }
  }
  return graphOf({ users, items, pairs })
}

export const range = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i)

export const everyNode = ({ userCount, itemCount }: BipartiteGraph) => ({
  users: range(userCount),
  items: range(itemCount),
})

/** Values of one column of both sides. */
export interface Numbers {
  readonly users: Float32Array
  readonly items: Float32Array
}

export function randomNumbers({ userCount, itemCount }: BipartiteGraph): Numbers {
  const rng = Rng.fromSeed('numbers')
  const fill = (count: number) => Float32Array.from({ length: count }, () => 0.5 + rng.uniform())
  return { users: fill(userCount), items: fill(itemCount) }
}

interface Blocks {
  readonly toUsers: SparseMatrix
  readonly toItems: SparseMatrix
}

const step = ({ toUsers, toItems }: Blocks, x: Numbers): Numbers => ({
  users: toUsers.multiplyDense(x.items, 1),
  items: toItems.multiplyDense(x.users, 1),
})

/** Â to the power of 0..steps times x: all layers. */
export function wholeLayers(
  graph: BipartiteGraph,
  x: Numbers,
  steps: number,
  regularization = 0,
): Numbers[] {
  const toUsers = graph.biadjacency({ normalization: 'symmetric', regularization })
  const blocks = { toUsers, toItems: toUsers.transpose() }
  const layers = [x]
  for (let l = 0; l < steps; l++) layers.push(step(blocks, layers[l] as Numbers))
  return layers
}

/** The layers that a sample gives its nodes, by their places in it. */
export function sampledLayers(sampled: SampledGraph, x: Numbers): Numbers[] {
  const layers: Numbers[] = [
    {
      users: Float32Array.from(sampled.users, (user) => x.users[user] as number),
      items: Float32Array.from(sampled.items, (item) => x.items[item] as number),
    },
  ]
  for (const [l, blocks] of sampled.steps.entries()) layers.push(step(blocks, layers[l] as Numbers))
  return layers
}

/** Mean and standard error of draws, in one pass (Welford). */
export class Estimate {
  count = 0
  mean = 0
  #squares = 0

  add(value: number): void {
    this.count++
    const before = value - this.mean
    this.mean += before / this.count
    this.#squares += before * (value - this.mean)
  }

  get standardError(): number {
    return Math.sqrt(this.#squares / (this.count - 1) / this.count)
  }
}

/** The largest error of a fixed-seed mean in standard errors: chance exceeds 5 once in a million. */
export const errorBound = 5

/** Entries as [row, column, value]. */
function entriesOf(matrix: SparseMatrix): [number, number, number][] {
  const entries: [number, number, number][] = []
  for (let row = 0; row < matrix.rows; row++) {
    const end = matrix.rowPointers[row + 1] as number
    for (let entry = matrix.rowPointers[row] as number; entry < end; entry++) {
      entries.push([row, matrix.columnIndices[entry] as number, matrix.values[entry] as number])
    }
  }
  return entries
}

/** The row of a matrix as columns and values. */
export function rowOf(matrix: SparseMatrix, row: number) {
  const [start, end] = [matrix.rowPointers[row], matrix.rowPointers[row + 1]]
  return {
    columns: [...matrix.columnIndices.subarray(start, end)],
    values: [...matrix.values.subarray(start, end)],
  }
}

interface LayerEstimate {
  readonly estimate: Estimate
  /** The same number among the layers of the whole graph. */
  exact(layers: readonly Numbers[]): number
}

/** Estimates all layers of the nodes of a batch from so many samples around it. */
export function estimateLayers(
  sampler: AroundSampler,
  batch: NodeSets,
  x: Numbers,
  samples: number,
  addressOf: (n: number) => SampleAddress = (step) => ({ epoch: 0, step }),
): Map<string, LayerEstimate> {
  const estimates = new Map<string, LayerEstimate>()
  const add = (side: keyof Numbers, node: number, l: number, value: number) => {
    const name = `${side} ${node}, layer ${l}`
    let known = estimates.get(name)
    if (!known) {
      known = {
        estimate: new Estimate(),
        exact: (layers) => layers[l]?.[side][node] as number,
      }
      estimates.set(name, known)
    }
    known.estimate.add(value)
  }
  for (let n = 0; n < samples; n++) {
    const sampled = sampler.sample(batch, addressOf(n))
    const users = sampled.placesOfUsers(batch.users)
    const items = sampled.placesOfItems(batch.items)
    for (const [l, layer] of sampledLayers(sampled, x).entries()) {
      for (const [n, place] of users.entries()) {
        add('users', batch.users[n] as number, l, layer.users[place] as number)
      }
      for (const [n, place] of items.entries()) {
        add('items', batch.items[n] as number, l, layer.items[place] as number)
      }
    }
  }
  return estimates
}

/** Returns true when every entry of every step is an edge of the graph. */
export function isInGraph(sampled: SampledGraph, graph: BipartiteGraph): boolean {
  return sampled.steps.every(({ toUsers, toItems }) =>
    [
      ...entriesOf(toUsers).map(([user, item]) => [user, item] as const),
      ...entriesOf(toItems).map(([item, user]) => [user, item] as const),
    ].every(([user, item]) =>
      graph.userItems(sampled.users[user] as number).includes(sampled.items[item] as number),
    ),
  )
}
