import { fromRecords, rowCount } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { givenSplit, temporalSplit } from '../../src/index.js'
import { rowsOf, smallTables } from '../support/index.js'

describe('givenSplit', () => {
  const train = fromRecords([
    { user: 'b', item: 1, rating: 3 },
    { user: 'a', item: 2, rating: 4 },
  ])
  const test = fromRecords([{ user: 'c', item: 1, rating: 5 }])

  it('joins parts by their ids', () => {
    const split = givenSplit({ train, test })
    expect(split.train.users.ids).toEqual(['a', 'b', 'c'])
    expect(rowsOf(split.train)).toEqual(rowsOf(train))
    expect(rowsOf(split.test)).toEqual(rowsOf(test))
    expect([rowCount(split.validation), split.method.name]).toEqual([0, 'given'])
    expect(split.train.items).toBe(split.test.items)
  })

  it('drops ratings unless all parts have them', () => {
    const split = givenSplit({ train, test: fromRecords([{ user: 'c', item: 1 }]) })
    expect(split.train).not.toHaveProperty('rating')
  })

  it('restores a split from its parts', () => {
    fc.assert(
      fc.property(smallTables, (table) => {
        const split = temporalSplit(table)
        const { train, validation, test } = split
        const joined = givenSplit({ train, validation, test })
        expect(joined.hash).toBe(split.hash)
      }),
    )
  })

  it('reports ids that are numbers in one part and strings in another', () => {
    const other = fromRecords([{ user: 'c', item: '01', rating: 1 }])
    expect(() => givenSplit({ train, test: other as never })).toThrow(
      'The items of test are strings ("01"), those of train are numbers (1), so no ids would match. Read all parts with idType: \'string\'.',
    )
  })
})
