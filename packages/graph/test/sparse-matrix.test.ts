import { InvalidInteractionsError, ShapeMismatchError, SparseMatrix } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toDense, transposed } from './support/graphs.js'

interface Entry {
  row: number
  column: number
  value: number
}

/** Entries with repetition and small integer values, so that sums are exact. */
const coordinateCases = fc
  .record({ rows: fc.integer({ min: 0, max: 6 }), columns: fc.integer({ min: 0, max: 6 }) })
  .chain(({ rows, columns }) =>
    fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      entries:
        rows * columns === 0
          ? fc.constant<Entry[]>([])
          : fc.array(
              fc.record({
                row: fc.integer({ min: 0, max: rows - 1 }),
                column: fc.integer({ min: 0, max: columns - 1 }),
                value: fc.integer({ min: -9, max: 9 }),
              }),
              { maxLength: 40 },
            ),
    }),
  )

function fromEntries(rows: number, columns: number, entries: readonly Entry[]): SparseMatrix {
  return SparseMatrix.fromCoordinates({
    rows,
    columns,
    rowIndices: entries.map((entry) => entry.row),
    columnIndices: entries.map((entry) => entry.column),
    values: entries.map((entry) => entry.value),
  })
}

function denseOf(rows: number, columns: number, entries: readonly Entry[]): number[][] {
  const dense = Array.from({ length: rows }, () => new Array<number>(columns).fill(0))
  for (const { row, column, value } of entries) dense[row][column] += value
  return dense
}

/** [[1, 0, 2], [0, 0, 3]] */
const arrays = () => ({
  rows: 2,
  columns: 3,
  rowPointers: Int32Array.of(0, 2, 3),
  columnIndices: Int32Array.of(0, 2, 2),
  values: Float32Array.of(1, 2, 3),
})

describe('SparseMatrix.fromCoordinates', () => {
  it('equals the dense matrix, repeated entries summed', () => {
    fc.assert(
      fc.property(coordinateCases, ({ rows, columns, entries }) => {
        const matrix = fromEntries(rows, columns, entries)
        expect(toDense(matrix)).toEqual(denseOf(rows, columns, entries))
        const places = new Set(entries.map(({ row, column }) => `${row},${column}`))
        expect(matrix.nonZeros).toBe(places.size)
      }),
    )
  })

  it('sums in float64 and rounds once', () => {
    const entries = [2 ** 24, 1, 1].map((value) => ({ row: 0, column: 0, value }))
    expect(fromEntries(1, 1, entries).values[0]).toBe(2 ** 24 + 2)
  })

  it('keeps an entry that sums to zero', () => {
    const entries = [1, -1].map((value) => ({ row: 0, column: 1, value }))
    const matrix = fromEntries(1, 2, entries)
    expect(matrix.nonZeros).toBe(1)
    expect([...matrix.columnIndices]).toEqual([1])
  })

  it('rejects indices out of bounds', () => {
    for (const index of [-1, 2, 0.5, Number.NaN]) {
      expect(() => fromEntries(2, 9, [{ row: index, column: 0, value: 1 }])).toThrow(
        InvalidInteractionsError,
      )
      expect(() => fromEntries(9, 2, [{ row: 0, column: index, value: 1 }])).toThrow(
        /columnIndices\[0\]/,
      )
    }
  })

  it('rejects values that are not finite, or whose sum is not', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1e39]) {
      expect(() => fromEntries(1, 1, [{ row: 0, column: 0, value }])).toThrow(
        InvalidInteractionsError,
      )
    }
  })

  it('rejects arrays of different lengths and shapes that are none', () => {
    const one = { rowIndices: [0], columnIndices: [0], values: [1] }
    expect(() => SparseMatrix.fromCoordinates({ rows: 1, columns: 1, ...one, values: [] })).toThrow(
      ShapeMismatchError,
    )
    for (const rows of [-1, 1.5, Number.NaN, 2 ** 31]) {
      expect(() => SparseMatrix.fromCoordinates({ rows, columns: 1, ...one })).toThrow(/rows: got/)
    }
  })
})

describe('SparseMatrix.fromCsr', () => {
  it('keeps the arrays it is given', () => {
    const given = arrays()
    const matrix = SparseMatrix.fromCsr(given)
    expect(matrix.rowPointers).toBe(given.rowPointers)
    expect(matrix.columnIndices).toBe(given.columnIndices)
    expect(matrix.values).toBe(given.values)
    expect([matrix.rows, matrix.columns, matrix.nonZeros]).toEqual([2, 3, 3])
    expect(toDense(matrix)).toEqual([
      [1, 0, 2],
      [0, 0, 3],
    ])
  })

  it.each([
    ['a fractional number of rows', { rows: 1.5 }, ShapeMismatchError],
    ['a negative number of columns', { columns: -1 }, ShapeMismatchError],
    ['too few row pointers', { rowPointers: Int32Array.of(0, 3) }, ShapeMismatchError],
    [
      'row pointers that do not start at 0',
      { rowPointers: Int32Array.of(1, 2, 3) },
      ShapeMismatchError,
    ],
    [
      'row pointers that do not end at the last entry',
      { rowPointers: Int32Array.of(0, 2, 2) },
      ShapeMismatchError,
    ],
    ['descending row pointers', { rowPointers: Int32Array.of(0, 4, 3) }, ShapeMismatchError],
    ['too few values', { values: Float32Array.of(1, 2) }, ShapeMismatchError],
    [
      'a column beyond the last',
      { columnIndices: Int32Array.of(0, 2, 3) },
      InvalidInteractionsError,
    ],
    ['a negative column', { columnIndices: Int32Array.of(-1, 2, 2) }, InvalidInteractionsError],
    ['columns out of order', { columnIndices: Int32Array.of(2, 0, 2) }, InvalidInteractionsError],
    ['a repeated column', { columnIndices: Int32Array.of(2, 2, 2) }, InvalidInteractionsError],
    ['NaN', { values: Float32Array.of(1, Number.NaN, 3) }, InvalidInteractionsError],
    [
      'an infinite value',
      { values: Float32Array.of(1, 2, Number.NEGATIVE_INFINITY) },
      InvalidInteractionsError,
    ],
  ])('rejects %s', (_, change, error) => {
    expect(() => SparseMatrix.fromCsr({ ...arrays(), ...change })).toThrow(error)
  })
})

describe('a symmetric SparseMatrix', () => {
  const square = (values: number[], columnIndices: number[], rowPointers: number[]) => ({
    rows: rowPointers.length - 1,
    columns: rowPointers.length - 1,
    rowPointers: Int32Array.from(rowPointers),
    columnIndices: Int32Array.from(columnIndices),
    values: Float32Array.from(values),
  })

  it('is its own transpose', () => {
    const matrix = SparseMatrix.fromCsr(square([5, 1, 1, 7], [0, 1, 0, 1], [0, 2, 4]), {
      symmetric: true,
    })
    expect(matrix.transpose()).toBe(matrix)
  })

  it('is recognized exactly when it equals its transpose', () => {
    fc.assert(
      fc.property(
        coordinateCases.filter(({ rows, columns }) => rows === columns),
        fc.boolean(),
        ({ rows, entries }, mirror) => {
          const all = mirror
            ? [
                ...entries,
                ...entries.map(({ row, column, value }) => ({ row: column, column: row, value })),
              ]
            : entries
          const matrix = fromEntries(rows, rows, all)
          const transpose = matrix.transpose()
          const isSymmetric =
            matrix.columnIndices.join() === transpose.columnIndices.join() &&
            matrix.rowPointers.join() === transpose.rowPointers.join() &&
            matrix.values.every((value, entry) => value === transpose.values[entry])
          const claim = () => matrix.withValues(matrix.values, { symmetric: true })
          if (!isSymmetric) expect(claim).toThrow(InvalidInteractionsError)
          else {
            const claimed = claim()
            expect(claimed.transpose()).toBe(claimed)
          }
        },
      ),
    )
  })

  it('is rejected when it is not square', () => {
    expect(() => SparseMatrix.fromCsr(arrays(), { symmetric: true })).toThrow(ShapeMismatchError)
  })

  it('is rejected when a mirrored entry is missing or differs', () => {
    const missing = square([1], [1], [0, 1, 1])
    expect(() => SparseMatrix.fromCsr(missing, { symmetric: true })).toThrow(
      /\(0, 1\) and \(1, 0\)/,
    )
    const differs = square([1, 2], [1, 0], [0, 1, 2])
    expect(() => SparseMatrix.fromCsr(differs, { symmetric: true })).toThrow(
      InvalidInteractionsError,
    )
  })
})

describe('SparseMatrix.transpose', () => {
  it('equals the dense transpose and is made once in both directions', () => {
    fc.assert(
      fc.property(coordinateCases, ({ rows, columns, entries }) => {
        const matrix = fromEntries(rows, columns, entries)
        const transpose = matrix.transpose()
        expect(toDense(transpose)).toEqual(transposed(denseOf(rows, columns, entries), columns))
        expect([transpose.rows, transpose.columns]).toEqual([columns, rows])
        expect(matrix.transpose()).toBe(transpose)
        expect(transpose.transpose()).toBe(matrix)
      }),
    )
  })

  it('is a well-formed matrix', () => {
    fc.assert(
      fc.property(coordinateCases, ({ rows, columns, entries }) => {
        const transpose = fromEntries(rows, columns, entries).transpose()
        expect(SparseMatrix.fromCsr(transpose).nonZeros).toBe(transpose.nonZeros)
      }),
    )
  })
})

describe('SparseMatrix.withValues', () => {
  it('shares the pattern and transposes by it', () => {
    const matrix = SparseMatrix.fromCsr(arrays())
    const other = matrix.withValues(Float32Array.of(7, 8, 9))
    expect(other.columnIndices).toBe(matrix.columnIndices)
    expect(other.transpose().columnIndices).toBe(matrix.transpose().columnIndices)
    expect(toDense(other.transpose())).toEqual([
      [7, 0],
      [0, 0],
      [8, 9],
    ])
    expect([...matrix.values]).toEqual([1, 2, 3])
  })

  it('does not take over that the other matrix was symmetric', () => {
    const matrix = SparseMatrix.fromCsr(
      {
        rows: 2,
        columns: 2,
        rowPointers: Int32Array.of(0, 1, 2),
        columnIndices: Int32Array.of(1, 0),
        values: Float32Array.of(1, 1),
      },
      { symmetric: true },
    )
    const other = matrix.withValues(Float32Array.of(2, 3))
    expect([...other.transpose().values]).toEqual([3, 2])
  })

  it('rejects a wrong number of values and values that are not finite', () => {
    const matrix = SparseMatrix.fromCsr(arrays())
    expect(() => matrix.withValues(new Float32Array(2))).toThrow(ShapeMismatchError)
    expect(() => matrix.withValues(Float32Array.of(1, Number.NaN, 1))).toThrow(/values\[1\] is NaN/)
  })
})

describe('SparseMatrix.multiplyDense', () => {
  it('equals the dense product', () => {
    fc.assert(
      fc.property(
        coordinateCases,
        fc.integer({ min: 1, max: 4 }),
        fc.nat(),
        (shape, width, seed) => {
          const { rows, columns, entries } = shape
          const x = Float32Array.from({ length: columns * width }, (_, n) => ((n + seed) % 11) - 5)
          const expected = denseOf(rows, columns, entries).flatMap((row) =>
            Array.from({ length: width }, (_, c) =>
              row.reduce((sum, value, column) => sum + value * x[column * width + c], 0),
            ),
          )
          const product = fromEntries(rows, columns, entries).multiplyDense(x, width)
          expect(Array.from(product, (value) => value + 0)).toEqual(
            expected.map((value) => value + 0),
          )
        },
      ),
    )
  })

  it('rejects an x of another size', () => {
    const matrix = SparseMatrix.fromCsr(arrays())
    expect(() => matrix.multiplyDense(new Float32Array(5), 2)).toThrow(/expected 3 × 2/)
    for (const width of [0, -1, 1.5]) {
      expect(() => matrix.multiplyDense(new Float32Array(0), width)).toThrow(ShapeMismatchError)
    }
  })
})

describe('SparseMatrix.dispose', () => {
  it('runs the callbacks of the matrix and its transpose once', () => {
    const matrix = SparseMatrix.fromCsr(arrays())
    const calls: string[] = []
    matrix.onDispose(() => calls.push('matrix'))
    matrix.transpose().onDispose(() => calls.push('transpose'))
    matrix.dispose()
    matrix.dispose()
    matrix.transpose().dispose()
    expect(calls).toEqual(['matrix', 'transpose'])
  })

  it('can start from the transpose', () => {
    const matrix = SparseMatrix.fromCsr(arrays())
    let freed = 0
    matrix.onDispose(() => freed++)
    matrix.transpose().dispose()
    expect(freed).toBe(1)
  })

  it('runs a callback of a symmetric matrix once', () => {
    const matrix = SparseMatrix.fromCsr(
      {
        rows: 1,
        columns: 1,
        rowPointers: Int32Array.of(0, 0),
        columnIndices: new Int32Array(0),
        values: new Float32Array(0),
      },
      { symmetric: true },
    )
    let freed = 0
    matrix.onDispose(() => freed++)
    matrix.dispose()
    expect(freed).toBe(1)
  })

  it('leaves the matrix usable, and frees again what is made again', () => {
    const matrix = SparseMatrix.fromCsr(arrays())
    matrix.dispose()
    expect([...matrix.multiplyDense(Float32Array.of(1, 1, 1), 1)]).toEqual([3, 3])
    let freed = 0
    matrix.onDispose(() => freed++)
    matrix.dispose()
    expect(freed).toBe(1)
  })
})
