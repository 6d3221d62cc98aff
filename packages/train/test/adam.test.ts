import { BipartiteGraph, fromColumns, InvalidOptionsError } from '@gnnrec/graph'
import { BprMf, type GraphModel, LightGcn } from '@gnnrec/models'
import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { InMemoryTraining } from '../src/in-memory/in-memory-training.js'
import { Adam, type AdamOptions } from '../src/index.js'
import { trainingStep } from '../src/step/training-step.js'
import { describeEachBackend } from './support/backends.js'
import { type FixtureTensor, largestDifference, readFixture } from './support/fixtures.js'

interface OptimizerFixture {
  x0: FixtureTensor
  entries: {
    optimiser: string
    hyper: { lr: number; betas?: [number, number]; eps?: number; weight_decay?: number }
    gradientAtStep: number[][]
    parametersAfterStep: number[][]
  }[]
}

interface TrajectoryFixture {
  graph: { users: number; items: number; edges: [number, number][] }
  params: { dim: number; layers: number; decay: number }
  optimiser: { lr: number; steps: number }
  tensors: Record<string, FixtureTensor>
  batches: { users: number[]; positives: number[]; negatives: number[] }[]
  expected: {
    lossesBeforeEachStep: { bpr: number; regularisation: number; total: number }[]
    parametersAfterEachStep: Record<string, FixtureTensor>[]
  }
}

const { x0, entries } = readFixture<OptimizerFixture>('./optimisers')
const adamEntries = entries.filter(
  ({ optimiser, hyper }) =>
    optimiser === 'adam' && !('weight_decay' in hyper) && !('amsgrad' in hyper),
)

function optionsOf({ betas, eps }: (typeof entries)[number]['hyper']): AdamOptions {
  return { ...(betas && { beta1: betas[0], beta2: betas[1] }), ...(eps && { epsilon: eps }) }
}

/** Adam in plain float64. */
function referenceAdam(
  start: readonly number[],
  gradients: readonly (readonly number[])[],
  learningRate: number,
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions,
): number[][] {
  const x = [...start]
  const first = x.map(() => 0)
  const second = x.map(() => 0)
  return gradients.map((gradient, t) => {
    for (let i = 0; i < x.length; i++) {
      first[i] = beta1 * first[i] + (1 - beta1) * gradient[i]
      second[i] = beta2 * second[i] + (1 - beta2) * gradient[i] ** 2
      const mean = first[i] / (1 - beta1 ** (t + 1))
      const root = Math.sqrt(second[i] / (1 - beta2 ** (t + 1)))
      x[i] -= (learningRate * mean) / (root + epsilon)
    }
    return [...x]
  })
}

it('has three entries of the fixture of optimizers, which float64 Adam meets to 1e-12', () => {
  expect(adamEntries).toHaveLength(3)
  for (const { hyper, gradientAtStep, parametersAfterStep } of adamEntries) {
    const reference = referenceAdam(x0.data, gradientAtStep, hyper.lr, optionsOf(hyper))
    expect(largestDifference(reference.flat(), parametersAfterStep.flat())).toBeLessThan(1e-12)
  }
})

it.each([{ beta1: 1 }, { beta2: -0.1 }, { epsilon: 0 }, { beta: 0.9 } as never])(
  'rejects the options %o',
  (options) => {
    expect(() => new Adam(options)).toThrow(InvalidOptionsError)
  },
)

function modelOf({ graph, params, tensors }: TrajectoryFixture): GraphModel {
  const ids = (size: number) => Array.from({ length: size }, (_, i) => i)
  const table = fromColumns({ user: ids(graph.users), item: ids(graph.users).map(() => 0) })
  const items = fromColumns({ user: ids(graph.items), item: ids(graph.items) }).items
  const bipartite = BipartiteGraph.fromInteractions({
    users: table.users,
    items,
    userIndex: Int32Array.from(graph.edges, ([user]) => user),
    itemIndex: Int32Array.from(graph.edges, ([, item]) => item),
  })
  const options = { embeddingDim: params.dim, l2Weight: params.decay }
  const model =
    params.layers === 0
      ? new BprMf(bipartite, options)
      : new LightGcn(bipartite, { ...options, layers: params.layers })
  model.restoreWeights(
    new Map(
      Object.entries(tensors).map(([name, { shape, data }]) => [
        name,
        { shape, data: Float32Array.from(data) },
      ]),
    ),
  )
  return model
}

describeEachBackend('Adam', () => {
  it('follows the fixture of optimizers as far as float32 can', () => {
    for (const { hyper, gradientAtStep, parametersAfterStep } of adamEntries) {
      const x = tf.variable(tf.tensor1d(x0.data))
      const adam = new Adam(optionsOf(hyper))
      gradientAtStep.forEach((values, step) => {
        const gradient = tf.tensor1d(values)
        adam.step({ x }, { x: gradient }, { learningRate: hyper.lr })
        gradient.dispose()
        expect(largestDifference(x.dataSync(), parametersAfterStep[step])).toBeLessThan(2e-6)
      })
      adam.dispose()
      x.dispose()
    }
  })

  it.each(['bpr-mf', 'lightgcn'])(
    'takes %s along the trajectory of the fixture, each batch another',
    async (name) => {
      const fixture = readFixture<TrajectoryFixture>(`${name}--trajectory-batches`)
      const { batches, optimiser, expected } = fixture
      const model = modelOf(fixture)
      const optimizer = new Adam()
      const port = new InMemoryTraining(model, optimizer)
      for (let step = 0; step < batches.length; step++) {
        const { users, positives, negatives } = batches[step]
        const batch = {
          users: Int32Array.from(users),
          positives: Int32Array.from(positives),
          negatives: Int32Array.from(negatives),
        }
        const { loss, lossTerms } = await trainingStep(port, [batch], {
          learningRate: optimiser.lr,
          weightDecay: new Map(),
          step: step + 1,
          architecture: model.architecture,
          place: 'a test',
          signal: new AbortController().signal,
        })
        const { bpr, regularisation, total } = expected.lossesBeforeEachStep[step]
        expect(Math.abs(loss / total - 1)).toBeLessThan(2e-5)
        expect(Math.abs(lossTerms['bpr'] / bpr - 1)).toBeLessThan(2e-5)
        expect(Math.abs(lossTerms['l2'] / regularisation - 1)).toBeLessThan(2e-5)
        const weights = await model.weights()
        for (const [table, { data }] of Object.entries(expected.parametersAfterEachStep[step])) {
          expect(largestDifference(weights.get(table)?.data ?? [], data)).toBeLessThan(1e-6)
        }
      }
      expect(batches).toHaveLength(5)
      optimizer.dispose()
      model.dispose()
    },
  )

  it('scales gradients', () => {
    const run = (gradient: tf.Tensor, gradientScale: number) => {
      const x = tf.variable(tf.tensor1d(x0.data))
      const adam = new Adam({ epsilon: 1 })
      for (let i = 0; i < 3; i++)
        adam.step({ x }, { x: gradient }, { learningRate: 0.1, gradientScale })
      adam.dispose()
      return x.dataSync()
    }
    const scaled = run(tf.tensor1d([4, -8, 2, 0]), 0.25)
    expect(scaled).toEqual(run(tf.tensor1d([1, -2, 0.5, 0]), 1))
    expect(scaled[0]).not.toBe(x0.data[0])
  })

  it('leaves a parameter without gradient alone and does not count the step for it', () => {
    const [x, y] = [tf.variable(tf.tensor1d([1])), tf.variable(tf.tensor1d([1]))]
    const adam = new Adam()
    const gradient = tf.tensor1d([2])
    adam.step({ x, y }, { x: gradient }, { learningRate: 0.1 })
    expect(y.dataSync()[0]).toBe(1)
    adam.step({ x, y }, { y: gradient }, { learningRate: 0.1 })
    expect(y.dataSync()).toEqual(x.dataSync())
    adam.dispose()
  })

  it('keeps its moments through tf.tidy and frees them when disposed', () => {
    const x = tf.variable(tf.tensor1d(x0.data))
    const gradient = tf.tensor1d([1, 2, 3, 4])
    const before = tf.memory().numTensors
    const adam = new Adam()
    for (let i = 0; i < 3; i++) {
      tf.tidy(() => adam.step({ x }, { x: gradient }, { learningRate: 0.1 }))
      expect(tf.memory().numTensors).toBe(before + 2)
    }
    adam.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it.each([
    { learningRate: Number.NaN },
    { learningRate: -1 },
    { learningRate: 0.1, gradientScale: Number.POSITIVE_INFINITY },
  ])('rejects a step with %o and changes nothing', (settings) => {
    const x = tf.variable(tf.tensor1d([1]))
    const adam = new Adam()
    expect(() => adam.step({ x }, { x: tf.tensor1d([1]) }, settings)).toThrow(InvalidOptionsError)
    expect(x.dataSync()[0]).toBe(1)
  })
})
