import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callKernel, output, untouched } from '../support/call-kernel.js'
import { reals, sparse } from '../support/numbers.js'
import { ranges, seeds } from '../support/ranges.js'

const floor = 1e-8

const sizes = { columns: fc.integer({ min: 1, max: 70 }), inner: fc.integer({ min: 1, max: 12 }) }

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, c) => sum + value * b[c], 0)

const rowOf = <Values extends Float32Array | Float64Array>(x: Values, r: number, columns: number) =>
  x.subarray(r * columns, (r + 1) * columns) as Values

/** Y = A x + added, in float64. */
function product(
  { rowPointers, columnIndices, values }: ReturnType<typeof sparse>,
  x: Float32Array,
  columns: number,
  added?: Float32Array,
): Float64Array {
  const rows = rowPointers.length - 1
  const out = Float64Array.from({ length: rows * columns }, (_, i) => added?.[i] ?? 0)
  for (let row = 0; row < rows; row++) {
    for (let entry = rowPointers[row]; entry < rowPointers[row + 1]; entry++) {
      const source = rowOf(x, columnIndices[entry], columns)
      for (let c = 0; c < columns; c++) out[row * columns + c] += values[entry] * source[c]
    }
  }
  return out
}

/** Values of the rows start..end-1 to 1e-4 of their size, and nothing else written. */
function expectRows(
  actual: Float64Array,
  expected: ArrayLike<number>,
  { start, end, columns }: { start: number; end: number; columns: number },
): void {
  actual.forEach((value, i) => {
    const isInside = i >= start * columns && i < end * columns
    if (!isInside) expect(value).toBe(untouched)
    else expect(Math.abs(value - expected[i])).toBeLessThan(1e-4 * (1 + Math.abs(expected[i])))
  })
}

/** Numbers with some rows of zeros, and some so small that the floor of the cosine counts. */
function rowsWithGaps(seed: number, rows: number, columns: number): Float32Array {
  return reals(seed, rows * columns).map((value, i) => {
    const kind = (seed + Math.floor(i / columns)) % 5
    return kind === 0 ? 0 : kind === 1 ? 1e-10 * value : value
  })
}

describe('cosineRefine', () => {
  const refine = (y: Float64Array, e: Float32Array, columns: number) =>
    y.map((value, i) => {
      const [left, right] = [Math.floor(i / columns)].flatMap((r) => [
        rowOf(y, r, columns),
        rowOf(e, r, columns),
      ])
      const norms = Math.sqrt(dot(left, left)) * Math.sqrt(dot(right, right))
      return (value * dot(left, right)) / Math.max(norms, floor)
    })

  it('gives products, refined rows and their sum, on any part of the rows', () => {
    fc.assert(
      fc.property(
        ranges(12),
        sizes.columns,
        sizes.inner,
        seeds,
        fc.boolean(),
        fc.boolean(),
        ({ count, start, end }, columns, inner, seed, hasRefined, hasBefore) => {
          const matrix = sparse(seed, count, inner, 3)
          const x = reals(seed + 2, inner * columns)
          const e = rowsWithGaps(seed + 3, count, columns)
          const before = reals(seed + 4, count * columns)
          const { rowPointers, columnIndices, values } = matrix
          const out = () => output(count * columns, columns)
          const given = [rowPointers, columnIndices, values, x, e, out()]
          const optional = [hasRefined ? out() : 0, hasBefore ? before : 0]
          const results = callKernel(
            'cosineRefine',
            [...given, ...optional, out(), columns, floor],
            start,
            end,
          )
          const y = product(matrix, x, columns)
          const refined = refine(y, e, columns)
          const sum = refined.map((value, i) => value + (hasBefore ? before[i] : 0))
          const expected = hasRefined ? [y, refined, sum] : [y, sum]
          expect(results).toHaveLength(expected.length)
          for (const [place, result] of results.entries()) {
            expectRows(result, expected[place], { start, end, columns })
          }
        },
      ),
    )
  })
})

describe('cosineRefineGradient', () => {
  interface Terms {
    readonly d: ArrayLike<number>
    readonly y: ArrayLike<number>
    readonly e: ArrayLike<number>
  }

  /** Both gradients at column c of a row; of absolute values with `sign` 1: a bound on all terms. */
  function gradients({ d, y, e }: Terms, c: number, dE: number, sign: 1 | -1): [number, number] {
    const [yy, ee] = [dot(y, y), dot(e, e)]
    const norms = Math.sqrt(yy) * Math.sqrt(ee)
    const divisor = Math.max(norms, floor)
    const [a, through] = [dot(y, e) / divisor, dot(d, y)]
    const isCosine = norms > floor
    const shares = [isCosine ? (a * y[c]) / yy : 0, isCosine ? (a * e[c]) / ee : 0]
    return [
      a * d[c] + through * (e[c] / divisor + sign * shares[0]),
      dE + through * (y[c] / divisor + sign * shares[1]),
    ]
  }

  it('is that of the formula, with and without a next layer, on any part of the rows', () => {
    fc.assert(
      fc.property(
        ranges(12),
        sizes.columns,
        sizes.inner,
        seeds,
        fc.boolean(),
        ({ count, start, end }, columns, inner, seed, hasNext) => {
          const matrix = sparse(seed, count, inner, 3)
          const x = reals(seed + 2, inner * columns)
          const dSum = reals(seed + 3, count * columns)
          const e = rowsWithGaps(seed + 4, count, columns)
          const y = rowsWithGaps(seed + 5, count, columns)
          const dE = reals(seed + 6, count * columns)
          const { rowPointers, columnIndices, values } = matrix
          const next = hasNext ? [rowPointers, columnIndices, values, x] : [0, 0, 0, 0]
          const out = [output(count * columns, columns), { before: dE, stride: columns }]
          const given = [...next, dSum, e, y, ...out, columns, floor]
          const results = callKernel('cosineRefineGradient', given, start, end)
          const d = hasNext ? product(matrix, x, columns, dSum) : Float64Array.from(dSum)
          const sizes = { ...matrix, values: matrix.values.map(Math.abs) }
          const largestD = hasNext
            ? product(sizes, x.map(Math.abs), columns, dSum.map(Math.abs))
            : d.map(Math.abs)
          for (let i = 0; i < count * columns; i++) {
            const [r, c] = [Math.floor(i / columns), i % columns]
            const isInside = r >= start && r < end
            const row = {
              d: rowOf(d, r, columns),
              y: rowOf(y, r, columns),
              e: rowOf(e, r, columns),
            }
            const before = hasNext ? dE[i] : 0
            const expected = isInside ? gradients(row, c, before, -1) : [untouched, dE[i]]
            const most = {
              d: rowOf(largestD, r, columns),
              y: row.y.map(Math.abs),
              e: row.e.map(Math.abs),
            }
            const bounds = gradients(most, c, Math.abs(before), 1)
            for (const [place, result] of results.entries()) {
              const error = Math.abs(result[i] - expected[place])
              expect(error).toBeLessThanOrEqual(isInside ? 2e-5 * bounds[place] : 0)
            }
          }
        },
      ),
    )
  })
})
