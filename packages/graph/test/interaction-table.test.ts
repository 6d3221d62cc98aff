import {
  fromColumns,
  fromRecords,
  InvalidInteractionsError,
  rowCount,
  ShapeMismatchError,
  selectRows,
} from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'

describe('fromRecords', () => {
  it('keeps the order of rows and gives indices in the order of ids', () => {
    const table = fromRecords([
      { user: 'zoe', item: 30, rating: 4, timestamp: 7 },
      { user: 'ann', item: 4, rating: 2.5, timestamp: 1.6e12 },
      { user: 'zoe', item: 4, rating: 1, timestamp: 0 },
    ])
    expect(table.users.ids).toEqual(['ann', 'zoe'])
    expect(table.items.ids).toEqual([4, 30])
    expect([...table.userIndex]).toEqual([1, 0, 1])
    expect([...table.itemIndex]).toEqual([1, 0, 0])
    expect([...table.rating!]).toEqual([4, 2.5, 1])
    expect([...table.timestamp!]).toEqual([7, 1.6e12, 0])
    expect(rowCount(table)).toBe(3)
  })

  it('has no rating or timestamp column when no record has one', () => {
    const table = fromRecords([{ user: 1, item: 2, rating: undefined }])
    expect(table).not.toHaveProperty('rating')
    expect(table).not.toHaveProperty('timestamp')
  })

  it('makes an empty table of no records', () => {
    const table = fromRecords([])
    expect(rowCount(table)).toBe(0)
    expect(table.users.size).toBe(0)
  })

  it('turns bigint ids into strings', () => {
    const table = fromRecords([{ user: 2n ** 70n, item: 1 }])
    expect(table.users.ids).toEqual(['1180591620717411303424'])
  })

  it('names the record that has no user or item', () => {
    const broken = [{ user: 1, item: 1 }, { user: 2n }] as never
    expect(() => fromRecords(broken)).toThrow(/Record 1 is \{"user":"2n"\}/)
    expect(() => fromRecords([null] as never)).toThrow(/Record 0 is null/)
    expect(() => fromRecords(['a,b'] as never)).toThrow(InvalidInteractionsError)
  })

  it('names the record at which ratings or timestamps stop being complete', () => {
    const some = [
      { user: 1, item: 1, rating: 1 },
      { user: 1, item: 2 },
      { user: 1, item: 3 },
    ]
    expect(() => fromRecords(some)).toThrow(/up to number 1, 1 have a rating and 1 have none/)
    const late = [
      { user: 1, item: 1 },
      { user: 1, item: 2, timestamp: 5 },
    ]
    expect(() => fromRecords(late)).toThrow(/up to number 1, 1 have a timestamp/)
  })

  it('names the row of a rating or timestamp that is not finite', () => {
    const rows = (rating: number) => [
      { user: 1, item: 1, rating: 1 },
      { user: 1, item: 2, rating },
    ]
    expect(() => fromRecords(rows(Number.NaN))).toThrow(/Row 1 has the rating NaN/)
    const text = [{ user: 1, item: 1, timestamp: '2020' }] as never
    expect(() => fromRecords(text)).toThrow(/Row 0 has the timestamp "2020"/)
  })

  it.each([
    ['5', '"5"'],
    [Object.create(null), '{}'],
    [Symbol('five'), 'Symbol(five)'],
  ])('names the row and shows the value of a rating or time of another type: %o', (value, text) => {
    for (const field of ['rating', 'timestamp']) {
      expect(() => fromRecords([{ user: 1, item: 1, [field]: value }])).toThrow(
        `Row 0 has the ${field} ${text}; expected a finite number`,
      )
    }
  })

  it('shows an id that has no text', () => {
    expect(() => fromRecords([{ user: Object.create(null), item: 1 }])).toThrow(
      'Row 0 has the user id {} (object); ids are strings or safe integers',
    )
  })

  it('names the row of an id that is broken or of another type', () => {
    const at = (user: unknown) =>
      fromRecords([
        { user: 1, item: 1 },
        { user, item: 1 },
      ] as never)
    expect(() => at(1.5)).toThrow(/Row 1 has the user id 1.5/)
    expect(() => at(2 ** 53)).toThrow(/Turn larger integers into strings/)
    expect(() => at('1')).toThrow(
      /Row 1 has the user id "1" \(string\), the rows before it have numbers/,
    )
    expect(() => at({})).toThrow(InvalidInteractionsError)
    const items = [{ user: 1, item: true }] as never
    expect(() => fromRecords(items)).toThrow(/Row 0 has the item id true/)
  })
})

describe('fromColumns', () => {
  it('equals fromRecords', () => {
    const columns = fromColumns({ user: [3, 1], item: ['x', 'y'], rating: [1, 2] })
    const records = fromRecords([
      { user: 3, item: 'x', rating: 1 },
      { user: 1, item: 'y', rating: 2 },
    ])
    expect(columns).toEqual(records)
  })

  it('rejects columns of different lengths', () => {
    expect(() => fromColumns({ user: [1, 2], item: [1] })).toThrow(ShapeMismatchError)
    expect(() => fromColumns({ user: [1], item: [1], rating: [] })).toThrow(/'rating' has 0 rows/)
  })

  it('rejects one array for two columns', () => {
    const ids = [1, 2]
    expect(() => fromColumns({ user: ids, item: ids })).toThrow(
      /Columns 'user' and 'item' are the same array/,
    )
    expect(() => fromColumns({ user: [1, 2], item: [3, 4], rating: ids, timestamp: ids })).toThrow(
      /Columns 'rating' and 'timestamp' are the same array/,
    )
    expect(fromColumns({ user: ids, item: [...ids] }).users.ids).toEqual([1, 2])
  })
})

describe('selectRows', () => {
  const table = fromRecords([
    { user: 'a', item: 1, rating: 1, timestamp: 10 },
    { user: 'b', item: 2, rating: 2, timestamp: 20 },
    { user: 'c', item: 3, rating: 3, timestamp: 30 },
  ])

  it('takes rows of all columns in the order asked for and shares the id maps', () => {
    const part = selectRows(table, [2, 0])
    expect(part.users).toBe(table.users)
    expect(part.items).toBe(table.items)
    expect([...part.userIndex]).toEqual([2, 0])
    expect([...part.rating!]).toEqual([3, 1])
    expect([...part.timestamp!]).toEqual([30, 10])
  })

  it('shrinks the id maps on request', () => {
    const part = selectRows(table, [2, 0], { reindex: true })
    expect(part.users.ids).toEqual(['a', 'c'])
    expect([...part.userIndex]).toEqual([1, 0])
    expect([...part.itemIndex]).toEqual([1, 0])
    expect([...table.userIndex]).toEqual([0, 1, 2])
  })

  it('rejects positions that are no rows', () => {
    for (const row of [-1, 3, 0.5, Number.NaN]) {
      expect(() => selectRows(table, [0, row])).toThrow(InvalidInteractionsError)
    }
  })
})
