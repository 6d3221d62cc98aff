import { fromRecords } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import { dropDuplicates, filterMinInteractions, filterOnePass } from '../src/index.js'
import { numberedTable, numbers, rowsOf } from './support/index.js'

const timeless = fromRecords([{ user: 1, item: 1 }])

describe('dropDuplicates', () => {
  const table = numberedTable([
    [1, 1, 5],
    [1, 1, 9],
    [1, 2, 1],
    [1, 1, 9],
    [1, 1, 5],
  ])

  it.each([
    ['first', [0, 2]],
    ['last', [2, 4]],
    ['earliest', [0, 2]],
    ['latest', [2, 3]],
  ] as const)('keeps the %s', (keep, rows) => {
    expect(numbers(dropDuplicates(table, { keep }))).toEqual(rows)
  })

  it('needs timestamps for what is earliest', () => {
    expect(() => dropDuplicates(timeless, { keep: 'latest' })).toThrow('without timestamps')
    expect(() => dropDuplicates(table, { keep: 'none' as 'last' })).toThrow('keep: got "none"')
  })
})

it('filterOnePass is one pass of filterMinInteractions', () => {
  const table = numberedTable([
    [0, 100, 0],
    [1, 101, 0],
    [2, 102, 0],
    [0, 101, 0],
    [1, 102, 0],
  ])
  const minimum = { minPerUser: 2, minPerItem: 2 }
  expect(numbers(filterOnePass(table, minimum))).toEqual([1, 3])
  const once = filterMinInteractions(table, { ...minimum, iterate: false })
  expect(rowsOf(once)).toEqual(rowsOf(filterOnePass(table, minimum)))
  expect(() => filterOnePass(table, { iterate: true } as object)).toThrow('iterate')
})
