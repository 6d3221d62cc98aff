import { BipartiteGraph, InvalidOptionsError, Rng } from '@gnnrec/graph'
import { BprMf, GraphModel, type LossTerms, type PrepareOptions } from '@gnnrec/models'
import { type NodeTensors, useBackend } from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { Adagrad, Adam, AdamW, LazyAdam, optimizerFrom, Sgd, Trainer } from '../src/index.js'
import { describeEachBackend } from './support/backends.js'
import { type FixtureTensor, largestDifference, readFixture } from './support/fixtures.js'
import { scriptedSplit } from './support/scripted-model.js'

interface OptimizerFixture {
  x0: FixtureTensor
  entries: {
    optimiser: string
    hyper: { lr: number; weight_decay?: number }
    gradientAtStep: number[][]
    parametersAfterStep: number[][]
  }[]
}

const { x0, entries } = readFixture<OptimizerFixture>('./optimisers')
const known = ['lr', 'weight_decay']
const plain = entries.filter(
  ({ optimiser, hyper }) =>
    (optimiser === 'sgd' || (optimiser === 'adam' && hyper.weight_decay !== undefined)) &&
    Object.keys(hyper).every((name) => known.includes(name)),
)

describeEachBackend('SGD and weight decay', () => {
  it('follow the fixture of optimizers as far as float32 can', () => {
    expect(plain.map(({ optimiser, hyper }) => [optimiser, hyper.weight_decay])).toEqual([
      ['sgd', undefined],
      ['sgd', 0.05],
      ['adam', 0.1],
    ])
    for (const { optimiser, hyper, gradientAtStep, parametersAfterStep } of plain) {
      const before = tf.memory().numTensors
      const x = tf.variable(tf.tidy(() => tf.tensor1d(x0.data)))
      const optimizer = optimizerFrom({ name: optimiser as 'adam' | 'sgd' })
      const weightDecay = new Map([['x', hyper.weight_decay ?? 0]])
      for (const [step, values] of gradientAtStep.entries()) {
        // The fixture's gradients are those of its own path, which ours follows to rounding.
        const gradient = tf.tensor1d(values.map((value) => 2 * value))
        const settings = { learningRate: hyper.lr, gradientScale: 0.5, weightDecay }
        optimizer.step({ x }, { x: gradient }, settings)
        gradient.dispose()
        expect(largestDifference(x.dataSync(), parametersAfterStep[step])).toBeLessThan(5e-6)
      }
      optimizer.dispose()
      x.dispose()
      expect(tf.memory().numTensors - before).toBeLessThanOrEqual(1)
    }
  })

  it('leave a parameter without a gradient where it is', () => {
    for (const optimizer of [new Sgd(), new Adam()]) {
      const x = tf.variable(tf.tensor1d([1, 2]))
      optimizer.step({ x }, {}, { learningRate: 1, weightDecay: new Map([['x', 1]]) })
      expect([...x.dataSync()]).toEqual([1, 2])
      optimizer.dispose()
      x.dispose()
    }
  })

  it('reject numbers that are none', () => {
    for (const settings of [{ learningRate: -1 }, { learningRate: 1, gradientScale: Number.NaN }]) {
      expect(() => new Sgd().step({}, {}, settings)).toThrow(InvalidOptionsError)
      expect(() => new Adam().step({}, {}, settings)).toThrow(InvalidOptionsError)
    }
  })
})

it('names the optimizers that exist', () => {
  expect(optimizerFrom({ name: 'sgd', momentum: 0.9 })).toBeInstanceOf(Sgd)
  expect(optimizerFrom({ name: 'adam', beta1: 0.5 })).toBeInstanceOf(Adam)
  expect(optimizerFrom({ name: 'adamw' })).toBeInstanceOf(AdamW)
  expect(optimizerFrom({ name: 'lazy-adam' })).toBeInstanceOf(LazyAdam)
  expect(optimizerFrom({ name: 'adagrad' })).toBeInstanceOf(Adagrad)
  expect(() => optimizerFrom({ name: 'rmsprop' } as never)).toThrow(
    /expected \{ name: 'adam' \}.*'adamw', 'lazy-adam', 'adagrad' and 'sgd'/,
  )
})

it.each([
  { name: 'sgd', beta1: 0.5 },
  { name: 'sgd', momentum: 1 },
  { name: 'sgd', nesterov: true },
  { name: 'adam', momentum: 0.5 },
  { name: 'adamw', epsilon: 0 },
  { name: 'lazy-adam', amsgrad: true },
  { name: 'adagrad', initialAccumulator: -1 },
  { name: 'adagrad', epsilon: 0 },
])('rejects the optimizer %o', (settings) => {
  expect(() => optimizerFrom(settings as never)).toThrow(InvalidOptionsError)
})

describeEachBackend('Adagrad', () => {
  it('steps as worked out in float64', () => {
    const start = [1, -2, 3]
    const gradients = [
      [1, 0, -4],
      [0.5, 0, 2],
      [-3, 0, 0],
    ]
    const x = [...start]
    const sums = [0.1, 0.1, 0.1]
    const variable = tf.variable(tf.tensor1d(start))
    const adagrad = new Adagrad({ initialAccumulator: 0.1, epsilon: 1e-3 })
    for (const values of gradients) {
      const gradient = tf.tensor1d(values)
      adagrad.step({ variable }, { variable: gradient }, { learningRate: 0.5, gradientScale: 0.5 })
      gradient.dispose()
      for (const [i, value] of values.entries()) {
        sums[i] += (value / 2) ** 2
        x[i] -= (0.5 * (value / 2)) / (Math.sqrt(sums[i]) + 1e-3)
      }
      expect(largestDifference(variable.dataSync(), x)).toBeLessThan(1e-6)
    }
    expect(variable.dataSync()[1]).toBe(-2)
    adagrad.dispose()
    variable.dispose()
  })
})

const split = scriptedSplit()

/** loss = 0: only decay moves the parameters. */
class Idle extends GraphModel {
  static override readonly architecture: string = 'Idle'
  readonly calls: string[] = []

  constructor(names: readonly string[]) {
    super(BipartiteGraph.fromInteractions(split.train), {})
    for (const name of names) this.addParameter(name, Float32Array.of(1), [1])
  }

  override async prepare({ signal }: PrepareOptions = {}): Promise<void> {
    this.calls.push('prepare')
    signal?.throwIfAborted()
  }

  override beginEpoch(epoch: number): void {
    this.calls.push(`epoch ${epoch}`)
  }

  override forward(): NodeTensors {
    const values = (name: string, rows: number) => {
      const numbers = new Float32Array(rows)
      Rng.fromSeed(name).fillNormal(numbers, 1)
      return tf.tensor2d(numbers, [rows, 1])
    }
    return {
      users: values('users', this.graph.userCount),
      items: values('items', this.graph.itemCount),
    }
  }

  override layerOutputs(): NodeTensors[] {
    return []
  }

  override lossTerms(): LossTerms {
    return tf.tidy(() => {
      const sums = Object.values(this.parameters()).map((x) => tf.sum(x))
      return { total: tf.mul(tf.addN(sums), 0) as tf.Scalar, terms: {} }
    })
  }
}

const training = {
  epochs: 2,
  batchSize: 4,
  learningRate: 0.1,
  sampling: 'user-uniform',
  progress: 'none',
  guards: false,
} as const

describe('Trainer', () => {
  beforeAll(() => useBackend('simd', { threads: 1 }))

  it('lets only the groups decay that are named', async () => {
    const model = new Idle(['conv.0.weight', 'conv.1.weight', 'head.weight'])
    const history = await new Trainer({
      model,
      split,
      ...training,
      optimizer: { name: 'sgd' },
      weightDecay: { conv: 0.5 },
    }).fit()
    const steps = history.epochs.reduce((sum, epoch) => sum + epoch.steps, 0)
    expect(steps).toBeGreaterThan(2)
    const values = Object.values(model.parameters()).map((x) => x.dataSync()[0])
    expect(values[0]).toBeCloseTo(0.95 ** steps, 5)
    expect(values[1]).toBe(values[0])
    expect(values[2]).toBe(1)
    model.dispose()
  })

  it('refuses weight decay of tables and of groups that are not there', () => {
    const graph = BipartiteGraph.fromInteractions(split.train)
    const withDecay = (model: GraphModel, weightDecay: Record<string, number>) => () =>
      new Trainer({ model, split, ...training, weightDecay })
    const bprMf = new BprMf(graph)
    expect(withDecay(bprMf, { userEmbeddings: 1e-4 })).toThrow(
      /'userEmbeddings', a table of embeddings.*use l2Weight/,
    )
    expect(withDecay(bprMf, { conv: 1e-4 })).toThrow(/'conv'.*bpr-mf that can decay: none/)
    expect(withDecay(new Idle(['conv.0', 'head']), { con: 1 })).toThrow(/can decay: conv, head/)
    expect(withDecay(bprMf, { conv: -1 })).toThrow(InvalidOptionsError)
  })

  it('prepares a model once, before its first epoch', async () => {
    const model = new Idle(['x'])
    await new Trainer({ model, split, ...training }).fit()
    expect(model.calls).toEqual(['prepare', 'epoch 0', 'epoch 1'])
    model.dispose()
  })

  it('ends as aborted when the signal comes while the model is prepared', async () => {
    const model = new Idle(['x'])
    const history = await new Trainer({ model, split, ...training }).fit({
      signal: AbortSignal.abort(),
    })
    expect(history).toMatchObject({ stopReason: 'aborted', epochs: [] })
    expect(model.calls).toEqual(['prepare'])
  })

  it('passes on an error of the preparation', async () => {
    const model = new Idle(['x'])
    model.prepare = async () => {
      throw new Error('no graph to decompose')
    }
    await expect(new Trainer({ model, split, ...training }).fit()).rejects.toThrow('no graph')
  })

  it('judges a model that has nothing to train as it is', async () => {
    const model = new Idle([])
    const trainer = new Trainer({ model, split, ...training, metrics: ['recall@5'] })
    const history = await trainer.fit()
    expect(history).toMatchObject({ epochs: [], bestEpoch: 0, stopReason: 'nothing-to-train' })
    expect(history.bestValidation).toHaveProperty('recall@5')
    expect(model.calls).toEqual(['prepare', 'prepare'])
    const silent = await new Trainer({ model, split, ...training }).fit()
    expect(silent).toMatchObject({ epochs: [], bestEpoch: null, stopReason: 'nothing-to-train' })
  })

  it('names the first parameter that went bad', async () => {
    const model = new Idle(['good', 'bad', 'worse'])
    const weights = await model.weights()
    for (const name of ['bad', 'worse']) weights.get(name)?.data.fill(Number.NaN)
    model.restoreWeights(weights)
    const fit = new Trainer({ model, split, ...training }).fit()
    await expect(fit).rejects.toThrow(
      /loss of Idle is NaN in epoch 1, step 1 of \d+; the first tensor that went bad is the parameter 'bad'/,
    )
    model.dispose()
  })

  it('names the table of embeddings that went bad', async () => {
    const model = new BprMf(BipartiteGraph.fromInteractions(split.train), { embeddingDim: 2 })
    const weights = await model.weights()
    weights.get('itemEmbeddings')?.data.fill(Number.POSITIVE_INFINITY)
    model.restoreWeights(weights)
    await expect(new Trainer({ model, split, ...training }).fit()).rejects.toThrow(
      /of bpr-mf .* bad is the parameter 'itemEmbeddings'/,
    )
    model.dispose()
  })
})
