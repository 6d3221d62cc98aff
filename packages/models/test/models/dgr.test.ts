import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { Dgr } from '../../src/dgr/dgr.js'
import type { DgrOptions } from '../../src/dgr/dgr-options.js'
import { NotPreparedError } from '../../src/parameters/errors.js'
import { describeEachBackend } from '../support/backends.js'
import { expectSameBytes, sameBytes } from '../support/compare.js'
import { batch, dense, prepared } from '../support/dgr.js'
import { blockGraph, graphOf, owned, randomGraph, smallGraph } from '../support/graphs.js'
import { expectFlatMemory, memoryInUse } from '../support/memory.js'
import { expectSameOnThreads } from '../support/threads.js'
import { evaluateLoss, output, trainSteps, weightValues } from '../support/training.js'

describeEachBackend('preparing DGR', () => {
  const graph = graphOf(dense)

  it('comes before the loss, but not before the embeddings', async () => {
    const model = owned(new Dgr(graph))
    const before = [...output(model).users]
    const tensors = memoryInUse()
    for (const compute of [
      () => model.loss(batch),
      () => model.lossTerms(batch),
      () => tf.variableGrads(() => model.loss(batch), Object.values(model.parameters())),
    ]) {
      expect(compute).toThrow(NotPreparedError)
      expect(compute).toThrow('await model.prepare()')
    }
    expect(memoryInUse()).toEqual(tensors)
    await model.prepare()
    expect(evaluateLoss(model, batch).total).toBeGreaterThan(0)
    expect([...output(model).users]).toEqual(before)
  })

  it('is not needed where both weights are 0', () => {
    const model = owned(new Dgr(graph, { neighbourWeight: 0, marginalWeight: 0 }))
    expect(evaluateLoss(model, batch).total).toBeGreaterThan(0)
  })

  it('ends with its signal and can begin again', async () => {
    const model = owned(new Dgr(graph))
    const reason = new Error('the user left')
    await expect(model.prepare({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(() => model.loss(batch)).toThrow(NotPreparedError)
    await Promise.all([model.prepare({ signal: new AbortController().signal }), model.prepare()])
    expect(evaluateLoss(model, batch).total).toBeGreaterThan(0)
    await model.prepare({ signal: AbortSignal.abort(reason) })
  })
})

describeEachBackend('tensors of DGR', () => {
  it('are flat over steps, and gone after dispose', async () => {
    await expectFlatMemory(
      randomGraph({ users: 50, items: 40, degree: 5 }),
      (graph) => new Dgr(graph, { embeddingDim: 8, neighbours: 4 }),
    )
  })
})

describeEachBackend('training of DGR', () => {
  const choices: Record<string, DgrOptions> = {
    'the defaults': {},
    'marginal items, bounded': { neighbours: 1, marginal: 'bounded', marginalWeight: 1e-3 },
    'L2 on layer 0': { regularization: 'layer-zero', projection: 'exact', layers: 2 },
  }
  for (const [name, options] of Object.entries(choices)) {
    it(`learns a block graph by heart in under 300 steps with ${name}`, async () => {
      const graph = graphOf(blockGraph(4, 5))
      const model = owned(new Dgr(graph, { ...options, embeddingDim: 16 }))
      await model.prepare()
      const losses = trainSteps(model, { steps: 290, batchSize: 100, learningRate: 0.02 })
      expect(losses.at(-1)).toBeLessThan(0.5 * (losses[0] as number))
      const recommender = await model.toRecommender()
      const lists = recommender.recommend(graph.users.ids, { k: 5, excludeSeen: false })
      for (const { user, items } of lists) {
        const known = graph.userItems(graph.users.indexOf(user))
        expect(items.map(Number).sort((a, b) => a - b)).toEqual([...known])
      }
    })
  }

  it('goes on with isolated nodes', async () => {
    const model = await prepared(smallGraph, { neighbours: 1, marginalWeight: 1e-2 })
    trainSteps(model, { steps: 20, batchSize: 8 })
    const { users, items } = output(model)
    expect([...users, ...items].every(Number.isFinite)).toBe(true)
  })
})

describe('threads', () => {
  it('give the same bytes after 12 steps of DGR, whether 1, 2, 3 or 4', async () => {
    await expectSameOnThreads((graph) => new Dgr(graph), { steps: 12, batchSize: 1024 })
  })
})

describeEachBackend('a saved DGR', () => {
  const list = randomGraph({ users: 30, items: 25, degree: 4 })
  const options: DgrOptions = { embeddingDim: 10, neighbours: 3, marginalWeight: 1e-3, seed: 's' }

  it('comes back without its tables, and trains on alike once it is prepared', async () => {
    for (const more of [
      {},
      { regularization: 'layer-zero', l2Convention: 'mean-norms' },
    ] as const) {
      const model = await prepared(list, { ...options, ...more })
      trainSteps(model, { steps: 5 })
      const files: Record<string, Uint8Array> = {}
      await model.save(files)
      const loaded = owned(await Dgr.load(files))
      expect(loaded.options).toEqual(model.options)
      expect(loaded.describe()).toEqual(model.describe())
      expectSameBytes(await weightValues(loaded), await weightValues(model))
      expectSameBytes(output(loaded), output(model))
      expect(() => loaded.loss(batch)).toThrow(NotPreparedError)
      await loaded.prepare()
      const training = { steps: 12, seed: 5, negativesPerPositive: 2 }
      expect(trainSteps(loaded, training)).toEqual(trainSteps(model, training))
      expectSameBytes(await weightValues(loaded), await weightValues(model))
    }
  })

  it('depends on its seed and on that of training', async () => {
    const train = async (seed: number, samplingSeed = 1) => {
      const model = await prepared(list, { ...options, seed })
      trainSteps(model, { steps: 6, batchSize: 30, seed: samplingSeed })
      return await weightValues(model)
    }
    const seven = await train(7)
    expectSameBytes(await train(7), seven)
    for (const other of [await train(8), await train(7, 2)]) {
      for (const [name, values] of Object.entries(other)) {
        expect(sameBytes(values, seven[name] as Float32Array)).toBe(false)
      }
    }
  })
})
