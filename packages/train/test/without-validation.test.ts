import { join } from 'node:path'
import { BipartiteGraph, IdMap } from '@gnnrec/graph'
import { LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { beforeAll, describe, expect, it } from 'vitest'
import { Trainer } from '../src/index.js'
import { removeFoldersAfterEach, temporaryFolder } from './support/checkpoint-folder.js'
import { plantedBlocks, splitOf } from './support/splits.js'

removeFoldersAfterEach()
beforeAll(() => useBackend('simd', { threads: 1 }))

const split = plantedBlocks(1, 12)
const graph = BipartiteGraph.fromInteractions(split.train)
const newModel = () => new LightGcn(graph, { embeddingDim: 4, layers: 1 })
const quiet = { progress: 'none' } as const

describe('training without a split', () => {
  it('needs nothing but a model, and has the documented defaults', async () => {
    const [model, twin] = [newModel(), newModel()]
    const history = await new Trainer({ model, ...quiet }).fit()
    await new Trainer({
      model: twin,
      split,
      epochs: 120,
      batchSize: 1024,
      learningRate: 5e-3,
      sampling: 'user-uniform',
      ...quiet,
    }).fit()
    expect(history.epochs).toHaveLength(120)
    expect(history).toMatchObject({
      stopReason: 'completed',
      bestEpoch: null,
      bestValidation: null,
    })
    expect(await model.weights()).toEqual(await twin.weights())
    expect(model.splitHash).toBeNull()
  })

  it('goes on from a checkpoint of the same graph, and of no other', async () => {
    const folder = join(await temporaryFolder(), 'checkpoints')
    const settings = { ...quiet, epochs: 4, checkpoint: folder }
    const whole = newModel()
    await new Trainer({ model: whole, ...quiet, epochs: 4 }).fit()
    const stop = new AbortController()
    for await (const event of new Trainer({ model: newModel(), ...settings }).run({
      signal: stop.signal,
    })) {
      if (event.type === 'epoch' && event.record.epoch === 2) stop.abort()
    }
    const model = newModel()
    await new Trainer({ model, ...settings, resume: 'latest' }).fit()
    expect(await model.weights()).toEqual(await whole.weights())
    const other = BipartiteGraph.fromInteractions(plantedBlocks(2, 12).train)
    const ids = split.train.items.ids.map((id) => id + 1000)
    const renamed = BipartiteGraph.fromInteractions({ ...split.train, items: IdMap.from(ids) })
    expect(renamed.interactions).toEqual(graph.interactions)
    for (const another of [other, renamed]) {
      const stranger = new LightGcn(another, { embeddingDim: 4, layers: 1 })
      await expect(
        new Trainer({ model: stranger, ...settings, resume: 'latest' }).fit(),
      ).rejects.toMatchObject({
        code: 'CHECKPOINT_MISMATCH',
        message: expect.stringContaining('data.graph'),
      })
    }
  })

  it('refuses what has to be evaluated, and says that there is no split', () => {
    expect(() => new Trainer({ model: newModel(), metrics: ['ndcg@5'] })).toThrow(
      /There is no split, so nothing can be evaluated/,
    )
  })
})

it('trains on a split whose validation part is empty', async () => {
  const empty = splitOf({ itemCount: 3, train: [[0, 1], [2], [0]] })
  const model = new LightGcn(BipartiteGraph.fromInteractions(empty.train), { embeddingDim: 4 })
  const history = await new Trainer({ model, split: empty, epochs: 3, ...quiet }).fit()
  expect(history).toMatchObject({ stopReason: 'completed', bestEpoch: null })
})

it("draws batches as the model's loss needs them, unless told otherwise", () => {
  const loss = { name: 'sampled-softmax', sampling: 'interaction-shuffle' } as const
  const model = new LightGcn(graph, { embeddingDim: 4, loss })
  expect(() => new Trainer({ model })).not.toThrow()
  expect(() => new Trainer({ model, sampling: 'user-uniform' })).toThrow(/sampling: got/)
})
