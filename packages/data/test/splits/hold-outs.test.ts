import { fromRecords, type InteractionTable, rowCount } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { holdOutItems, holdOutUsers, lintSplit } from '../../src/index.js'
import { numberedTable, numbers, partsOf, rowsOf, smallTables } from '../support/index.js'

const users = (table: InteractionTable) => new Set(table.userIndex)
const large = numberedTable(
  Array.from({ length: 400 }, (_, row) => [row % 20, (row * 7) % 41, row] as const),
)

describe('holdOutUsers', () => {
  it('puts each user into one part', () => {
    fc.assert(
      fc.property(
        smallTables,
        fc.constantFrom('random', 'first-seen'),
        fc.nat(),
        (table, order, seed) => {
          const split = holdOutUsers(table, {
            order: order as 'random',
            seed,
            ratios: [0.5, 0.2, 0.3],
          })
          const owners = [split.train, split.validation, split.test].map(users)
          expect(owners.reduce((sum, { size }) => sum + size, 0)).toBe(table.users.size)
          expect(new Set(owners.flatMap((set) => [...set])).size).toBe(table.users.size)
          const { validation, test } = split.history
          const all = [...partsOf(split).flat(), ...numbers(validation), ...numbers(test)]
          expect(all.sort((a, b) => a - b)).toEqual(Array.from(all.keys()))
          for (const user of users(validation)) expect(owners[1]).toContain(user)
          for (const user of users(test)) expect(owners[2]).toContain(user)
        },
      ),
    )
  })

  it('puts the earliest rows of a held-out user into the history and the others into its part', () => {
    const split = holdOutUsers(large, { history: 0.75 })
    for (const user of users(split.test)) {
      const times = (table: InteractionTable) =>
        Array.from(table.timestamp!).filter((_, row) => table.userIndex[row] === user)
      expect(times(split.history.test)).toHaveLength(15)
      expect(times(split.test)).toHaveLength(5)
      expect(Math.max(...times(split.history.test))).toBeLessThan(Math.min(...times(split.test)))
    }
    expect(rowCount(holdOutUsers(large, { history: 0 }).history.test)).toBe(0)
  })

  it('holds out the users who appear last', () => {
    const table = numberedTable([
      [7, 1, 5],
      [3, 1, 9],
      [5, 1, 1],
      [3, 2, 2],
    ])
    const split = holdOutUsers(table, { order: 'first-seen', ratios: [0.4, 0.3, 0.3], history: 0 })
    expect(partsOf(split)).toEqual([[2], [1, 3], [0]])
  })

  it('gives no findings in lintSplit, because its test users are new by design', () => {
    expect(lintSplit(holdOutUsers(large)).filter(({ code }) => code === 'LEAK004')).toEqual([])
  })

  it('works without timestamps, except in the order of time', () => {
    const table = fromRecords(rowsOf(large).map(([user, item]) => ({ user, item })))
    expect(holdOutUsers(table, { seed: 1 }).hash).toBe(holdOutUsers(table, { seed: 1 }).hash)
    expect(() => holdOutUsers(table, { order: 'first-seen' })).toThrow(
      "holdOutUsers got a table without timestamps for order: 'first-seen'",
    )
  })

  it('rejects a history of all rows', () => {
    expect(() => holdOutUsers(large, { history: 1 })).toThrow('history: got 1')
  })
})

describe('holdOutItems', () => {
  it('puts each item into one part with all its rows', () => {
    fc.assert(
      fc.property(smallTables, fc.nat(), (table, seed) => {
        const split = holdOutItems(table, { seed, ratios: [0.6, 0.2, 0.2] })
        const all = partsOf(split).flat()
        expect(all.sort((a, b) => a - b)).toEqual(Array.from(all.keys()))
        const owners = (['train', 'validation', 'test'] as const).map(
          (part) => new Set(split[part].itemIndex),
        )
        expect(owners.reduce((sum, { size }) => sum + size, 0)).toBe(table.items.size)
      }),
      { numRuns: 50 },
    )
  })

  it('holds out the items that appear last', () => {
    const split = holdOutItems(large, { order: 'first-seen' })
    const first = (item: number) =>
      Math.min(...Array.from(large.timestamp!).filter((_, row) => large.itemIndex[row] === item))
    const latest = Math.max(...Array.from(new Set(split.train.itemIndex), first))
    for (const item of new Set(split.test.itemIndex)) expect(first(item)).toBeGreaterThan(latest)
    expect(lintSplit(split).map(({ code }) => code)).not.toContain('LEAK005')
  })
})
