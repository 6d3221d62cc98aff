import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callKernel, untouched } from '../support/call-kernel.js'
import { ranges } from '../support/ranges.js'

interface Ranked {
  readonly items: number[]
  readonly tied: number
}

/** By sorting everything. */
function reference(scores: ArrayLike<number>, k: number, masked: readonly number[]): Ranked {
  const order = Array.from(scores, (_, item) => item)
    .filter((item) => !masked.includes(item))
    .sort((a, b) => scores[b] - scores[a] || a - b)
  const items = order.slice(0, k)
  const last = scores[items.at(-1) ?? 0]
  return { items, tied: order.slice(k).filter((item) => scores[item] === last).length }
}

function topRows(
  rows: readonly Float32Array[],
  masks: readonly (readonly number[])[],
  k: number,
  [start, end]: readonly [number, number],
): { lists: (Ranked | { broken: number } | undefined)[] } {
  const columns = rows[0].length
  const places = Math.min(columns, 4 * k + 64)
  const pointers = [0]
  for (const mask of masks) pointers.push(pointers[pointers.length - 1] + mask.length)
  const scores = Float32Array.from(rows.flatMap((row) => [...row]))
  const int = (width: number) => ({
    before: new Int32Array(rows.length * width).fill(untouched),
    stride: width,
  })
  const float = (width: number) => ({
    before: new Float32Array(rows.length * width).fill(untouched),
    stride: width,
  })
  const [, , , items, values, lengths] = callKernel(
    'topRows',
    [
      { before: scores, stride: columns },
      columns,
      Int32Array.from(pointers),
      Int32Array.from([...masks.flat(), 0]),
      k,
      places,
      int(places),
      float(places),
      int(k),
      float(k),
      int(2),
    ],
    start,
    end,
  )
  const lists = rows.map((row, r) => {
    const [length, tied] = [lengths[2 * r], lengths[2 * r + 1]]
    if (length === untouched) return undefined
    if (length === -1) return { broken: tied }
    const own = Array.from(items.subarray(r * k, r * k + length))
    expect(Array.from(values.subarray(r * k, r * k + length))).toEqual(own.map((item) => row[item]))
    return { items: own, tied }
  })
  return { lists }
}

const fewValues = fc.constantFrom(-1, 0, 1, 2, 5)
const manyValues = fc.float({ noNaN: true, noDefaultInfinity: true })

describe('topRows', () => {
  it('equals a full sort, ties and masks included, on any part of the rows', () => {
    const cases = fc
      .record({
        range: ranges(4),
        columns: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 300, max: 600 })),
        value: fc.constantFrom(fewValues, manyValues),
      })
      .chain(({ range, columns, value }) => {
        const row = fc.array(value, { minLength: columns, maxLength: columns })
        const mask = fc.oneof(
          fc.uniqueArray(fc.nat(columns - 1), { maxLength: 20 }),
          fc.constant(Array.from({ length: columns - 1 }, (_, item) => item)),
        )
        const count = { minLength: range.count, maxLength: range.count }
        return fc.record({
          range: fc.constant(range),
          rows: fc.array(row, count),
          masks: fc.array(mask, count),
          k: fc.oneof(fc.integer({ min: 1, max: columns }), fc.constant(Math.min(3, columns))),
        })
      })
    fc.assert(
      fc.property(cases, ({ range: { start, end, count }, rows, masks, k }) => {
        if (count === 0) return
        const given = rows.map((row) => Float32Array.from(row))
        const ascending = masks.map((mask) => [...mask].sort((a, b) => a - b))
        const { lists } = topRows(given, ascending, k, [start, end])
        const expected = given.map((row, r) =>
          r >= start && r < end ? reference(row, k, ascending[r]) : undefined,
        )
        expect(lists).toEqual(expected)
      }),
      { numRuns: 150 },
    )
  })

  it('names the item whose score is NaN, unless it is masked', () => {
    for (const at of [0, 17, 399, 411]) {
      const row = Float32Array.from({ length: 412 }, (_, item) => (item * 31) % 57)
      row[at] = Number.NaN
      expect(topRows([row], [[]], 3, [0, 1]).lists).toEqual([{ broken: at }])
      const { lists } = topRows([row], [[at]], 3, [0, 1])
      expect(lists).toEqual([reference(row, 3, [at])])
    }
  })
})
