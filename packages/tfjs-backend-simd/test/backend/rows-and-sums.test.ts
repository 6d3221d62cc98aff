import * as tf from '@tensorflow/tfjs-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeEachBackend } from '../../../ops/test/support/describe-each-backend.js'
import { coordinates, expectTensor, floats, sizeOf } from '../support/plain-tensors.js'

describeEachBackend('sums and means', () => {
  beforeEach(() => tf.engine().startScope())
  afterEach(() => tf.engine().endScope())

  const cases: [number[], number[] | undefined][] = [
    [[5], undefined],
    [[5], [0]],
    [[], undefined],
    [[50, 400], undefined],
    [[7, 5], [0]],
    [[7, 5], [1]],
    [
      [7, 5],
      [0, 1],
    ],
    [[7, 5], []],
    [[2, 3, 4], [2]],
    [
      [2, 3, 4],
      [1, 2],
    ],
    [[2, 3, 4], [0]],
    [[7, 5], [-1]],
    [[3, 0], [1]],
    [[0, 3], undefined],
  ]

  it.each(cases)('of %j over %j', (shape, axes) => {
    const x = floats(shape, 1)
    const values = x.dataSync()
    const reduced = (axes ?? shape.map((_, axis) => axis)).map((a) =>
      a < 0 ? a + shape.length : a,
    )
    const keptShape = shape.map((length, axis) => (reduced.includes(axis) ? 1 : length))
    const sums = new Float64Array(sizeOf(keptShape))
    const strides = keptShape.map((_, axis) => sizeOf(keptShape.slice(axis + 1)))
    coordinates(shape).forEach((at, i) => {
      const target = at.reduce(
        (sum, c, axis) => sum + (reduced.includes(axis) ? 0 : c * strides[axis]),
        0,
      )
      sums[target] += values[i]
    })
    const dropped = shape.filter((_, axis) => !reduced.includes(axis))
    // tfjs divides before it sums, so the mean of nothing is 0.
    const means = sums.map((sum) => sum / Math.max(1, sizeOf(reduced.map((axis) => shape[axis]))))
    const options = { tolerance: 1e-5 }
    expectTensor(tf.sum(x, axes), dropped, sums, options)
    expectTensor(tf.sum(x, axes, true), keptShape, sums, options)
    expectTensor(tf.mean(x, axes), dropped, means, options)
    expectTensor(tf.mean(x, axes, true), keptShape, means, options)
  })

  it('of integers stay integers', () => {
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2], 'int32')
    expectTensor(tf.sum(x), [], [10], { dtype: 'int32' })
    expectTensor(tf.sum(x, 1), [2], [3, 7], { dtype: 'int32' })
    expectTensor(tf.mean(x), [], [2.5])
  })
})

describeEachBackend('gather and unsortedSegmentSum', () => {
  beforeEach(() => tf.engine().startScope())
  afterEach(() => tf.engine().endScope())

  it.each([[[6, 5]], [[6, 2, 3]], [[6]], [[6, 1]]])('gathers rows of %j', (shape) => {
    const x = floats(shape, 1)
    const values = x.dataSync()
    const width = sizeOf(shape.slice(1))
    const indices = [5, 0, 5, 2]
    const expected = indices.flatMap((i) => [...values.subarray(i * width, (i + 1) * width)])
    const rest = shape.slice(1)
    expectTensor(tf.gather(x, tf.tensor1d(indices, 'int32')), [4, ...rest], expected)
    expectTensor(tf.gather(x, tf.tensor2d(indices, [2, 2], 'int32')), [2, 2, ...rest], expected)
    expectTensor(tf.gather(x, tf.tensor1d([], 'int32')), [0, ...rest], [])
  })

  it('gathers columns', () => {
    const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3])
    expectTensor(tf.gather(x, tf.tensor1d([2, 0], 'int32'), 1), [2, 2], [3, 1, 6, 4])
  })

  it.each([[-1], [3], [2 ** 30]])('refuses the index %i', (index) => {
    const x = floats([3, 4], 1)
    expect(() => tf.gather(x, tf.tensor1d([0, index], 'int32'))).toThrow(/index|0/)
  })

  it('sums rows by segment and drops negative and too large ones', () => {
    const x = tf.tensor2d([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [5, 2])
    const segments = tf.tensor1d([2, 0, 2, -1, 4], 'int32')
    expectTensor(tf.unsortedSegmentSum(x, segments, 4), [4, 2], [3, 4, 0, 0, 6, 8, 0, 0])
    const flat = tf.tensor1d([1, 2, 3, 4, 5])
    expectTensor(tf.unsortedSegmentSum(flat, segments, 4), [4], [2, 0, 4, 0])
    const cube = tf.reshape(tf.range(0, 20), [5, 2, 2])
    expectTensor(
      tf.unsortedSegmentSum(cube, segments, 3),
      [3, 2, 2],
      [4, 5, 6, 7, 0, 0, 0, 0, 8, 10, 12, 14],
    )
  })
})

describeEachBackend('products and transposes', () => {
  beforeEach(() => tf.engine().startScope())
  afterEach(() => tf.engine().endScope())

  const product = (
    [a, b]: [tf.Tensor, tf.Tensor],
    [m, k, n]: [number, number, number],
    [transposeA, transposeB]: [boolean, boolean],
  ) => {
    const [x, y] = [a.dataSync(), b.dataSync()]
    return Float64Array.from({ length: m * n }, (_, i) => {
      const [row, column] = [Math.floor(i / n), i % n]
      let sum = 0
      for (let j = 0; j < k; j++) {
        sum +=
          x[transposeA ? j * m + row : row * k + j] *
          y[transposeB ? column * k + j : j * n + column]
      }
      return sum
    })
  }

  describe.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('with transposeA %s and transposeB %s', (transposeA, transposeB) => {
    it.each([
      [1, 1, 1],
      [4, 8, 8],
      [5, 3, 7],
      [9, 17, 10],
      [130, 64, 70],
      [5, 2048, 9],
      [13, 5000, 18],
    ])('multiply matrices (%i × %i by %i)', (m, k, n) => {
      const a = floats(transposeA ? [k, m] : [m, k], 1) as tf.Tensor2D
      const b = floats(transposeB ? [n, k] : [k, n], 2) as tf.Tensor2D
      const expected = product([a, b], [m, k, n], [transposeA, transposeB])
      const tolerance = Math.max(1e-5, 5e-8 * k)
      expectTensor(tf.matMul(a, b, transposeA, transposeB), [m, n], expected, { tolerance })
    })

    it('multiply batches, and spread a single matrix', () => {
      const shapeA = transposeA ? [4, 3] : [3, 4]
      const shapeB = transposeB ? [5, 4] : [4, 5]
      const slices = (x: tf.Tensor) => (x.shape.length === 3 ? tf.unstack(x) : [x])
      for (const [batchA, batchB] of [
        [[2], [2]],
        [[1], [2]],
        [[2], [1]],
        [[1], [1]],
        [[1], []],
        [[], [1]],
        [[2], []],
      ]) {
        const a = floats([...batchA, ...shapeA], 1)
        const b = floats([...batchB, ...shapeB], 2)
        const [as, bs] = [slices(a), slices(b)]
        const batch = Math.max(as.length, bs.length)
        const expected = Array.from({ length: batch }, (_, i) => [
          ...product(
            [as[i] ?? as[0], bs[i] ?? bs[0]] as [tf.Tensor, tf.Tensor],
            [3, 4, 5],
            [transposeA, transposeB],
          ),
        ]).flat()
        expectTensor(tf.matMul(a, b, transposeA, transposeB), [batch, 3, 5], expected)
      }
    })
  })

  it('multiply what is empty', () => {
    expectTensor(tf.matMul(tf.zeros([0, 3]), tf.zeros([3, 2])), [0, 2], [])
    expectTensor(tf.matMul(tf.zeros([2, 0]), tf.zeros([0, 2])), [2, 2], [0, 0, 0, 0])
  })

  it('refuse inner sizes that differ', () => {
    expect(() => tf.matMul(tf.zeros([2, 3]), tf.zeros([4, 2]))).toThrow(/inner/i)
  })

  it('transpose, also by the permutation that moves nothing', () => {
    const x = tf.tensor3d([1, 2, 3, 4, 5, 6], [1, 2, 3])
    expectTensor(tf.transpose(x, [0, 1, 2]), [1, 2, 3], [1, 2, 3, 4, 5, 6])
    expectTensor(tf.transpose(x, [0, 2, 1]), [1, 3, 2], [1, 4, 2, 5, 3, 6])
    expectTensor(tf.transpose(x), [3, 2, 1], [1, 4, 2, 5, 3, 6])
  })
})

describeEachBackend('concat', () => {
  beforeEach(() => tf.engine().startScope())
  afterEach(() => tf.engine().endScope())

  it.each<[number[][], number]>([
    [
      [
        [3, 4],
        [2, 4],
      ],
      0,
    ],
    [
      [
        [3, 4],
        [0, 4],
        [1, 4],
      ],
      0,
    ],
    [[[5], [2], [1]], 0],
    [
      [
        [1, 3],
        [1, 2],
      ],
      1,
    ],
    [
      [
        [2, 3],
        [2, 2],
      ],
      1,
    ],
    [
      [
        [2, 3],
        [2, 2],
      ],
      -1,
    ],
    [
      [
        [1, 2, 2],
        [1, 3, 2],
      ],
      1,
    ],
  ])('of %j along %d', (shapes, given) => {
    const tensors = shapes.map((shape, i) => floats(shape, i + 1))
    const axis = given < 0 ? given + shapes[0].length : given
    const whole = shapes[0].map((size, at) =>
      at === axis ? shapes.reduce((sum, shape) => sum + shape[at], 0) : size,
    )
    const inner = sizeOf(shapes[0].slice(axis + 1))
    const outer = sizeOf(shapes[0].slice(0, axis))
    const expected: number[] = []
    for (let o = 0; o < outer; o++) {
      tensors.forEach((tensor, i) => {
        const length = shapes[i][axis] * inner
        expected.push(...tensor.dataSync().slice(o * length, (o + 1) * length))
      })
    }
    expectTensor(tf.concat(tensors, axis), whole, expected)
  })

  it('of integers stay integers, and of tensors that a kernel has seen', () => {
    const a = tf.tensor1d([1, 2], 'int32')
    expectTensor(tf.concat([a, tf.tensor1d([3], 'int32')]), [3], [1, 2, 3], { dtype: 'int32' })
    const x = tf.neg(tf.tensor2d([1, 2], [1, 2]))
    expectTensor(tf.concat([x, tf.tensor2d([3, 4], [1, 2])]), [2, 2], [-1, -2, 3, 4])
  })
})
