import { fromRecords } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import { dropDuplicates, filterMinInteractions } from '../src/index.js'
import { numberedTable, numbers } from './support/index.js'

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

  it('adds up weights, or rows of tables without weights', () => {
    const weight = Float32Array.of(0.5, 2, 3, 4, 1)
    const kept = (options: object) => [
      ...(dropDuplicates({ ...table, weight }, options).weight ?? []),
    ]
    expect(kept({})).toEqual([0.5, 3])
    expect(kept({ keep: 'latest' })).toEqual([3, 4])
    expect(kept({ weight: 'sum' })).toEqual([7.5, 3])
    expect(kept({ weight: 'sum', keep: 'latest' })).toEqual([3, 7.5])
    expect([...(dropDuplicates(table, { weight: 'sum' }).weight ?? [])]).toEqual([4, 1])
    expect(dropDuplicates(table)).not.toHaveProperty('weight')
  })

  it('needs timestamps for what is earliest', () => {
    expect(() => dropDuplicates(timeless, { keep: 'latest' })).toThrow('without timestamps')
    expect(() => dropDuplicates(table, { keep: 'none' as 'last' })).toThrow('keep: got "none"')
  })
})

it('filterMinInteractions drops users and then items once with iterate: false', () => {
  const table = numberedTable([
    [0, 100, 0],
    [1, 101, 0],
    [2, 102, 0],
    [0, 101, 0],
    [1, 102, 0],
  ])
  const once = filterMinInteractions(table, { minPerUser: 2, minPerItem: 2, iterate: false })
  expect(numbers(once)).toEqual([1, 3])
})
