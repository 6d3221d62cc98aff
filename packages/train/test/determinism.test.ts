import { BipartiteGraph } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { BprMf, LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { expect, it } from 'vitest'
import { Trainer } from '../src/index.js'
import { randomSplit } from './support/splits.js'

// Tables of 96,000 and 64,000 numbers: several chunks for the threads in every kernel.
const split = randomSplit({ seed: 3, users: 1500, items: 1000, perUser: 17 })
const graph = BipartiteGraph.fromInteractions(split.train)

async function trainOn(threads: number, Model: typeof BprMf | typeof LightGcn) {
  await useBackend('simd', { threads })
  expect(defaultRuntime().threads).toBe(threads)
  const model = new Model(graph, { embeddingDim: 64, l2Weight: 1e-3 })
  const { epochs } = await new Trainer({
    model,
    split,
    epochs: 2,
    batchSize: 1024,
    learningRate: 5e-3,
    sampling: 'user-uniform',
    clipNorm: 1e-3,
    metrics: ['ndcg@10'],
    progress: 'none',
  }).fit()
  const weights = await model.weights()
  model.dispose()
  const records = epochs.map(({ seconds, evaluationSeconds, guardSeconds, ...record }) => record)
  return { weights, records }
}

it.each([
  ['LightGcn', LightGcn],
  ['BprMf', BprMf],
] as const)(
  'gives the same bytes for 1, 2, 3 and 4 threads after 50 steps of %s',
  async (_, Model) => {
    const single = await trainOn(1, Model)
    expect(single.records.reduce((sum, { steps }) => sum + steps, 0)).toBe(50)
    expect(single.records[0].gradientNorm?.clippedShare).toBeGreaterThan(0)
    for (const threads of [2, 3, 4]) {
      const several = await trainOn(threads, Model)
      expect(several.records).toEqual(single.records)
      for (const [name, { data }] of single.weights) {
        const [bytes, expected] = [several.weights.get(name)?.data as Float32Array, data].map(
          (values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength),
        )
        expect(Buffer.compare(bytes, expected)).toBe(0)
      }
    }
  },
)
