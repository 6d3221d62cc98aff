import * as tf from '@tensorflow/tfjs-core'
import { expect } from 'vitest'
import { reals } from '../../../graph/test/support/numbers.js'

export const sizeOf = (shape: readonly number[]) => shape.reduce((size, length) => size * length, 1)

export function floats(shape: readonly number[], seed: number): tf.Tensor {
  return tf.tensor(reals(seed, sizeOf(shape)), [...shape], 'float32')
}

/** Index of each dimension for every element, row-major. */
export function coordinates(shape: readonly number[]): number[][] {
  return Array.from({ length: sizeOf(shape) }, (_, flat) => {
    let rest = flat
    return shape
      .map((length) => length)
      .reverse()
      .map((length) => {
        const index = rest % length
        rest = Math.floor(rest / length)
        return index
      })
      .reverse()
  })
}

/** Element of a broadcast tensor at coordinates of the result. */
export function valueAt(
  tensor: tf.Tensor,
  values: ArrayLike<number>,
  at: readonly number[],
): number {
  const own = at.slice(at.length - tensor.shape.length)
  let flat = 0
  tensor.shape.forEach((length, axis) => {
    flat = flat * length + (length === 1 ? 0 : own[axis])
  })
  return values[flat]
}

/** Checks shape, type and values, these to `tolerance` of their size. */
export function expectTensor(
  actual: tf.Tensor,
  shape: readonly number[],
  values: ArrayLike<number>,
  { dtype = 'float32', tolerance = 1e-6 }: { dtype?: string; tolerance?: number } = {},
): void {
  expect(actual.shape).toEqual([...shape])
  expect(actual.dtype).toBe(dtype)
  const got = actual.dataSync()
  expect(got.length).toBe(values.length)
  let worst = { error: 0, text: '' }
  for (let i = 0; i < values.length; i++) {
    const distance = Math.abs(got[i] - values[i]) / (1 + Math.abs(values[i]))
    const error = Object.is(got[i], Math.fround(values[i])) ? 0 : distance
    // NaN where a number was expected, or the other way round, compares as false.
    if (!(error <= worst.error)) worst = { error, text: `[${i}]: ${got[i]} for ${values[i]}` }
    if (Number.isNaN(worst.error)) break
  }
  expect(worst.error, worst.text).toBeLessThan(tolerance)
}
