import { readFileSync } from 'node:fs'
import { ShapeMismatchError } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { applyAdam, globalNorm } from '../src/index.js'
import {
  activateBackend,
  describeEachBackend,
  expectNoLeak,
} from './support/describe-each-backend.js'
import { randomDense, toTensor } from './support.js'

interface OptimizerFixture {
  readonly x0: { readonly data: number[] }
  readonly entries: readonly {
    readonly optimiser: string
    readonly hyper: Readonly<Record<string, number | boolean>> & { betas?: [number, number] }
    readonly gradientAtStep: number[][]
    readonly parametersAfterStep: number[][]
  }[]
}

const fixture: OptimizerFixture = JSON.parse(
  readFileSync(new URL('./fixtures/schedule--optimisers.json', import.meta.url), 'utf8'),
)
// This operator has neither weight decay nor AMSGrad.
const plainAdam = fixture.entries.filter(
  ({ optimiser, hyper }) => optimiser === 'adam' && !hyper['weight_decay'] && !hyper['amsgrad'],
)

const settings = {
  learningRate: 0.05,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  gradientScale: 1,
  step: 1,
}

function state(shape: number[]) {
  return { first: tf.variable(tf.zeros(shape)), second: tf.variable(tf.zeros(shape)) }
}

function expectNear(actual: tf.Tensor, expected: readonly number[], tolerance = 2e-6): void {
  const got = [...actual.dataSync()]
  expect(got.length).toBe(expected.length)
  expect(Math.max(...got.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(tolerance)
}

describeEachBackend('applyAdam', (backend) => {
  it('has cases of the reference to follow', () => {
    expect(plainAdam).toHaveLength(3)
  })

  it.each(plainAdam.map((entry, i) => [i, entry] as const))(
    'follows torch.optim.Adam, case %i',
    (_i, { hyper, gradientAtStep, parametersAfterStep }) => {
      tf.tidy(() => {
        const parameter = tf.variable(tf.tensor1d(fixture.x0.data))
        const moments = state([4])
        const [beta1, beta2] = hyper.betas ?? [0.9, 0.999]
        const epsilon = (hyper['eps'] as number | undefined) ?? 1e-8
        parametersAfterStep.forEach((expected, i) => {
          applyAdam(parameter, tf.tensor1d(gradientAtStep[i]), moments, {
            learningRate: hyper['lr'] as number,
            beta1,
            beta2,
            epsilon,
            gradientScale: 1,
            step: i + 1,
          })
          expectNear(parameter, expected)
        })
        tf.dispose([parameter, moments.first, moments.second])
      })
    },
  )

  it('scales the gradient before all else', () => {
    tf.tidy(() => {
      const gradient = toTensor(randomDense('gradient', 5, 7))
      const results = [
        { gradient, gradientScale: 0.25 },
        { gradient: tf.mul(gradient, 0.25), gradientScale: 1 },
      ].map((given) => {
        const parameter = tf.variable(toTensor(randomDense('x', 5, 7)))
        const moments = state([5, 7])
        for (const step of [1, 2, 3]) {
          const { gradientScale } = given
          applyAdam(parameter, given.gradient, moments, { ...settings, gradientScale, step })
        }
        const values = [parameter, moments.first, moments.second].map((t) => [...t.dataSync()])
        tf.dispose([parameter, moments.first, moments.second])
        return values
      })
      expect(results[0]).toEqual(results[1])
    })
  })

  it('changes neither the initial tensor, nor a clone, nor the array it was made from', () => {
    const array = Float32Array.of(1, 2, 3, 4)
    const initial = tf.tensor1d(array)
    const parameter = tf.variable(initial)
    const moments = state([4])
    const gradient = tf.ones([4])
    applyAdam(parameter, gradient, moments, settings)
    const first = parameter.dataSync()
    const clone = tf.clone(parameter)
    applyAdam(parameter, gradient, moments, { ...settings, step: 2 })
    expect([...initial.dataSync()]).toEqual([1, 2, 3, 4])
    expect([...array]).toEqual([1, 2, 3, 4])
    expect(clone.dataSync()).toEqual(first)
    expectNear(parameter, [0.9, 1.9, 2.9, 3.9], 1e-5)
    // What was read before stays what it was.
    expectNear(clone, [...first], 1e-9)
    tf.dispose([initial, parameter, gradient, clone, moments.first, moments.second])
  })

  it('does not change what dataSync gave before', () => {
    const initial = tf.tensor1d(Float32Array.of(1, 2))
    const parameter = tf.variable(initial)
    initial.dispose()
    const moments = state([2])
    const gradient = tf.ones([2])
    const before = parameter.dataSync()
    applyAdam(parameter, gradient, moments, settings)
    expect([...before]).toEqual([1, 2])
    expectNear(parameter, [0.95, 1.95], 1e-5)
    tf.dispose([parameter, gradient, moments.first, moments.second])
  })

  it('works on a parameter that comes from the other backend, shared there', async () => {
    await activateBackend(backend === 'simd' ? 'cpu' : 'simd')
    const initial = tf.tensor1d([1, 2])
    const parameter = tf.variable(initial)
    await activateBackend(backend)
    const moments = state([2])
    const gradient = tf.ones([2])
    applyAdam(parameter, gradient, moments, settings)
    expectNear(parameter, [0.95, 1.95], 1e-5)
    expect([...initial.dataSync()]).toEqual([1, 2])
    tf.dispose([initial, parameter, gradient, moments.first, moments.second])
  })

  it('leaves nothing behind', () => {
    const parameter = tf.variable(tf.zeros([50, 3]))
    const moments = state([50, 3])
    const gradient = tf.ones([50, 3])
    expectNoLeak(() => applyAdam(parameter, gradient, moments, settings))
    tf.dispose([parameter, gradient, moments.first, moments.second])
  })

  it('refuses tensors of other shapes and types', () => {
    tf.tidy(() => {
      const parameter = tf.variable(tf.zeros([2, 3]))
      const moments = state([2, 3])
      const small = tf.variable(tf.zeros([2, 2]))
      const step = (gradient: tf.Tensor, given = moments) => {
        return () => applyAdam(parameter, gradient, given, settings)
      }
      const gradient = tf.zeros([2, 3])
      expect(step(tf.zeros([3, 2]))).toThrow(ShapeMismatchError)
      expect(step(tf.zeros([2, 3], 'int32'))).toThrow(ShapeMismatchError)
      expect(step(gradient, { ...moments, first: small })).toThrow(ShapeMismatchError)
      expect(step(gradient, { ...moments, second: small })).toThrow(ShapeMismatchError)
      tf.dispose([parameter, small, moments.first, moments.second])
    })
  })
})

describeEachBackend('globalNorm', () => {
  it('is the root of the sum of all squares, in float64', () => {
    tf.tidy(() => {
      const [a, b] = [randomDense('a', 90, 70), randomDense('b', 3, 1)]
      const squares = [...a.flat(), ...b.flat()].reduce((sum, x) => sum + x * x, 0)
      expect(globalNorm([toTensor(a), toTensor(b), tf.scalar(2)])).toBeCloseTo(
        Math.sqrt(squares + 4),
        9,
      )
      expect(globalNorm([tf.tensor1d([3e30, 4e30])]) / 5e30).toBeCloseTo(1, 6)
      expect(globalNorm([])).toBe(0)
      expect(globalNorm([tf.zeros([0, 4])])).toBe(0)
      expect(globalNorm([tf.tensor1d([1, NaN])])).toBeNaN()
    })
  })

  it('refuses integers and leaves nothing behind', () => {
    const [floats, integers] = [tf.ones([9000]), tf.ones([3], 'int32')]
    expect(() => globalNorm([floats, integers])).toThrow(ShapeMismatchError)
    expectNoLeak(() => globalNorm([floats]))
    tf.dispose([floats, integers])
  })
})
