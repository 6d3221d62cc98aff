import { join } from 'node:path'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { type MemoryLimitError, OutOfCoreTrainer } from '@gnnrec/out-of-core'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { OutOfCoreModelSettings } from '../src/models/resolved-model.ts'
import { madeSplit } from './support/made-split.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const folder = temporaryFolder()
beforeAll(() => useBackend('simd', { threads: 1 }))
afterEach(() => {
  vi.restoreAllMocks()
})

const models: Record<string, OutOfCoreModelSettings> = {
  'LightGCN, BPR': { architecture: 'light-gcn' },
  'LightGCN, softmax': {
    architecture: 'light-gcn',
    options: { ...LightGcn.presets.fast.model, layerWeights: [0, 0.3, 0.3, 0.4] },
  },
  'LightGCN, DirectAU': { architecture: 'light-gcn', options: { loss: { name: 'direct-au' } } },
  LayerGCN: { architecture: 'layer-gcn' },
  DGR: { architecture: 'dgr', options: { neighbours: 4 } },
}

describe('kernel memory stays within maxMemory while training and ranking', () => {
  it.each(Object.keys(models))('%s', async (name) => {
    const runtime = defaultRuntime()
    const before = runtime.statistics.usedBytes
    let peak = 0
    const allocate = runtime.allocate.bind(runtime)
    vi.spyOn(runtime, 'allocate').mockImplementation((bytes) => {
      const pointer = allocate(bytes)
      peak = Math.max(peak, runtime.statistics.usedBytes - before)
      return pointer
    })
    const train = async (maxMemory: number) => {
      const trainer = new OutOfCoreTrainer({
        model: models[name] as OutOfCoreModelSettings,
        split: madeSplit({ users: 600, items: 400 }),
        folder: join(folder, name),
        maxMemory,
        epochs: 1,
        batchSize: 500,
        learningRate: 0.01,
        sampling: 'interaction-shuffle',
        metrics: ['recall@10'],
      })
      const model = await trainer.fit()
      await model.close()
    }
    const refused = await train(1).catch((error: unknown) => error)
    const { smallest } = refused as MemoryLimitError
    await train(smallest)
    expect(peak).toBeGreaterThan(smallest / 4)
    expect(peak).toBeLessThanOrEqual(smallest)
  })
})

it('keeps no copy of the edges in kernel memory', async () => {
  const split = madeSplit({ users: 400, items: 300, perUser: 400 })
  const runtime = defaultRuntime()
  const before = runtime.statistics.usedBytes
  let peak = 0
  const allocate = runtime.allocate.bind(runtime)
  vi.spyOn(runtime, 'allocate').mockImplementation((bytes) => {
    const pointer = allocate(bytes)
    peak = Math.max(peak, runtime.statistics.usedBytes - before)
    return pointer
  })
  const train = async (maxMemory: number) => {
    const trainer = new OutOfCoreTrainer({
      model: { architecture: 'light-gcn', options: { embeddingDim: 8 } },
      split,
      folder: join(folder, 'edges'),
      maxMemory,
      epochs: 1,
      batchSize: 2000,
      guards: false,
    })
    const model = await trainer.fit()
    await model.close()
  }
  const { smallest } = (await train(1).catch((error: unknown) => error)) as MemoryLimitError
  await train(smallest)
  expect(peak).toBeLessThanOrEqual(smallest)
})
