import { ShapeMismatchError, SparseMatrix } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { spmm } from '../src/index.js'
import {
  activateBackend,
  describeEachBackend,
  expectNoLeak,
} from './support/describe-each-backend.js'
import {
  expectClose,
  inner,
  product,
  randomDense,
  randomSparse,
  toDense,
  toTensor,
  transpose,
} from './support.js'

describeEachBackend('spmm', (backend) => {
  const { matrix, dense } = randomSparse('matrix', 9, 6)

  it.each([1, 3, 4, 17, 64])('equals the dense product, with %i columns', (columns) => {
    const x = randomDense('x', 6, columns)
    tf.tidy(() => expectClose(spmm(matrix, toTensor(x)), product(dense, x)))
  })

  it('equals multiplyDense of the matrix', () => {
    const x = randomDense('x', 6, 5)
    const expected = matrix.multiplyDense(Float32Array.from(x.flat()), 5)
    tf.tidy(() => {
      const got = spmm(matrix, toTensor(x)).dataSync()
      expected.forEach((value, i) => {
        expect(got[i]).toBeCloseTo(value, 6)
      })
    })
  })

  it('has the transposed matrix as its adjoint and its gradient', () => {
    const [x, y] = [randomDense('x', 6, 5), randomDense('y', 9, 5)]
    tf.tidy(() => {
      const forward = toDense(spmm(matrix, toTensor(x)))
      const backward = toDense(spmm(matrix.transpose(), toTensor(y)))
      expect(inner(forward, y)).toBeCloseTo(inner(x, backward), 5)
      const gradient = tf.grad((z) => spmm(matrix, z as tf.Tensor2D))(toTensor(x), toTensor(y))
      expectClose(gradient, product(transpose(dense), y))
    })
  })

  it('takes a symmetric matrix as its own transpose', () => {
    const symmetric = SparseMatrix.fromCsr(
      {
        rows: 3,
        columns: 3,
        rowPointers: Int32Array.of(0, 1, 3, 4),
        columnIndices: Int32Array.of(1, 0, 2, 1),
        values: Float32Array.of(0.5, 0.5, 0.25, 0.25),
      },
      { symmetric: true },
    )
    const y = randomDense('y', 3, 2)
    tf.tidy(() => {
      const gradient = tf.grad((z) => spmm(symmetric, z as tf.Tensor2D))(toTensor(y), toTensor(y))
      expectClose(gradient, toDense(spmm(symmetric, toTensor(y))))
    })
    symmetric.dispose()
  })

  it('handles matrices without rows, columns or entries', () => {
    const empty = (rows: number, columns: number) =>
      SparseMatrix.fromCsr({
        rows,
        columns,
        rowPointers: new Int32Array(rows + 1),
        columnIndices: new Int32Array(0),
        values: new Float32Array(0),
      })
    tf.tidy(() => {
      expect([...spmm(empty(2, 3), tf.ones([3, 2])).dataSync()]).toEqual([0, 0, 0, 0])
      expect(spmm(empty(0, 3), tf.ones([3, 2])).shape).toEqual([0, 2])
      expect([...spmm(empty(2, 0), tf.ones([0, 2])).dataSync()]).toEqual([0, 0, 0, 0])
    })
  })

  it.each([
    ['another number of rows', () => tf.zeros([9, 5])],
    ['another rank', () => tf.zeros([6])],
    ['integers', () => tf.zeros([6, 5], 'int32')],
  ])('refuses a tensor with %s', (_name, make) => {
    tf.tidy(() => {
      const x = make() as tf.Tensor2D
      expect(() => spmm(matrix, x)).toThrow(ShapeMismatchError)
      expect(() => spmm(matrix, x)).toThrow(
        /^spmm: got (float|int)32 \[.*expected float32 \[6, d\]/,
      )
    })
  })

  it('keeps device tensors until the matrix is disposed of, and makes them again', () => {
    const { matrix: other, dense: expected } = randomSparse('other', 8, 4)
    const x = randomDense('x', 4, 3)
    const before = tf.memory().numTensors
    const use = () => tf.tidy(() => expectClose(spmm(other, toTensor(x)), product(expected, x)))
    use()
    expect(tf.memory().numTensors).toBe(before + 3)
    use()
    expect(tf.memory().numTensors).toBe(before + 3)
    for (let i = 0; i < 2; i++) {
      other.dispose()
      expect(tf.memory().numTensors).toBe(before)
      use()
    }
    other.dispose()
    other.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('frees the tensors of the transpose with those of the matrix', () => {
    const { matrix: other } = randomSparse('other', 8, 4)
    expectNoLeak(() => {
      tf.tidy(() => {
        const gradient = tf.grad((z) => spmm(other, z as tf.Tensor2D))
        gradient(tf.ones([4, 3]), tf.ones([8, 3]))
      })
      other.dispose()
    })
  })

  it('works with one matrix on both backends in turn', async () => {
    const x = randomDense('x', 6, 3)
    const { matrix: other, dense: expected } = randomSparse('other', 8, 6)
    const before = tf.memory().numTensors
    for (const name of [backend, 'cpu', 'simd', 'cpu'] as const) {
      await activateBackend(name)
      tf.tidy(() => expectClose(spmm(other, toTensor(x)), product(expected, x)))
    }
    await activateBackend(backend)
    other.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('leaves nothing behind in a tidy', () => {
    expectNoLeak(() => {
      tf.tidy(() => {
        tf.grad((z) => spmm(matrix, z as tf.Tensor2D))(tf.ones([6, 3]), tf.ones([9, 3]))
      })
    })
  })
})
