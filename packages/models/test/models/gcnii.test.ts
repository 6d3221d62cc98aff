import { type BipartiteGraph, Rng } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { Gcnii } from '../../src/gcnii/gcnii.js'
import type { GcniiOptions } from '../../src/gcnii/gcnii-options.js'
import { describeEachBackend } from '../support/backends.js'
import { expectClose, expectSameBytes, sameBytes } from '../support/compare.js'
import { blockGraph, graphOf, owned, randomGraph, smallGraph } from '../support/graphs.js'
import { expectFlatMemory } from '../support/memory.js'
import { expectSameOnThreads } from '../support/threads.js'
import {
  batchOf,
  evaluateLoss,
  layers,
  output,
  trainSteps,
  weightValues,
} from '../support/training.js'

const list = randomGraph({ users: 30, items: 25, degree: 4 })
const linear = { activation: 'identity', head: 'none' } as const

describeEachBackend('dropout of Gcnii', () => {
  const batch = batchOf([0, 1], [1, 2], [4, 0])
  const make = (dropout: number, more: GcniiOptions = {}) => {
    const options = { embeddingDim: 8, layers: 3, initialDeviation: 1, ...more }
    const model = owned(new Gcnii(graphOf(list), { ...options, dropout }))
    model.beginEpoch(0, Rng.fromSeed(5))
    return model
  }

  it('acts in training only', () => {
    const [model, whole] = [make(0.5), make(0)]
    expectSameBytes(output(model), output(whole))
    const read = (own: Gcnii, training: boolean) =>
      tf.tidy(() => own.loss(batch, { training }).dataSync()[0])
    expect(read(model, false)).toBe(read(whole, false))
    expect(read(model, true)).not.toBe(read(whole, true))
    expect(sameBytes(output(model, { training: true }).users, output(whole).users)).toBe(false)
    for (const [l, layer] of layers(model).entries()) {
      expectSameBytes({ layer }, { layer: layers(whole)[l] as Float32Array })
    }
  })

  it('draws anew in each step, and the same at the same step', () => {
    const model = make(0.3)
    const steps = [0, 1, 2].map(() => evaluateLoss(model, batch).total)
    expect(new Set(steps).size).toBe(3)
    const resumed = make(0.3)
    resumed.beginEpoch(0, Rng.fromSeed(5), { startStep: 2 })
    expect(evaluateLoss(resumed, batch).total).toBe(steps[2])
    resumed.beginEpoch(1, Rng.fromSeed(5))
    expect(steps).not.toContain(evaluateLoss(resumed, batch).total)
  })

  it('leaves the mean of many steps at the output without, where the model is linear', () => {
    for (const variant of ['gcnii', 'gcnii*'] as const) {
      const model = make(0.3, { ...linear, variant })
      const expected = output(model).users
      const mean = new Float64Array(expected.length)
      const runs = 400
      for (let run = 0; run < runs; run++) {
        const { users } = output(model, { training: true })
        for (const [i, value] of users.entries()) mean[i]! += value / runs
      }
      expectClose(mean, expected, 0.15)
    }
  })

  it('draws for the head too, and without one leaves the last layer whole', () => {
    const zeros = (values: Float32Array) => values.filter((value) => value === 0).length
    const options = { layers: 0, embeddingDim: 8 }
    const { users } = output(make(0.5, { ...options, head: 'linear' }), { training: true })
    expect(zeros(users)).toBeGreaterThan(users.length / 4)
    expect(zeros(output(make(0.5, { ...options, head: 'none' }), { training: true }).users)).toBe(0)
  })
})

describeEachBackend('the rows of a batch in Gcnii', () => {
  class Watched extends Gcnii {
    seen: Record<string, Float32Array> = {}

    protected override weightedTerms(...given: Parameters<Gcnii['weightedTerms']>) {
      const [{ final, tables }] = given as unknown as [
        { final: Record<string, tf.Tensor2D>; tables: Record<string, tf.Tensor2D> },
      ]
      for (const [name, tensors] of Object.entries({ final, tables })) {
        for (const [part, tensor] of Object.entries(tensors)) {
          this.seen[`${name}.${part}`] = tensor.dataSync<'float32'>().slice()
        }
      }
      return super.weightedTerms(...given)
    }
  }
  const batch = batchOf([3, 0, 3], [1, 2, 7], [4, 0, 4])
  const choices: Record<string, GcniiOptions> = {
    'the defaults': {},
    'GCNII*': { variant: 'gcnii*' },
    'no head': { head: 'none' },
    'no layers': { layers: 0 },
    'neither layers nor head': { layers: 0, head: 'none' },
  }
  for (const [name, options] of Object.entries(choices)) {
    it(`are those of all nodes, to the bit, with ${name}`, () => {
      const model = owned(new Watched(graphOf(list), { embeddingDim: 8, ...options }))
      trainSteps(model, { steps: 3 })
      const { users, items } = output(model)
      evaluateLoss(model, batch)
      const rows = (table: Float32Array, indices: Int32Array) =>
        Float32Array.from([...indices].flatMap((row) => [...table.subarray(8 * row, 8 * row + 8)]))
      expectSameBytes(model.seen, {
        'final.users': rows(users, batch.users),
        'final.positives': rows(items, batch.positives),
        'final.negatives': rows(items, batch.negatives),
        'tables.users': users,
        'tables.items': items,
      })
    })
  }
})

describeEachBackend('memory of Gcnii', () => {
  const choices: Record<string, GcniiOptions> = {
    'the defaults': {},
    'the linear form': linear,
    'GCNII* without bias': { variant: 'gcnii*', head: 'linear-without-bias' },
    dropout: { dropout: 0.2, variant: 'gcnii*' },
    '0 layers': { layers: 0 },
    'neither layers nor head': { layers: 0, head: 'none' },
  }
  for (const [name, options] of Object.entries(choices)) {
    it(`is flat over steps and gone after dispose, with ${name}`, async () => {
      await expectFlatMemory(
        list,
        (graph) => new Gcnii(graph, { embeddingDim: 8, layers: 2, ...options }),
      )
    })
  }
})

describeEachBackend('training of Gcnii', (backend) => {
  const choices: Record<string, GcniiOptions> = {
    'the defaults': {},
    'the linear form': { activation: 'identity', head: 'none' },
    'GCNII*': { variant: 'gcnii*' },
    dropout: { dropout: 0.1, activation: 'identity' },
  }
  // The others are slow on cpu, and their gradients are checked there anyway.
  const tried = Object.entries(choices).slice(0, backend === 'cpu' ? 1 : undefined)
  for (const [name, options] of tried) {
    it(`learns a block graph by heart in under 300 steps with ${name}`, async () => {
      const graph = graphOf(blockGraph(4, 5))
      const model = owned(new Gcnii(graph, { ...options, embeddingDim: 16, layers: 2 }))
      const losses = trainSteps(model, { steps: 290, batchSize: 100, learningRate: 0.02 })
      expect(losses.at(-1)).toBeLessThan(0.2)
      const recommender = await model.toRecommender()
      const lists = recommender.recommend(graph.users.ids, { k: 5, excludeSeen: false })
      for (const { user, items } of lists) {
        const known = graph.userItems(graph.users.indexOf(user))
        expect(items.map(Number).sort((a, b) => a - b)).toEqual([...known])
      }
    })
  }

  it('goes on with isolated nodes', () => {
    const model = owned(new Gcnii(graphOf(smallGraph)))
    trainSteps(model, { steps: 20, batchSize: 8 })
    const { users, items } = output(model)
    expect([...users, ...items].every(Number.isFinite)).toBe(true)
  })

  it('depends on its seed and on that of training', async () => {
    const train = async (seed: number, samplingSeed = 1) => {
      const options = { embeddingDim: 8, layers: 2, dropout: 0.1, seed }
      const model = owned(new Gcnii(graphOf(list), options))
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

describe('threads', () => {
  const choices: Record<string, GcniiOptions> = {
    'the defaults': {},
    'GCNII* and dropout': { variant: 'gcnii*', dropout: 0.2, layers: 2 },
  }
  for (const [name, options] of Object.entries(choices)) {
    it(`give the same bytes after 12 steps of Gcnii with ${name}, whether 1, 2, 3 or 4`, async () => {
      const make = (graph: BipartiteGraph) => new Gcnii(graph, options)
      await expectSameOnThreads(make, { steps: 12, batchSize: 1024 })
    })
  }
})

describeEachBackend('a saved Gcnii', () => {
  for (const options of [
    {},
    { variant: 'gcnii*', dropout: 0.1, head: 'linear-without-bias' },
    linear,
  ] as const) {
    it(`comes back with the same bytes and trains on alike, with ${JSON.stringify(options)}`, async () => {
      const model = owned(
        new Gcnii(graphOf(list), { embeddingDim: 8, layers: 3, seed: 's', ...options }),
      )
      trainSteps(model, { steps: 5 })
      const files: Record<string, Uint8Array> = {}
      await model.save(files)
      const loaded = owned(await Gcnii.load(files))
      expect(loaded.options).toEqual(model.options)
      expect(loaded.describe()).toEqual(model.describe())
      expectSameBytes(await weightValues(loaded), await weightValues(model))
      expectSameBytes(output(loaded), output(model))
      const training = { steps: 12, seed: 5, negativesPerPositive: 2 }
      expect(trainSteps(loaded, training)).toEqual(trainSteps(model, training))
      expectSameBytes(await weightValues(loaded), await weightValues(model))
    })
  }
})
