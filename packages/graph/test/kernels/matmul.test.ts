import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callKernel, output, written } from '../support/call-kernel.js'
import { quarters } from '../support/numbers.js'
import { ranges, seeds } from '../support/ranges.js'

const sizes = fc.integer({ min: 1, max: 21 })

/** Columns in panels of 8, zero where there are none. */
function packedPanels(
  at: (k: number, c: number) => number,
  inner: number,
  columns: number,
): Float32Array {
  const panels = Math.ceil(columns / 8)
  return Float32Array.from({ length: panels * inner * 8 }, (_, i) => {
    const [panel, k, c] = [Math.floor(i / (8 * inner)), Math.floor(i / 8) % inner, i % 8]
    return panel * 8 + c < columns ? at(k, panel * 8 + c) : 0
  })
}

describe('packPanels and matmulPacked', () => {
  it('packs either form of B, on any part of the panels', () => {
    fc.assert(
      fc.property(sizes, sizes, fc.boolean(), seeds, (inner, columns, transposed, seed) => {
        const b = quarters(seed, inner * columns)
        const at = (k: number, c: number) => (transposed ? b[c * inner + k] : b[k * columns + c])
        const panels = Math.ceil(columns / 8)
        const stride = inner * 8
        const full = packedPanels(at, inner, columns)
        for (const [start, end] of [
          [0, panels],
          [panels - 1, panels],
          [0, 0],
        ]) {
          const given = [b, inner, columns, transposed ? 1 : 0, output(panels * stride, stride)]
          const [packed] = callKernel('packPanels', given, start, end)
          expect(packed).toEqual(written(full, start, end, stride))
        }
      }),
    )
  })

  it('multiplies any part of the rows of A', () => {
    fc.assert(
      fc.property(
        ranges(18),
        sizes,
        fc.integer({ min: 1, max: 70 }),
        seeds,
        ({ count: rows, start, end }, inner, columns, seed) => {
          const a = quarters(seed, rows * inner)
          const b = quarters(seed + 1, inner * columns)
          const packed = packedPanels((k, c) => b[k * columns + c], inner, columns)
          const out = output(rows * columns, columns)
          const given = [a, packed, inner, columns, out]
          const [product] = callKernel('matmulPacked', given, start, end)
          const full = Float64Array.from({ length: rows * columns }, (_, i) => {
            const [r, c] = [Math.floor(i / columns), i % columns]
            let sum = 0
            for (let k = 0; k < inner; k++) sum += a[r * inner + k] * b[k * columns + c]
            return sum
          })
          expect(product.map((v) => v + 0)).toEqual(
            written(full, start, end, columns).map((v) => v + 0),
          )
        },
      ),
    )
  })
})

describe('blockOuterSum', () => {
  const blockLength = 2048

  it('sums the outer products of the rows of each block, and keeps to its blocks', () => {
    const lengths = fc.integer({ min: 1, max: 2 * blockLength + 70 })
    fc.assert(
      fc.property(lengths, sizes, sizes, seeds, (inner, rows, columns, seed) => {
        const a = quarters(seed, inner * rows)
        const b = quarters(seed + 1, inner * columns)
        const blocks = Math.ceil(inner / blockLength)
        const size = rows * columns
        const full = new Float64Array(blocks * size)
        for (let k = 0; k < inner; k++) {
          const block = Math.floor(k / blockLength)
          for (let i = 0; i < size; i++) {
            const [r, c] = [Math.floor(i / columns), i % columns]
            full[block * size + i] += a[k * rows + r] * b[k * columns + c]
          }
        }
        for (const [start, end] of [
          [0, blocks],
          [blocks - 1, blocks],
          [0, 0],
        ]) {
          const given = [a, b, inner, rows, columns, output(blocks * size, size)]
          const [partials] = callKernel('blockOuterSum', given, start, end)
          expect(partials.map((v) => v + 0)).toEqual(
            written(full, start, end, size).map((v) => v + 0),
          )
        }
      }),
      { numRuns: 30 },
    )
  })
})
