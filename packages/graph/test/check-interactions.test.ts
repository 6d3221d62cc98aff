import {
  checkInteractions,
  createSplit,
  fromColumns,
  fromRecords,
  type InteractionTable,
  InvalidInteractionsError,
  selectRows,
} from '@gnnrec/graph'
import { invalidValueReason } from '@gnnrec/graph/files'
import { describe, expect, it } from 'vitest'

const largest = 2 ** 53 - 1
const table = fromRecords([
  { user: 'a', item: 1, rating: 1, timestamp: 10 },
  { user: 'b', item: 2, rating: 2, timestamp: 20 },
])

describe('invalidValueReason', () => {
  it('lets all values through that the columns hold', () => {
    const single = (2 - 2 ** -23) * 2 ** 127
    for (const value of [0, -0, 3.3, 5e-324, single, -single]) {
      expect(invalidValueReason('rating', value)).toBeUndefined()
    }
    for (const value of [0, -62135596800, 1.5, largest, -largest]) {
      expect(invalidValueReason('timestamp', value)).toBeUndefined()
    }
  })

  it.each([1e39, -1e39, 3.5e38])('refuses the rating %d', (value) => {
    expect(invalidValueReason('rating', value)).toContain('below 3.4e38')
  })

  it.each([2 ** 53, -(2 ** 53), 1577836800123456800, 1e300, 2n ** 53n])(
    'refuses the timestamp %d',
    (value) => {
      expect(invalidValueReason('timestamp', value)).toContain('to 9007199254740991')
    },
  )

  it('lets weights above 0 through', () => {
    for (const value of [1, 0.5, 1e-45, 3.4e38]) {
      expect(invalidValueReason('weight', value)).toBeUndefined()
    }
  })

  it.each([
    [0, 'above 0'],
    [-0, 'above 0'],
    [-2, 'above 0'],
    [1e-46, 'above 1.4e-45'],
    [1e39, 'below 3.4e38'],
    [Number.NaN, 'a finite number'],
    ['3', 'a finite number'],
  ])('refuses the weight %s', (value, message) => {
    expect(invalidValueReason('weight', value)).toContain(message)
  })

  it.each([Number.NaN, Infinity, '5', null, undefined, 5n, true, new Date(0)])(
    'refuses %s, which is not a finite number',
    (value) => {
      expect(invalidValueReason('rating', value)).toBe('expected a finite number')
      expect(invalidValueReason('timestamp', value)).toBe('expected a finite number')
    },
  )
})

describe('a rating or timestamp that does not fit', () => {
  it('is named by fromRecords and fromColumns', () => {
    const records = (rating: number, timestamp: number) => [
      { user: 1, item: 1, rating: 1, timestamp: 1 },
      { user: 1, item: 2, rating, timestamp },
    ]
    expect(() => fromRecords(records(1e39, 1))).toThrow(/Row 1 has the rating 1e\+39; expected/)
    expect(() => fromRecords(records(1, 2 ** 53))).toThrow(
      /Row 1 has the timestamp 9007199254740992; expected/,
    )
    expect(() => fromColumns({ user: [1], item: [1], rating: [-1e39] })).toThrow(
      /Row 0 has the rating -1e\+39; expected/,
    )
  })

  it.each<[Partial<InteractionTable>, RegExp]>([
    [{ rating: Float32Array.of(1, Infinity) }, /Row 1 of the test part has the rating Infinity/],
    [{ timestamp: Float64Array.of(Number.NaN, 1) }, /Row 0 of the test part has the timestamp NaN/],
    [{ timestamp: Float64Array.of(1, 1e300) }, /Row 1 of the test part has the timestamp 1e\+300/],
    [{ userIndex: Int32Array.of(0, 2) }, /Row 1 of the test part has the user index 2/],
    [{ itemIndex: Int32Array.of(-1, 0) }, /Row 0 of the test part has the item index -1/],
    [{ itemIndex: Int32Array.of(0) }, /'itemIndex' of the test part has 1 rows, 'userIndex' has 2/],
    [{ rating: new Float32Array() }, /'rating' of the test part has 0 rows/],
    [{ weight: Float32Array.of(1) }, /'weight' of the test part has 1 rows/],
    [
      { weight: Float32Array.of(1, 0) },
      /Row 1 of the test part has the weight 0; expected .* above/,
    ],
  ])('is named in a table that was put together by hand (%j)', (columns, message) => {
    const train = selectRows(table, [0])
    const test = { ...table, ...columns }
    const method = { name: 'by hand' }
    const split = () => createSplit({ train, validation: selectRows(table, []), test, method })
    expect(split).toThrow(InvalidInteractionsError)
    expect(split).toThrow(message)
    expect(() => checkInteractions(test)).toThrow(
      new RegExp(message.source.replace('the test part', 'the table')),
    )
  })
})
