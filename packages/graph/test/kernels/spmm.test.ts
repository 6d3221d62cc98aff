import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callKernel, output, written } from '../support/call-kernel.js'
import { quarters, reals, sparse } from '../support/numbers.js'
import { ranges, seeds } from '../support/ranges.js'

interface Case {
  readonly rows: number
  readonly columns: number
  readonly inner: number
  readonly seed: number
}

function reference(
  { rows, columns }: Case,
  { rowPointers, columnIndices, values }: ReturnType<typeof sparse>,
  x: Float32Array,
  scale: number,
  base?: { x: Float32Array; scale: number },
  own?: { x: Float32Array; loops: Float32Array },
): Float64Array {
  const out = new Float64Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = own ? own.loops[row] * own.x[row * columns + column] : 0
      for (let entry = rowPointers[row]; entry < rowPointers[row + 1]; entry++) {
        sum += values[entry] * x[columnIndices[entry] * columns + column]
      }
      const at = row * columns + column
      out[at] = scale * sum + (base ? base.scale * base.x[at] : 0)
    }
  }
  return out
}

const cases = { columns: fc.integer({ min: 1, max: 70 }), inner: fc.integer({ min: 1, max: 25 }) }

describe('spmm', () => {
  it('multiplies a sparse by a dense matrix, with a scale, on any part of the rows', () => {
    fc.assert(
      fc.property(
        ranges(15),
        cases.columns,
        cases.inner,
        seeds,
        fc.constantFrom(1, 0, -0.5, 2),
        ({ count, start, end }, columns, inner, seed, scale) => {
          const matrix = sparse(seed, count, inner, 3)
          const x = quarters(seed + 2, inner * columns)
          const { rowPointers, columnIndices, values } = matrix
          const given = [rowPointers, columnIndices, values, x, output(count * columns, columns)]
          const [out] = callKernel('spmm', [...given, columns, scale, 0, 7, 0, 0, 0, 0], start, end)
          // -0 of a product with 0 is 0 for all who read it.
          const full = reference({ rows: count, columns, inner, seed }, matrix, x, scale)
          expect(out.map((v) => v + 0)).toEqual(
            written(full, start, end, columns).map((v) => v + 0),
          )
        },
      ),
    )
  })

  it('adds a multiple of another matrix, and of its own row first', () => {
    fc.assert(
      fc.property(
        ranges(15),
        cases.columns,
        cases.inner,
        seeds,
        fc.boolean(),
        ({ count, start, end }, columns, inner, seed, hasLoops) => {
          const matrix = sparse(seed, count, inner, 3)
          const x = quarters(seed + 2, inner * columns)
          const base = quarters(seed + 3, count * columns)
          const { rowPointers, columnIndices, values } = matrix
          const given = [rowPointers, columnIndices, values, x, output(count * columns, columns)]
          const loops = quarters(seed + 4, count)
          const own = quarters(seed + 5, count * columns)
          const looped = hasLoops ? [loops, own] : [0, 0]
          const all = [...given, columns, 0.5, base, -0.25, ...looped, 0, 0]
          const [out] = callKernel('spmm', all, start, end)
          const full = reference(
            { rows: count, columns, inner, seed },
            matrix,
            x,
            0.5,
            { x: base, scale: -0.25 },
            hasLoops ? { x: own, loops } : undefined,
          )
          expect(out.map((v) => v + 0)).toEqual(
            written(full, start, end, columns).map((v) => v + 0),
          )
        },
      ),
    )
  })

  it.each([1, 3, 4, 31, 32, 33, 64, 70])(
    'rounds like a sum in order, with %i columns',
    (columns) => {
      const [rows, inner] = [6, 40]
      const matrix = sparse(columns, rows, inner, 12, reals)
      const x = reals(columns, inner * columns)
      const { rowPointers, columnIndices, values } = matrix
      const given = [rowPointers, columnIndices, values, x, output(rows * columns, columns)]
      const [out] = callKernel('spmm', [...given, columns, 1, 0, 0, 0, 0, 0, 0], 0, rows)
      const full = new Float32Array(rows * columns)
      for (let row = 0; row < rows; row++) {
        for (let entry = rowPointers[row]; entry < rowPointers[row + 1]; entry++) {
          for (let c = 0; c < columns; c++) {
            full[row * columns + c] += Math.fround(
              values[entry] * x[columnIndices[entry] * columns + c],
            )
          }
        }
      }
      expect(out).toEqual(Float64Array.from(full))
    },
  )

  it('computes the rows that are asked for, skipping rows of x that are known to be zeros', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(11), { minLength: 1, maxLength: 20 }),
        fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }),
        cases.columns,
        seeds,
        (selected, isKept, columns, seed) => {
          const [rows, inner] = [12, 9]
          const { rowPointers, columnIndices, values } = sparse(seed, rows, inner, 3, reals)
          const x = reals(seed + 2, inner * columns)
          x.forEach((_, place) => {
            if (!isKept[Math.floor(place / columns)]) x[place] = 0
          })
          const base = reals(seed + 3, rows * columns)
          const product = (out: readonly number[], ...part: (Int32Array | number)[]) =>
            callKernel(
              'spmm',
              [
                rowPointers,
                columnIndices,
                values,
                x,
                output(out.length * columns, columns),
                columns,
                0.5,
                base,
                -0.25,
                0,
                0,
                ...part,
              ],
              0,
              out.length,
            )[0]
          const full = product([...Array(rows).keys()], 0, 0)
          const flags = Int32Array.from(isKept, Number)
          const part = product(selected, Int32Array.from(selected), flags)
          const expected = selected.flatMap((row) => [
            ...full.subarray(row * columns, (row + 1) * columns),
          ])
          expect(part).toEqual(Float64Array.from(expected))
        },
      ),
    )
  })
})
