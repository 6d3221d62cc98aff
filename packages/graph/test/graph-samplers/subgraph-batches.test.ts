import { type BipartiteGraph, type EpochBatch, Rng } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ClusterSampler,
  SubgraphBatches,
  type SubgraphBatchesOptions,
  type SubgraphSampler,
  WalkSubgraphSampler,
} from '../../src/graph-samplers/index.js'
import { graphCases } from '../support/graphs.js'
import { Estimate, errorBound, graphOf, unevenGraph } from './support.js'

const rng = Rng.fromSeed(6)

const walks = (graph: BipartiteGraph, countedSubgraphs = 20): SubgraphSampler =>
  new WalkSubgraphSampler(graph, { roots: 8, countedSubgraphs, steps: 1, rng })

const clusters = (graph: BipartiteGraph): SubgraphSampler =>
  new ClusterSampler(graph, { clusters: 2, clustersPerStep: 1, steps: 1, rng })

async function batchesOf(
  graph: BipartiteGraph,
  sampler: SubgraphSampler,
  options: Partial<SubgraphBatchesOptions> = {},
): Promise<SubgraphBatches> {
  await sampler.prepare()
  return new SubgraphBatches(graph, { sampler, batchSize: 8, rng, ...options })
}

function expectTriples(batch: EpochBatch, graph: BipartiteGraph, perPositive: number): void {
  const { users, positives, negatives, sampled } = batch
  expect(positives).toHaveLength(users.length)
  expect(negatives).toHaveLength(users.length * perPositive)
  for (const [n, user] of users.entries()) {
    const own = graph.userItems(user)
    expect(own).toContain(positives[n])
    for (let m = 0; m < perPositive; m++) expect(own).not.toContain(negatives[n * perPositive + m])
  }
  expect(() => sampled?.placesOfUsers(users)).not.toThrow()
  expect(() => sampled?.placesOfItems(positives)).not.toThrow()
  expect(() => sampled?.placesOfItems(negatives)).not.toThrow()
}

describe('SubgraphBatches', () => {
  it.each([
    ['walks', walks],
    ['clusters', clusters],
  ] as const)('draws triples from the subgraph of each step: %s', async (_, make) => {
    await fc.assert(
      fc.asyncProperty(
        graphCases.filter(({ users, items }) => users + items > 2),
        fc.constantFrom('user-uniform', 'interaction-shuffle'),
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom('uniform' as const, { popularityExponent: 0.75 }),
        async (graphCase, strategy, negativesPerPositive, negatives) => {
          const graph = graphOf(graphCase)
          const options = { strategy, negativesPerPositive, negatives } as const
          const batches = await batchesOf(graph, make(graph), options)
          let drawn = 0
          for (const batch of batches.epoch(1)) {
            expectTriples(batch, graph, negativesPerPositive)
            drawn += batch.users.length
          }
          expect(drawn + batches.skippedDraws).toBe(graph.edgeCount)
        },
      ),
    )
  })

  it('makes any batch without those before it', async () => {
    const graph = unevenGraph()
    const all = [...(await batchesOf(graph, walks(graph))).epoch(2)]
    const late = await batchesOf(graph, walks(graph))
    const rest = [...late.epoch(2, { startStep: 3 })]
    expect(all.length).toBeGreaterThan(5)
    expect(rest).toEqual(all.slice(3))
    expect([...late.epoch(3, { startStep: 3 })]).not.toEqual(rest)
    expect(() => [...late.epoch(0, { startStep: 999 })]).toThrow(/startStep: got 999/)
  })

  it('draws pairs and negatives as often as the strategy says, though walks prefer hubs', async () => {
    const graph = unevenGraph()
    const isHub = Uint8Array.from(graph.userDegrees, (degree) => (degree > 6 ? 1 : 0))
    const pairsOfHubs = graph.userDegrees.filter((degree) => degree > 6).reduce((a, b) => a + b)
    for (const [strategy, share] of [
      ['interaction-shuffle', pairsOfHubs / graph.edgeCount],
      ['user-uniform', isHub.reduce((a, b) => a + b) / 23],
    ] as const) {
      const sampler = walks(graph, 3000)
      const batches = await batchesOf(graph, sampler, { strategy })
      const corrected = new Estimate()
      const uncorrected = new Estimate()
      for (let epoch = 0; epoch < 150; epoch++) {
        for (const { users, sampled } of batches.epoch(epoch)) {
          corrected.add(
            users.reduce((sum, user) => sum + (isHub[user] as number), 0) / users.length,
          )
          if (!sampled) throw new Error('A batch of a subgraph has no subgraph.')
          const rows = sampled.steps[0]?.toUsers.rowPointers as Int32Array
          let [hubs, all] = [0, 0]
          for (const [row, user] of sampled.users.entries()) {
            const size = (rows[row + 1] as number) - (rows[row] as number)
            const count = strategy === 'user-uniform' ? Math.sign(size) : size
            hubs += (isHub[user] as number) * count
            all += count
          }
          if (all > 0) uncorrected.add(hubs / all)
        }
      }
      // Dividing by the sum of weights leaves a bias of the order of its variance.
      expect(Math.abs(corrected.mean - share), strategy).toBeLessThan(0.06)
      expect(errorBound * corrected.standardError).toBeLessThan(0.06)
      expect(Math.abs(uncorrected.mean - share), strategy).toBeGreaterThan(
        1.5 * Math.abs(corrected.mean - share),
      )
    }
  })

  it('refuses options out of range', () => {
    const graph = unevenGraph()
    const make = (options: object) => () =>
      new SubgraphBatches(graph, { sampler: walks(graph), batchSize: 4, rng, ...options })
    expect(make({ batchSize: 0 })).toThrow(/batchSize: got 0/)
    expect(make({ sampler: {} })).toThrow(/expected a ClusterSampler or a WalkSubgraphSampler/)
    expect(make({ negativesPerPositive: 2 ** 30 })).toThrow(/negativesPerPositive: got 1073741824/)
  })
})
