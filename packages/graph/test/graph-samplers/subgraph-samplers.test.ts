import { type BipartiteGraph, Rng, type SparseMatrix } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ClusterSampler,
  SamplerNotPreparedError,
  type Subgraph,
  type SubgraphSampler,
  WalkSubgraphSampler,
} from '../../src/graph-samplers/index.js'
import { graphCases, type Pair } from '../support/graphs.js'
import {
  Estimate,
  errorBound,
  graphOf,
  randomNumbers,
  rowOf,
  sampledLayers,
  unevenGraph,
  wholeLayers,
} from './support.js'

const rng = Rng.fromSeed(5)
const at = { epoch: 3, step: 2 }

/** Every edge among the nodes of a subgraph, and no other, with its position in the graph. */
function expectInduced({ graph: { users, items, steps }, edges }: Subgraph, of: BipartiteGraph) {
  const { toUsers, toItems } = steps[0] as (typeof steps)[number]
  const isIn = new Set(items)
  let entry = 0
  for (const [row, user] of users.entries()) {
    const expected = [...of.userItems(user)].filter((item) => isIn.has(item))
    expect(rowOf(toUsers, row).columns.map((place) => items[place])).toEqual(expected)
    for (const item of expected) {
      expect(of.interactions.items[edges[entry] as number]).toBe(item)
      expect(edges[entry]).toBeGreaterThanOrEqual(of.interactions.pointers[user] as number)
      expect(edges[entry]).toBeLessThan(of.interactions.pointers[user + 1] as number)
      entry++
    }
  }
  expect(edges).toHaveLength(entry)
  expect(toItems.nonZeros).toBe(entry)
}

const samplers: readonly [string, (graph: BipartiteGraph) => SubgraphSampler][] = [
  [
    'ClusterSampler',
    (graph) =>
      new ClusterSampler(graph, {
        clusters: Math.min(3, graph.nodeCount),
        clustersPerStep: Math.min(2, graph.nodeCount),
        steps: 2,
        rng,
      }),
  ],
  [
    'WalkSubgraphSampler',
    (graph) => new WalkSubgraphSampler(graph, { roots: 2, countedSubgraphs: 5, steps: 2, rng }),
  ],
]

describe.each(samplers)('%s', (_, make) => {
  it('gives all edges among the nodes of a subgraph', async () => {
    await fc.assert(
      fc.asyncProperty(graphCases, fc.nat(1000), async (graphCase, step) => {
        const graph = graphOf(graphCase)
        const sampler = make(graph)
        await sampler.prepare()
        const subgraph = sampler.sample({ epoch: 0, step })
        expectInduced(subgraph, graph)
        expect(subgraph.graph.steps).toHaveLength(2)
        expect(subgraph.graph.steps[1]).toBe(subgraph.graph.steps[0])
      }),
    )
  })

  it('draws the same at an address, whatever was drawn before, and else at others', async () => {
    const graph = unevenGraph()
    const used = make(graph)
    const fresh = make(graph)
    await Promise.all([used.prepare(), fresh.prepare()])
    for (let step = 0; step < 3; step++) used.sample({ epoch: 0, step })
    expect(used.sample(at).edges).toEqual(fresh.sample(at).edges)
    const others = Array.from({ length: 6 }, (_, epoch) => used.sample({ epoch, step: 2 }).edges)
    expect(new Set(others.map(String)).size).toBeGreaterThan(1)
  })

  it('asks to be prepared, and stops preparing when told to', async () => {
    const sampler = make(unevenGraph())
    expect(() => sampler.sample(at)).toThrow(SamplerNotPreparedError)
    await expect(sampler.prepare({ signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow(
      'stop',
    )
    await sampler.prepare()
    expect(sampler.sample(at).graph.users.length).toBeGreaterThan(0)
    await expect(sampler.prepare({ signal: AbortSignal.abort() })).resolves.toBeUndefined()
  })
})

/** Blocks of users and items with edges inside, and a few between. */
function planted(blocks: number, size: number): BipartiteGraph {
  const random = Rng.fromSeed('planted')
  const pairs: Pair[] = []
  for (let user = 0; user < blocks * size; user++) {
    for (let draw = 0; draw < 8; draw++) {
      const isInside = random.uniform() < 0.95
      const block = isInside ? user % blocks : random.integer(blocks)
      pairs.push([user, block + blocks * random.integer(size)])
    }
  }
  return graphOf({ users: blocks * size, items: blocks * size, pairs })
}

describe('ClusterSampler', () => {
  it('parts a graph into clusters of bounded size that keep most edges inside', async () => {
    const graph = planted(4, 50)
    const sampler = new ClusterSampler(graph, { clusters: 4, clustersPerStep: 1, steps: 1, rng })
    await sampler.prepare()
    const { partition } = sampler
    const sizes = new Int32Array(4)
    for (const cluster of partition) sizes[cluster]++
    expect(Math.max(...sizes)).toBeLessThanOrEqual(Math.ceil(1.1 * 100))
    let inside = 0
    for (let user = 0; user < graph.userCount; user++) {
      for (const item of graph.userItems(user)) {
        if (partition[user] === partition[graph.userCount + item]) inside++
      }
    }
    // A random partition keeps a quarter.
    expect(inside / graph.edgeCount).toBeGreaterThan(0.6)
  })

  it('uses every cluster once in a round, and orders rounds and epochs differently', async () => {
    const graph = planted(6, 10)
    const sampler = new ClusterSampler(graph, { clusters: 6, clustersPerStep: 2, steps: 1, rng })
    await sampler.prepare()
    const rounds = [0, 1].flatMap((epoch) =>
      [0, 1, 2].map((round) => {
        const users = [0, 1, 2].map(
          (group) => sampler.sample({ epoch, step: 3 * round + group }).graph.users,
        )
        expect(users.flatMap((each) => [...each]).sort((a, b) => a - b)).toEqual(
          Array.from({ length: 60 }, (_, user) => user),
        )
        return String(users)
      }),
    )
    expect(new Set(rounds).size).toBeGreaterThan(3)
  })

  it('has the normalization of a graph of its own', async () => {
    const graph = unevenGraph()
    const options = { clusters: 3, clustersPerStep: 1, steps: 1, rng, regularization: 0.5 }
    const sampler = new ClusterSampler(graph, options)
    await sampler.prepare()
    const { graph: sampled } = sampler.sample(at)
    const { toUsers, toItems } = sampled.steps[0] as (typeof sampled.steps)[number]
    const pairs: Pair[] = []
    for (let row = 0; row < toUsers.rows; row++) {
      for (const column of rowOf(toUsers, row).columns) pairs.push([row, column])
    }
    expect(pairs.length).toBeGreaterThan(3)
    const own = graphOf({ users: toUsers.rows, items: toUsers.columns, pairs })
    const expected = own.biadjacency({ regularization: 0.5 })
    expect(toUsers.values).toEqual(expected.values)
    expect(toItems.values).toEqual(expected.transpose().values)
  })

  it('is the whole graph with all clusters', async () => {
    const graph = unevenGraph()
    const sampler = new ClusterSampler(graph, { clusters: 4, clustersPerStep: 4, steps: 2, rng })
    await sampler.prepare()
    const x = randomNumbers(graph)
    const { graph: sampled } = sampler.sample(at)
    expect(sampledLayers(sampled, x)).toEqual(wholeLayers(graph, x, 2))
  })

  it('refuses numbers of clusters that the graph has not', () => {
    const make = (clusters: number, clustersPerStep: number) => () =>
      new ClusterSampler(unevenGraph(), { clusters, clustersPerStep, steps: 1, rng })
    expect(make(43, 1)).toThrow(/has 42 nodes/)
    expect(make(3, 4)).toThrow(/at most 3/)
    expect(make(0, 1)).toThrow(/clusters: got 0/)
  })
})

describe('WalkSubgraphSampler', () => {
  const options = { roots: 6, walkLength: 2, countedSubgraphs: 6000, steps: 1, rng }

  it('visits the nodes of the walks and no others', async () => {
    const graph = unevenGraph()
    const sampler = new WalkSubgraphSampler(graph, options)
    await sampler.prepare()
    const stream = rng.fork('walk-subgraphs').fork('3/2')
    const users = new Set<number>()
    const items = new Set<number>()
    for (let root = 0; root < 6; root++) {
      const start = stream.integerAt(0, root, graph.nodeCount)
      let [isUser, node] = [start < 24, start < 24 ? start : start - 24]
      ;(isUser ? users : items).add(node)
      for (let step = 0; step < 2; step++) {
        const next: Int32Array = isUser ? graph.userItems(node) : graph.itemUsers(node)
        if (next.length === 0) break
        node = next[Math.floor(stream.uniformAt(1, 2 * root + step) * next.length)] as number
        isUser = !isUser
        ;(isUser ? users : items).add(node)
      }
    }
    const { graph: sampled } = sampler.sample(at)
    const ascending = (set: ReadonlySet<number>) => Int32Array.from(set).sort()
    expect(sampled.users).toEqual(ascending(users))
    expect(sampled.items).toEqual(ascending(items))
  })

  it('is unbiased in a step for the nodes that are in, and for sums over edges', async () => {
    const graph = unevenGraph()
    const x = randomNumbers(graph)
    const sampler = new WalkSubgraphSampler(graph, options)
    await sampler.prepare()
    const exact = wholeLayers(graph, x, 1)[1] as ReturnType<typeof randomNumbers>
    const users = new Map([5, 7, 10].map((user) => [user, new Estimate()]))
    const items = new Map([0, 1, 2].map((item) => [item, new Estimate()]))
    const weighted = new Estimate()
    const plain = new Estimate()
    const numberOf = (edge: number) => 1 + (edge % 7)
    for (let step = 0; step < 6000; step++) {
      const { graph: sampled, edges } = sampler.sample({ epoch: 0, step })
      const [, layer] = sampledLayers(sampled, x)
      for (const [user, estimate] of users) {
        const place = sampled.users.indexOf(user)
        if (place >= 0) estimate.add(layer?.users[place] as number)
      }
      for (const [item, estimate] of items) {
        const place = sampled.items.indexOf(item)
        if (place >= 0) estimate.add(layer?.items[place] as number)
      }
      weighted.add(edges.reduce((sum, e) => sum + sampler.edgeWeight(e) * numberOf(e), 0))
      plain.add(edges.reduce((sum, e) => sum + numberOf(e), 0))
    }
    // The counts, of as many subgraphs, have the same error once more.
    const bound = ({ standardError }: Estimate) => errorBound * Math.SQRT2 * standardError
    for (const [nodes, expected, side] of [
      [users, exact.users, 'user'],
      [items, exact.items, 'item'],
    ] as const) {
      for (const [node, estimate] of nodes) {
        const name = `${side} ${node}`
        expect(Math.abs(estimate.mean - (expected[node] as number)), name).toBeLessThan(
          bound(estimate),
        )
        expect(bound(estimate), name).toBeLessThan(0.12 * estimate.mean)
      }
    }
    const total = Array.from({ length: graph.edgeCount }, (_, e) => numberOf(e)).reduce(
      (a, b) => a + b,
    )
    expect(Math.abs(weighted.mean - total)).toBeLessThan(bound(weighted))
    expect(bound(weighted)).toBeLessThan(0.1 * total)
    // Without the weights it is far off even up to a factor: edges are not alike.
    expect(plain.mean).toBeLessThan(0.8 * total)
  })

  it('divides by the counts', async () => {
    const graph = unevenGraph()
    const counted = new WalkSubgraphSampler(graph, { ...options, countedSubgraphs: 40 })
    await counted.prepare()
    // The subgraphs that are counted are those of a stream of their own.
    const whole = graph.biadjacency()
    const { graph: sampled, edges } = counted.sample(at)
    const { toUsers, toItems } = sampled.steps[0] as (typeof sampled.steps)[number]
    const back = toItems.transpose() as SparseMatrix
    const userOf = (edge: number) =>
      graph.interactions.pointers.findIndex((end, user) => user > 0 && end > edge) - 1
    for (const [entry, edge] of edges.entries()) {
      const value = whole.values[edge] as number
      const item = graph.interactions.items[edge] as number
      const edgesHeld = 40 / counted.edgeWeight(edge)
      const itemsHeld = 40 / counted.itemWeight(item)
      expect(Number.isInteger(Math.round(edgesHeld * 1e9) / 1e9)).toBe(true)
      expect(back.values[entry]).toBeCloseTo((value * itemsHeld) / edgesHeld, 5)
      expect(toUsers.values[entry] as number).toBeGreaterThanOrEqual(value * 0.999)
      expect(graph.userItems(userOf(edge))).toContain(item)
    }
  })

  it('refuses options out of range', () => {
    const make = (other: object) => () =>
      new WalkSubgraphSampler(unevenGraph(), { ...options, ...other })
    expect(make({ roots: 0 })).toThrow(/roots: got 0/)
    expect(make({ walkLength: 0 })).toThrow(/walkLength: got 0/)
    expect(make({ steps: 0 })).toThrow(/steps: got 0/)
    expect(make({ roots: 2 ** 31, walkLength: 3 })).toThrow(/got 8589934592 visits/)
  })
})
