import { type BipartiteGraph, Rng } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { GroupShuffle } from '../../src/group-shuffle/group-shuffle.js'
import type { GroupShuffleOptions } from '../../src/group-shuffle/group-shuffle-options.js'
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
const predecessor = {
  factors: 1,
  orthogonalMap: 'exponential',
  shuffle: 'random',
} satisfies GroupShuffleOptions

/** A model whose draws can be seen. */
class Open extends GroupShuffle {
  permutation(layer: number): number[] {
    return [...this.buffer(`layer.${layer}.permutation`)]
  }

  setPermutation(layer: number, values: readonly number[]): void {
    this.buffer(`layer.${layer}.permutation`).set(values)
  }
}

describeEachBackend('dropout of GroupShuffle', () => {
  const batch = batchOf([0, 1], [1, 2], [4, 0])
  const make = (dropout: number) => {
    const options = { embeddingDim: 8, blockSize: 4, blockDeviation: 0.3, initialDeviation: 1 }
    const model = owned(new GroupShuffle(graphOf(list), { ...options, dropout }))
    model.beginEpoch(0, Rng.fromSeed(5))
    return model
  }

  it('acts in training only', () => {
    const [model, whole] = [make(0.5), make(0)]
    expectSameBytes(output(model), output(whole))
    const read = (own: GroupShuffle, training: boolean) =>
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

  it('leaves the mean of many steps at the output without', () => {
    const model = make(0.3)
    const expected = output(model).users
    const mean = new Float64Array(expected.length)
    const runs = 400
    for (let run = 0; run < runs; run++) {
      const { users } = output(model, { training: true })
      for (const [i, value] of users.entries()) mean[i]! += value / runs
    }
    expectClose(mean, expected, 0.15)
  })
})

describeEachBackend('memory of GroupShuffle', () => {
  const choices: Record<string, GroupShuffleOptions> = {
    'the defaults': {},
    'the predecessor’s form': predecessor,
    dropout: { dropout: 0.2 },
    '0 layers': { layers: 0 },
  }
  for (const [name, options] of Object.entries(choices)) {
    it(`is flat over steps and gone after dispose, with ${name}`, async () => {
      await expectFlatMemory(
        list,
        (graph) => new GroupShuffle(graph, { embeddingDim: 8, blockSize: 2, ...options }),
      )
    })
  }
})

describeEachBackend('training of GroupShuffle', (backend) => {
  const choices: Record<string, GroupShuffleOptions> = {
    'the defaults': {},
    'the predecessor’s form': { ...predecessor, blockDeviation: 0.1 },
    'the exponential map and no residual': { orthogonalMap: 'exponential', initialResidual: 0 },
  }
  // The others are slow on cpu, and their gradients are checked there anyway.
  const tried = Object.entries(choices).slice(0, backend === 'cpu' ? 1 : undefined)
  for (const [name, options] of tried) {
    it(`learns a block graph by heart in under 300 steps with ${name}`, async () => {
      const graph = graphOf(blockGraph(4, 5))
      const model = owned(new GroupShuffle(graph, { ...options, embeddingDim: 16, blockSize: 4 }))
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

  it('turns the blocks, but never their diagonals', async () => {
    const model = owned(new GroupShuffle(graphOf(list), { embeddingDim: 8, blockSize: 4 }))
    trainSteps(model, { steps: 20, batchSize: 50 })
    const { userEmbeddings: _, itemEmbeddings: __, ...blocks } = await weightValues(model)
    for (const values of Object.values(blocks)) {
      for (const [place, value] of values.entries()) {
        const isDiagonal = Math.floor(place / 4) % 4 === place % 4
        if (isDiagonal) expect(Math.abs(value)).toBe(0)
        else expect(value).not.toBe(0)
      }
    }
  })

  it('goes on with isolated nodes', () => {
    const model = owned(new GroupShuffle(graphOf(smallGraph), {}))
    trainSteps(model, { steps: 20, batchSize: 8 })
    const { users, items } = output(model)
    expect([...users, ...items].every(Number.isFinite)).toBe(true)
  })

  it('depends on its seed and on that of training', async () => {
    const train = async (seed: number, samplingSeed = 1) => {
      const options = { embeddingDim: 8, blockDeviation: 0.1, dropout: 0.1, seed }
      const model = owned(new GroupShuffle(graphOf(list), options))
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
  it('give the same bytes after 12 steps of GroupShuffle, whether 1, 2, 3 or 4', async () => {
    const make = (graph: BipartiteGraph) => new GroupShuffle(graph, { blockDeviation: 0.1 })
    await expectSameOnThreads(make, { steps: 12, batchSize: 1024 })
  })
})

describeEachBackend('a saved GroupShuffle', () => {
  const save = async (model: GroupShuffle) => {
    const files: Record<string, Uint8Array> = {}
    await model.save(files)
    return files
  }

  for (const [name, options] of [
    ['two factors', { blockDeviation: 0.2, dropout: 0.1 }],
    ['the predecessor’s form', predecessor],
  ] as const) {
    it(`comes back with the same bytes and trains on alike, with ${name}`, async () => {
      const model = owned(new GroupShuffle(graphOf(list), { ...options, embeddingDim: 16 }))
      trainSteps(model, { steps: 5 })
      const loaded = owned(await GroupShuffle.load(await save(model)))
      expect(loaded.options).toEqual(model.options)
      expect(loaded.describe()).toEqual(model.describe())
      expectSameBytes(await weightValues(loaded), await weightValues(model))
      expectSameBytes(output(loaded), output(model))
      const training = { steps: 12, seed: 5, negativesPerPositive: 2 }
      expect(trainSteps(loaded, training)).toEqual(trainSteps(model, training))
      expectSameBytes(await weightValues(loaded), await weightValues(model))
    })
  }

  it('has drawn its permutations from the seed, one a layer', () => {
    const drawn = (seed: number) => {
      const model = owned(new Open(graphOf(list), { ...predecessor, seed }))
      return [0, 1, 2].map((layer) => model.permutation(layer))
    }
    const [first] = [drawn(1)]
    expect(drawn(1)).toEqual(first)
    expect(new Set([...first, ...drawn(2)].map(String)).size).toBe(6)
  })

  it('keeps its permutations, rather than to draw them anew', async () => {
    const graph: BipartiteGraph = graphOf(list)
    const model = owned(new Open(graph, { ...predecessor, embeddingDim: 8, layers: 2 }))
    const given = [
      [7, 6, 5, 4, 3, 2, 1, 0],
      [1, 0, 3, 2, 5, 4, 7, 6],
    ]
    const drawn = output(model)
    for (const [layer, values] of given.entries()) model.setPermutation(layer, values)
    const loaded = owned(await Open.load(await save(model)))
    expect([0, 1].map((layer) => loaded.permutation(layer))).toEqual(given)
    expectSameBytes(output(loaded), output(model))
    expect(sameBytes(output(loaded).users, drawn.users)).toBe(false)
  })
})
