import type { OptimizerSettings } from '@gnnrec/models'
import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { type Optimizer, optimizerFrom } from '../src/index.js'
import { describeEachBackend } from './support/backends.js'
import { type FixtureTensor, largestDifference, readFixture } from './support/fixtures.js'

interface Hyper {
  lr: number
  weight_decay?: number
  betas?: [number, number]
  eps?: number
  amsgrad?: boolean
  momentum?: number
  nesterov?: boolean
}

interface OptimizerFixture {
  A: FixtureTensor
  b: FixtureTensor
  x0: FixtureTensor
  entries: {
    optimiser: 'sgd' | 'adam' | 'adamw'
    hyper: Hyper
    zeroGradientOfCoordinate0FromStep: number | null
    gradientAtStep: number[][]
    parametersAfterStep: number[][]
  }[]
}

const { A, b, x0, entries } = readFixture<OptimizerFixture>('./optimisers')

function settingsOf(name: 'sgd' | 'adam' | 'adamw', hyper: Hyper): OptimizerSettings {
  const { betas, eps, amsgrad, momentum, nesterov } = hyper
  return {
    name,
    ...(betas && { beta1: betas[0], beta2: betas[1] }),
    ...(eps && { epsilon: eps }),
    ...(amsgrad && { amsgrad }),
    ...(momentum && { momentum }),
    ...(nesterov && { nesterov }),
  } as OptimizerSettings
}

/** A x - b in float64 at the parameters as they stand. */
function gradientAt(x: ArrayLike<number>): number[] {
  const size = x0.data.length
  return Array.from({ length: size }, (_, row) => {
    let sum = -b.data[row]
    for (let column = 0; column < size; column++) sum += A.data[row * size + column] * x[column]
    return sum
  })
}

describeEachBackend('optimizers', () => {
  it('has eleven entries of the fixture', () => {
    expect(entries).toHaveLength(11)
  })

  it.each(entries)('follow the fixture on their own path: entry %#', (entry) => {
    const { optimiser, hyper, gradientAtStep, parametersAfterStep } = entry
    const from = entry.zeroGradientOfCoordinate0FromStep
    const optimizer = optimizerFrom(settingsOf(optimiser, hyper))
    const x = tf.variable(tf.tensor1d(x0.data))
    const weightDecay = new Map([['x', hyper.weight_decay ?? 0]])
    for (const [step, expected] of parametersAfterStep.entries()) {
      const values = gradientAt(x.dataSync())
      if (from !== null && step >= from) values[0] = 0
      expect(largestDifference(values, gradientAtStep[step])).toBeLessThan(2e-5)
      const gradient = tf.tensor1d(values)
      optimizer.step({ x }, { x: gradient }, { learningRate: hyper.lr, weightDecay })
      gradient.dispose()
      expect(largestDifference(x.dataSync(), expected)).toBeLessThan(5e-6)
    }
    optimizer.dispose()
    x.dispose()
  })

  it.each([
    { name: 'sgd' },
    { name: 'sgd', momentum: 0.9 },
    { name: 'adam' },
    { name: 'adam', amsgrad: true },
    { name: 'adamw' },
    { name: 'lazy-adam' },
    { name: 'adagrad', initialAccumulator: 0.1 },
  ] as const)('%o goes on from a saved state to the same bytes', async (settings) => {
    const before = tf.memory().numTensors
    const start = () => {
      const values = tf.tensor2d(x0.data, [2, 2])
      const variable = tf.variable(values)
      values.dispose()
      return variable
    }
    const move = (optimizer: Optimizer, x: tf.Variable, by: number) =>
      tf.tidy(() => {
        const gradient = tf.tensor2d([by, -2, 0.5 * by, 3], [2, 2])
        const step = { learningRate: 0.1, weightDecay: new Map([['x', 0.05]]) }
        optimizer.step({ x, idle: x }, { x: gradient }, step)
      })
    const [whole, x] = [optimizerFrom(settings), start()]
    for (const by of [1, 2, 3, 4]) move(whole, x, by)

    const [first, y] = [optimizerFrom(settings), start()]
    for (const by of [1, 2]) move(first, y, by)
    const state = await first.state()
    const z = start()
    z.assign(y)
    // What happens to the first one now must not reach the state.
    move(first, y, 100)
    const second = optimizerFrom(settings)
    second.restore(state, { x: z })
    for (const by of [3, 4]) move(second, z, by)
    expect(z.dataSync()).toEqual(x.dataSync())
    expect(y.dataSync()).not.toEqual(x.dataSync())
    expect((await second.state()).steps).toEqual({ x: 4 })
    for (const optimizer of [whole, first, second]) optimizer.dispose()
    tf.dispose([x, y, z])
    expect(tf.memory().numTensors).toBe(before)
  })

  it('refuses the state of other parameters and keeps its own', async () => {
    const optimizer = optimizerFrom({ name: 'adam' })
    const x = tf.variable(tf.tensor1d([1, 2]))
    const gradient = tf.tensor1d([1, 1])
    optimizer.step({ x }, { x: gradient }, { learningRate: 0.1 })
    const state = await optimizer.state()
    const wide = tf.variable(tf.tensor1d([1, 2, 3]))
    expect(() => optimizer.restore(state, { y: x })).toThrow(/state of Adam .* it has 'x'/)
    expect(() => optimizer.restore(state, { x: wide })).toThrow(
      /'first\/x' has the shape \[2\]; needed is \[3\]/,
    )
    const other = optimizerFrom({ name: 'adagrad' })
    expect(() => other.restore(state, { x })).toThrow(/'sum\/x' has no values/)
    expect(await optimizer.state()).toEqual(state)
    optimizer.dispose()
    tf.dispose([x, wide, gradient])
  })
})
