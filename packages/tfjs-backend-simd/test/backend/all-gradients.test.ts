import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { useSimdBackend } from '@gnnrec/tfjs-backend-simd'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { reals } from '../../../graph/test/support/numbers.js'

const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-core')
const gradients = join(dirname(main), 'gradients')

/** Operators whose gradients are partly code that tfjs-core does not export. */
const operators: Readonly<Record<string, [number[], (x: tf.Tensor) => tf.Tensor]>> = {
  conv2d: [[1, 4, 4, 2], (x) => tf.conv2d(x as tf.Tensor4D, weights([2, 2, 2, 3]), 1, 'same')],
  'depthwise conv2d': [
    [1, 4, 4, 2],
    (x) => tf.depthwiseConv2d(x as tf.Tensor4D, weights([2, 2, 2, 1]), 1, 'same'),
  ],
  conv3d: [
    [1, 3, 3, 3, 1],
    (x) => tf.conv3d(x as tf.Tensor5D, weights([2, 2, 2, 1, 2]), 1, 'same'),
  ],
  'max pooling': [[1, 4, 4, 2], (x) => tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid')],
  'mean pooling': [[1, 4, 4, 2], (x) => tf.avgPool(x as tf.Tensor4D, 2, 2, 'valid')],
  'mean pooling of volumes': [
    [1, 2, 2, 2, 1],
    (x) => tf.avgPool3d(x as tf.Tensor5D, 2, 2, 'valid'),
  ],
  'local response normalization': [
    [1, 2, 2, 3],
    (x) => tf.localResponseNormalization(x as tf.Tensor4D, 1),
  ],
  'cumulative sum': [[3, 4], (x) => tf.cumsum(x, 1)],
  selu: [[3, 4], (x) => tf.selu(x)],
}

const weights = <Shape extends number[]>(shape: Shape) =>
  tf.tensor(reals(2, tf.util.sizeFromShape(shape)), shape) as never

describe('the gradients that tfjs-core has', () => {
  beforeAll(() => useSimdBackend({ threads: 1 }))

  it('are all registered', () => {
    const names = readdirSync(gradients)
      .filter((file) => file.endsWith('_grad.js'))
      .flatMap((file) => {
        const code = readFileSync(join(gradients, file), 'utf8')
        return [...code.matchAll(/kernelName: (\w+)/g)].map(([, name]) => name as string)
      })
    expect(names.length).toBeGreaterThan(90)
    const missing = names.filter((name) => !tf.getGradient((tf as never)[name]))
    expect(missing).toEqual([])
  })

  it.each(Object.entries(operators))('are those of central differences: %s', (_, [shape, op]) => {
    const size = tf.util.sizeFromShape(shape)
    const values = reals(1, size)
    const loss = (x: tf.Tensor) => tf.sum(tf.square(op(x))) as tf.Scalar
    const at = (shifted: Float32Array) =>
      tf.tidy(() => loss(tf.tensor(shifted, shape)).dataSync<'float32'>()[0] as number)
    const gradient = tf.tidy(() => tf.grad(loss)(tf.tensor(values, shape)).dataSync())
    const step = 1e-2
    const largest = Math.max(...gradient.map(Math.abs))
    for (let i = 0; i < size; i++) {
      const [up, down] = [step, -step].map((shift) => {
        const shifted = values.slice()
        shifted[i] = (values[i] as number) + shift
        return at(shifted)
      }) as [number, number]
      const error = (up - down) / (2 * step) - (gradient[i] as number)
      expect(Math.abs(error) / largest).toBeLessThan(2e-2)
    }
  })
})
