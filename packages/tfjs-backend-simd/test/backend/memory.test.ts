import { InvalidPointerError, OutOfMemoryError } from '@gnnrec/graph'
import { KernelRuntime } from '@gnnrec/graph/kernels'
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import {
  activateBackend,
  describeEachBackend,
  expectNoLeak,
  memoryInUse,
} from '../../../ops/test/support/describe-each-backend.js'
import { createSimdBackend, type SimdBackend } from '../../src/backend/simd-backend.js'
import { floats } from '../support/plain-tensors.js'

/** Values made by a kernel, so that they lie in its memory: 0, 2, 4, ... */
function evens(shape: number[]): tf.Tensor {
  return tf.tidy(() =>
    tf.mul(
      tf.reshape(
        tf.range(
          0,
          shape.reduce((a, b) => a * b),
        ),
        shape,
      ),
      2,
    ),
  )
}

/** Writes over the memory that disposed tensors leave. */
function overwrite(): void {
  tf.dispose(Array.from({ length: 20 }, (_, i) => tf.fill([8 + i], -1)))
  tf.dispose(Array.from({ length: 20 }, () => tf.fill([12], -1)))
}

describeEachBackend('tensors on the values of another', (backend) => {
  it.each([
    ['slice of rows', (x: tf.Tensor) => tf.slice(x, [1, 0], [2, 3]), [6, 8, 10, 12, 14, 16]],
    ['slice of columns', (x: tf.Tensor) => tf.slice(x, [0, 1], [4, 1]), [2, 8, 14, 20]],
    ['whole slice', (x: tf.Tensor) => tf.slice(x, [0, 0], [1, 3]), [0, 2, 4]],
    ['reshape', (x: tf.Tensor) => tf.reshape(x, [12]), [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22]],
    ['clone', (x: tf.Tensor) => tf.clone(x), [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22]],
    [
      'transpose',
      (x: tf.Tensor) => tf.transpose(x, [0, 1]),
      [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22],
    ],
    ['split', (x: tf.Tensor) => tf.split(x, 2)[1], [12, 14, 16, 18, 20, 22]],
    ['unstack', (x: tf.Tensor) => tf.unstack(x)[3], [18, 20, 22]],
    [
      'concat of one',
      (x: tf.Tensor) => tf.concat([x as tf.Tensor2D]),
      [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22],
    ],
    [
      'cast to itself',
      (x: tf.Tensor) => tf.cast(x, 'float32'),
      [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22],
    ],
    ['expandDims', (x: tf.Tensor) => tf.expandDims(x), [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22]],
  ])('%s outlives its source', (_name, operation, expected) => {
    const x = evens([4, 3])
    const derived = operation(x)
    x.dispose()
    overwrite()
    expect([...derived.dataSync()]).toEqual(expected)
    // Kernels work on them too.
    const doubled = tf.mul(derived, 2)
    expect([...doubled.dataSync()]).toEqual(expected.map((value) => 2 * value))
    tf.dispose([derived, doubled])
  })

  it('frees values when the last tensor on them goes, in any order', () => {
    expectNoLeak(() => {
      for (const order of [
        [0, 1, 2],
        [2, 1, 0],
        [1, 0, 2],
      ]) {
        const x = evens([4, 3])
        const tensors = [x, tf.reshape(x, [12]), tf.clone(x)]
        for (const i of order) {
          for (const tensor of tensors) {
            if (!tensor.isDisposed) expect(tensor.dataSync()[11]).toBe(22)
          }
          tensors[i].dispose()
        }
      }
    })
  })

  it('what dataSync and data gave does not change later', async () => {
    const x = evens([4, 3])
    const [now, later, nested] = [x.dataSync(), await x.data(), x.arraySync()]
    const buffer = x.bufferSync()
    x.dispose()
    overwrite()
    const expected = Array.from({ length: 12 }, (_, i) => 2 * i)
    expect([...now]).toEqual(expected)
    expect([...later]).toEqual(expected)
    expect((nested as number[][]).flat()).toEqual(expected)
    expect([...buffer.values]).toEqual(expected)
  })

  it('a tensor keeps its values when it moves to another backend and back', async () => {
    const x = evens([4, 3])
    const clone = tf.clone(x)
    await activateBackend(backend === 'simd' ? 'cpu' : 'simd')
    const sum = tf.add(x, clone)
    await activateBackend(backend)
    const expected = Array.from({ length: 12 }, (_, i) => 2 * i)
    expect([...tf.mul(sum, 0.5).dataSync()]).toEqual(expected)
    expect([...x.dataSync()]).toEqual(expected)
    x.dispose()
    expect([...clone.dataSync()]).toEqual(expected)
    tf.dispose([clone, sum])
  })

  it('holds strings, booleans and complex numbers as the CPU backend does', () => {
    tf.tidy(() => {
      expect(tf.tensor1d(['a', 'ü']).dataSync()).toEqual(['a', 'ü'])
      const mask = tf.greater(evens([4]), 3)
      expect([...mask.dataSync()]).toEqual([0, 0, 1, 1])
      expect([...tf.where(mask, evens([4]), tf.zeros([4])).dataSync()]).toEqual([0, 0, 4, 6])
      const number = tf.complex(evens([2]), tf.add(evens([2]), 1))
      expect([...number.dataSync()]).toEqual([0, 1, 2, 3])
      expect([...tf.imag(number).dataSync()]).toEqual([1, 3])
    })
  })

  it('leaves nothing behind after a tidy step with gradients', () => {
    const table = tf.variable(floats([50, 8], 1))
    const indices = tf.tensor1d([3, 4, 3, 9], 'int32')
    expectNoLeak(() => {
      const { value, grads } = tf.variableGrads(() => {
        const rows = tf.gather(table, indices)
        const scores = tf.sum(tf.mul(rows, tf.sigmoid(rows)), 1)
        return tf.add(
          tf.mean(tf.softplus(tf.neg(scores))),
          tf.mul(tf.sum(tf.square(table)), 0.1),
        ) as tf.Scalar
      }, [table])
      value.dispose()
      tf.dispose(grads)
    })
    tf.dispose([table, indices])
  })
})

describe('the backend simd', () => {
  beforeAll(() => activateBackend('simd'))

  it('gives back the kernel memory of disposed tensors', () => {
    const before = memoryInUse()
    const x = tf.fill([1000, 100], 1)
    const y = tf.add(x, x)
    expect(memoryInUse().kernelBytes - before.kernelBytes).toBeGreaterThanOrEqual(800_000)
    tf.dispose([x, y])
    expect(memoryInUse()).toEqual(before)
  })

  describe('out of memory', () => {
    const setup = () => {
      const runtime = new KernelRuntime({ maximumBytes: 2 ** 20 })
      const backend = createSimdBackend(MathBackendCPU, runtime)
      const call = (name: string, inputs: Record<string, tf.TensorInfo>, attrs = {}) =>
        tf.getKernel(name, 'simd').kernelFunc({ inputs, backend, attrs }) as tf.TensorInfo
      const tensor = (length: number) =>
        backend.makeTensorInfo([length], 'float32', new Float32Array(length).fill(1))
      return { runtime, backend, call, tensor }
    }

    it('says so, keeps the inputs, and works on when something was disposed', () => {
      const { runtime, backend, call, tensor } = setup()
      const [a, b] = [tensor(90_000), tensor(90_000)]
      expect(() => call(tf.Add, { a, b })).toThrow(OutOfMemoryError)
      expect(() => call(tf.Exp, { x: a })).toThrow(/the limit is 1 MiB/)
      expect([...backend.readSync(a.dataId)].every((value) => value === 1)).toBe(true)
      backend.disposeData(b.dataId)
      const sum = call(tf.Add, { a, b: a })
      expect([...backend.readSync(sum.dataId)].every((value) => value === 2)).toBe(true)
      for (const { dataId } of [a, sum]) backend.disposeData(dataId)
      expect(runtime.statistics.usedBytes).toBe(0)
    })

    it.each([
      [tf.AddN, [60_000, 60_000, 60_000, 60_000]],
      [tf.BatchMatMul, [100_000, 100_000]],
    ])('of %s leaves no half result', (name, lengths) => {
      const { runtime, backend, call, tensor } = setup()
      const inputs = lengths.map(tensor)
      const shaped =
        name === tf.AddN
          ? Object.fromEntries(inputs.map((input, i) => [i, input]))
          : {
              a: { ...(inputs[0] as tf.TensorInfo), shape: [1000, 100] },
              b: { ...(inputs[1] as tf.TensorInfo), shape: [100, 1000] },
            }
      expect(() => call(name, shaped, { transposeA: false, transposeB: false })).toThrow(
        OutOfMemoryError,
      )
      for (const { dataId } of inputs) backend.disposeData(dataId)
      expect(runtime.statistics).toMatchObject({ usedBytes: 0, usedBlocks: 0 })
      expect(backend.numDataIds()).toBe(0)
    })

    it.each([62, 63])(
      'of a product of tall matrices with %i columns leaves none either',
      (width) => {
        const { runtime, backend, call, tensor } = setup()
        const tall = () => ({ ...tensor(2049 * width), shape: [2049, width] })
        const [a, b] = [tall(), tall()]
        // With 62 columns there is no room for the result, with 63 none for its parts.
        expect(() =>
          call(tf.BatchMatMul, { a, b }, { transposeA: true, transposeB: false }),
        ).toThrow(OutOfMemoryError)
        for (const { dataId } of [a, b]) backend.disposeData(dataId)
        expect(runtime.statistics).toMatchObject({ usedBytes: 0, usedBlocks: 0 })
        expect(backend.numDataIds()).toBe(0)
      },
    )
  })

  it('refuses to take integers for floats where another backend cast them', async () => {
    await activateBackend('cpu')
    const integers = tf.tensor1d([1, 2], 'int32')
    const floatsOfThem = tf.cast(integers, 'float32')
    await activateBackend('simd')
    expect(() => tf.exp(floatsOfThem)).toThrow(
      /shares its values with one of type int32.*cast it again/,
    )
    tf.dispose([integers, floatsOfThem])
  })

  it('reads the filled rows alone for a norm, until they change in place', () => {
    const backend = tf.backend() as unknown as SimdBackend
    const squaredSumOfRows = vi.spyOn(backend.runtime, 'squaredSumOfRows')
    const table = tf.tidy(() => {
      const indices = tf.tensor1d([7, 3, 7], 'int32')
      return tf.unsortedSegmentSum(tf.ones([3, 8]), indices, 12) as tf.Tensor2D
    })
    expect(backend.squaredNorm(table)).toBe(8 + 32)
    expect(squaredSumOfRows).toHaveBeenCalledTimes(1)
    // Other rows of the same values.
    const wide = tf.reshape(table, [6, 16])
    expect(backend.squaredNorm(wide)).toBe(8 + 32)
    wide.dispose()
    backend.runtime.float32(backend.ownPointer(table), 1)[0] = 3
    expect(backend.squaredNorm(table)).toBe(8 + 32 + 9)
    expect(squaredSumOfRows).toHaveBeenCalledTimes(1)
    table.dispose()
    vi.restoreAllMocks()
  })

  it('refuses to change values in place that another tensor shares', () => {
    const backend = tf.backend() as unknown as SimdBackend
    const x = evens([4])
    expect(backend.ownPointer(x)).toBeGreaterThan(0)
    const clone = tf.clone(x)
    expect(() => backend.ownPointer(x)).toThrow(InvalidPointerError)
    clone.dispose()
    expect(backend.ownPointer(x)).toBeGreaterThan(0)
    x.dispose()
  })
})
