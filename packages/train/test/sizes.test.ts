import { BipartiteGraph, type GnnRecError } from '@gnnrec/graph'
import { BprMf, type GraphModel, LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  estimateTrainingMemory,
  type GraphSamplingSettings,
  Trainer,
  type TrainerOptions,
} from '../src/index.js'
import { randomSplit } from './support/splits.js'

beforeAll(() => useBackend('simd'))

const split = randomSplit({ seed: 1, users: 30, items: 20, perUser: 4 })
const huge = [1e9, 2 ** 31 - 1, Number.MAX_SAFE_INTEGER]

/** Trains for an epoch; returns how it ended and the bytes of arrays that are left of it. */
async function outcomeOf(
  make: (graph: BipartiteGraph) => GraphModel,
  options: Partial<TrainerOptions>,
): Promise<{ outcome: string; bytes: number }> {
  const graph = BipartiteGraph.fromInteractions(split.train)
  const model = make(graph)
  const before = process.memoryUsage().arrayBuffers
  let outcome: string
  try {
    const trainer = new Trainer({ model, split, epochs: 1, progress: 'none', ...options })
    outcome = (await trainer.fit()).stopReason
  } catch (error) {
    outcome = (error as GnnRecError).code ?? String(error)
  }
  const bytes = process.memoryUsage().arrayBuffers - before
  model.dispose()
  graph.dispose()
  return { outcome, bytes }
}

const bprMf = (graph: BipartiteGraph) => new BprMf(graph, { embeddingDim: 4 })
const lightGcn = (graph: BipartiteGraph) => new LightGcn(graph, { embeddingDim: 4, layers: 1 })

describe('sizes of a training that are far too large', () => {
  it.each([
    ['batchSize', 'completed'],
    ['accumulateSteps', 'completed'],
    ['evaluateEvery', 'INVALID_OPTIONS'],
    ['negativesPerPositive', 'INVALID_OPTIONS'],
  ] as const)('%s: the training is %s', async (name, expected) => {
    for (const size of huge) {
      const { outcome, bytes } = await outcomeOf(bprMf, { [name]: size })
      expect(outcome).toBe(expected)
      expect(bytes).toBeLessThan(2 ** 25)
    }
  })

  const samplings: [name: string, expected: string, of: (size: number) => GraphSamplingSettings][] =
    [
      ['fanOuts', 'completed', (size) => ({ method: 'neighbours', fanOuts: [size] })],
      ['layerSizes', 'completed', (size) => ({ method: 'layers', layerSizes: [size] })],
      ['neighbours', 'completed', (size) => ({ method: 'walk-neighbours', neighbours: [size] })],
      [
        'walks',
        'INVALID_OPTIONS',
        (size) => ({ method: 'walk-neighbours', neighbours: [2], walks: size }),
      ],
      [
        'clusters',
        'INVALID_OPTIONS',
        (size) => ({ method: 'clusters', clusters: size, clustersPerStep: 1 }),
      ],
      ['roots', 'INVALID_OPTIONS', (size) => ({ method: 'walk-subgraphs', roots: size })],
      [
        'countedSubgraphs',
        'INVALID_OPTIONS',
        (size) => ({ method: 'walk-subgraphs', roots: 2, countedSubgraphs: size }),
      ],
    ]
  it.each(samplings)('%s of graphSampling: the training is %s', async (_name, expected, of) => {
    for (const size of huge) {
      const { outcome, bytes } = await outcomeOf(lightGcn, { graphSampling: of(size) })
      expect(outcome).toBe(expected)
      expect(bytes).toBeLessThan(2 ** 25)
    }
  })

  it('are refused by an estimate of memory too', () => {
    const graph = { users: 1000, items: 1000, edges: 10_000 }
    for (const size of huge) {
      for (const options of [{ embeddingDim: size }, { layers: size }]) {
        const before = process.memoryUsage().arrayBuffers
        const estimate = () =>
          estimateTrainingMemory({
            graph,
            model: { architecture: 'light-gcn', options },
            training: { epochs: 1 },
          })
        expect(estimate).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }))
        expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 25)
      }
    }
  })
})
