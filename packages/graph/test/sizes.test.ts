import os from 'node:os'
import { describe, expect, it, vi } from 'vitest'
import {
  BatchIterator,
  type BipartiteGraph,
  type GnnRecError,
  Rng,
  SparseMatrix,
  samplers,
  sizeLimits,
  truncatedSvd,
} from '../src/index.js'
import { KernelRuntime } from '../src/kernels.js'
import { everyNode, unevenGraph } from './graph-samplers/support.js'

const rng = Rng.fromSeed('sizes')
const huge = [1e9, 2 ** 31 - 1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER]
const address = { epoch: 0, step: 0 }

/** Runs a function that may refuse a size; returns its code and the bytes of arrays that it took. */
async function attempt(run: () => unknown): Promise<{ code: string | undefined; bytes: number }> {
  const before = process.memoryUsage().arrayBuffers
  let code: string | undefined
  try {
    await run()
  } catch (error) {
    code = (error as GnnRecError).code ?? String(error)
  }
  return { code, bytes: process.memoryUsage().arrayBuffers - before }
}

const sampled = (sampler: { sample: samplers.NeighbourSampler['sample'] }, graph: BipartiteGraph) =>
  sampler.sample(everyNode(graph), address)

async function subgraph(sampler: samplers.SubgraphSampler): Promise<void> {
  await sampler.prepare()
  sampler.sample(address)
}

const walks = { roots: 4, steps: 1, countedSubgraphs: 2, rng }
const clusters = { clusters: 3, clustersPerStep: 1, steps: 1, rng }

/** Uses of a size; `'refused'` where it has no meaning, `'taken'` where less is enough. */
const uses: readonly [
  name: string,
  outcome: 'refused' | 'taken',
  use: (graph: BipartiteGraph, size: number) => unknown,
][] = [
  [
    'batchSize of BatchIterator',
    'taken',
    (graph, batchSize) => [...new BatchIterator(graph, { batchSize, rng }).epoch(0)],
  ],
  [
    'negativesPerPositive of BatchIterator',
    'refused',
    (graph, negativesPerPositive) =>
      new BatchIterator(graph, { batchSize: 1, negativesPerPositive, rng }),
  ],
  [
    'fanOuts of NeighbourSampler',
    'taken',
    (graph, size) =>
      sampled(new samplers.NeighbourSampler(graph, { fanOuts: [size, 1], rng }), graph),
  ],
  [
    'layerSizes of LayerSampler',
    'taken',
    (graph, size) => sampled(new samplers.LayerSampler(graph, { layerSizes: [size], rng }), graph),
  ],
  [
    'neighbours of WalkNeighbourSampler',
    'taken',
    (graph, size) =>
      sampled(new samplers.WalkNeighbourSampler(graph, { neighbours: [size], rng }), graph),
  ],
  [
    'walks of WalkNeighbourSampler',
    'refused',
    (graph, size) =>
      new samplers.WalkNeighbourSampler(graph, { neighbours: [2], walks: size, rng }),
  ],
  [
    'visits of WalkNeighbourSampler',
    'refused',
    (graph, visits) => new samplers.WalkNeighbourSampler(graph, { neighbours: [2], visits, rng }),
  ],
  [
    'steps of ClusterSampler',
    'refused',
    (graph, steps) => subgraph(new samplers.ClusterSampler(graph, { ...clusters, steps })),
  ],
  [
    'clusters of ClusterSampler',
    'refused',
    (graph, size) => subgraph(new samplers.ClusterSampler(graph, { ...clusters, clusters: size })),
  ],
  [
    'clustersPerStep of ClusterSampler',
    'refused',
    (graph, clustersPerStep) =>
      subgraph(new samplers.ClusterSampler(graph, { ...clusters, clustersPerStep })),
  ],
  [
    'steps of WalkSubgraphSampler',
    'refused',
    (graph, steps) => subgraph(new samplers.WalkSubgraphSampler(graph, { ...walks, steps })),
  ],
  [
    'roots of WalkSubgraphSampler',
    'refused',
    (graph, roots) => subgraph(new samplers.WalkSubgraphSampler(graph, { ...walks, roots })),
  ],
  [
    'walkLength of WalkSubgraphSampler',
    'refused',
    (graph, walkLength) =>
      subgraph(new samplers.WalkSubgraphSampler(graph, { ...walks, walkLength })),
  ],
  [
    'countedSubgraphs of WalkSubgraphSampler',
    'refused',
    (graph, countedSubgraphs) =>
      subgraph(new samplers.WalkSubgraphSampler(graph, { ...walks, countedSubgraphs })),
  ],
  [
    'negativesPerPositive of SubgraphBatches',
    'refused',
    (graph, negativesPerPositive) => {
      const sampler = new samplers.WalkSubgraphSampler(graph, walks)
      new samplers.SubgraphBatches(graph, { sampler, batchSize: 1, negativesPerPositive, rng })
    },
  ],
  ['rank of truncatedSvd', 'refused', (graph, rank) => truncatedSvd(graph.biadjacency(), { rank })],
  [
    'oversampling of truncatedSvd',
    'refused',
    (graph, oversampling) => truncatedSvd(graph.biadjacency(), { rank: 2, oversampling }),
  ],
]

describe('sizes that are far too large', () => {
  it.each(uses)('%s: are %s, and no memory is taken for them', async (_name, outcome, use) => {
    const graph = unevenGraph()
    for (const size of huge) {
      const { code, bytes } = await attempt(() => use(graph, size))
      expect(code).toBe(outcome === 'refused' ? 'INVALID_OPTIONS' : undefined)
      expect(bytes).toBeLessThan(2 ** 24)
    }
  })

  it('are refused as lists of hops', async () => {
    const graph = unevenGraph()
    const hops = new Array<number>(sizeLimits.layers + 1).fill(1)
    for (const make of [
      () => new samplers.NeighbourSampler(graph, { fanOuts: hops, rng }),
      () => new samplers.LayerSampler(graph, { layerSizes: hops, rng }),
      () => new samplers.WalkNeighbourSampler(graph, { neighbours: hops, rng }),
    ]) {
      expect((await attempt(make)).code).toBe('INVALID_OPTIONS')
    }
  })

  it('are refused where a batch and its negatives are too many together', async () => {
    const edges = 2 ** 15
    const graph = {
      ...unevenGraph(),
      userCount: 1,
      itemCount: edges + 1,
      edgeCount: edges,
      userDegrees: Int32Array.of(edges),
      interactions: {
        pointers: Int32Array.of(0, edges),
        items: Int32Array.from({ length: edges }, (_, item) => item),
      },
    } as unknown as BipartiteGraph
    const make = (batchSize: number) =>
      new BatchIterator(graph, { batchSize, negativesPerPositive: 10_000, rng })
    expect((await attempt(() => make(1e9))).code).toBe('INVALID_OPTIONS')
    expect((await attempt(() => make(1000))).code).toBeUndefined()
  })

  it('are refused by truncatedSvd where its bases take more than the machine has', async () => {
    const matrix = SparseMatrix.fromCoordinates({
      rows: 4000,
      columns: 3000,
      rowIndices: [0, 1],
      columnIndices: [0, 1],
      values: [1, 2],
    })
    const { code, bytes } = await withMachineMemory(2e7, () =>
      attempt(() => truncatedSvd(matrix, { rank: 1000 })),
    )
    expect(code).toBe('OUT_OF_MEMORY')
    expect(bytes).toBeLessThan(2 ** 24)
  })

  it('are refused by WalkNeighbourSampler where neighbourhoods take more than the machine has', () =>
    withMachineMemory(1000, async () => {
      const make = () => new samplers.WalkNeighbourSampler(unevenGraph(), { neighbours: [9], rng })
      expect((await attempt(make)).code).toBe('OUT_OF_MEMORY')
    }))

  it('are refused by kernel memory', () => {
    const runtime = new KernelRuntime()
    for (const bytes of [2 ** 32, 1e18, Number.POSITIVE_INFINITY]) {
      expect(() => runtime.allocate(bytes)).toThrow(/Cannot allocate/)
    }
    for (const bytes of [-1, Number.NaN]) {
      expect(() => runtime.allocate(bytes)).toThrow(/expected a number >= 0/)
    }
    expect(runtime.statistics.usedBytes).toBe(0)
  })
})

async function withMachineMemory<Result>(
  bytes: number,
  run: () => Promise<Result>,
): Promise<Result> {
  const spy = vi.spyOn(os, 'totalmem').mockReturnValue(bytes)
  try {
    return await run()
  } finally {
    spy.mockRestore()
  }
}
