import { Rng, SparseMatrix } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import { expect } from 'vitest'

/** A dense matrix in float64, by rows. */
export type Dense = number[][]

/** Numbers in -1..1, rounded to float32. */
export function randomDense(name: string, rows: number, columns: number): Dense {
  const rng = Rng.fromSeed(7).fork(name)
  return Array.from({ length: rows }, () =>
    Array.from({ length: columns }, () => Math.fround(2 * rng.uniform() - 1)),
  )
}

/** About `density` of the entries, one row and one column of them empty. */
export function randomSparse(
  name: string,
  rows: number,
  columns: number,
  density = 0.5,
): { matrix: SparseMatrix; dense: Dense } {
  const values = randomDense(`${name} values`, rows, columns)
  const chances = randomDense(`${name} chances`, rows, columns)
  const dense = values.map((row, r) =>
    row.map((value, c) => {
      const isEmpty = r === 1 || c === 2 || (chances[r][c] + 1) / 2 > density
      return isEmpty ? 0 : value
    }),
  )
  const entries = dense.flatMap((row, r) =>
    row.flatMap((value, c) => (value === 0 ? [] : [{ r, c, value }])),
  )
  const matrix = SparseMatrix.fromCoordinates({
    rows,
    columns,
    rowIndices: entries.map(({ r }) => r),
    columnIndices: entries.map(({ c }) => c),
    values: entries.map(({ value }) => value),
  })
  return { matrix, dense }
}

export function product(a: Dense, b: Dense): Dense {
  return a.map((row) => b[0].map((_, c) => row.reduce((sum, value, k) => sum + value * b[k][c], 0)))
}

export function transpose(a: Dense): Dense {
  return a[0].map((_, c) => a.map((row) => row[c]))
}

export function inner(a: Dense, b: Dense): number {
  return a.flat().reduce((sum, value, i) => sum + value * b.flat()[i], 0)
}

export function toTensor(a: Dense): tf.Tensor2D {
  return tf.tensor2d(a.flat(), [a.length, a[0].length])
}

export function toDense(tensor: tf.Tensor): Dense {
  return tensor.arraySync() as Dense
}

/** Checks the shape and each value, these to `tolerance` of the largest expected one. */
export function expectClose(actual: tf.Tensor, expected: Dense, tolerance = 2e-6): void {
  expect(actual.shape).toEqual([expected.length, expected[0].length])
  const got = [...actual.dataSync()]
  const largest = Math.max(1e-30, ...expected.flat().map(Math.abs))
  const errors = expected.flat().map((value, i) => Math.abs(got[i] - value) / largest)
  expect(Math.max(...errors)).toBeLessThan(tolerance)
}

/** Central differences of `loss` for each number of `at`, step 1e-5, in float64. */
export function differences(at: Dense, loss: () => number): Dense {
  const step = 1e-5
  return at.map((row) =>
    row.map((value, c) => {
      row[c] = value + step
      const high = loss()
      row[c] = value - step
      const low = loss()
      row[c] = value
      return (high - low) / (2 * step)
    }),
  )
}
