import { fromRecords, type InteractionTable, type Split } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kFold, lintSplit, rollingWindows, temporalSplit } from '../../src/index.js'
import { numberedTable, numbers, partsOf, smallTables } from '../support/index.js'

const users = (table: InteractionTable) => new Set(table.userIndex)
const large = numberedTable(
  Array.from({ length: 400 }, (_, row) => [row % 20, (row * 7) % 41, row] as const),
)
const timeless = fromRecords([{ user: 1, item: 1 }])

describe('kFold', () => {
  it.each([
    ['user', true],
    ['user', false],
    ['global', true],
    ['global', false],
  ] as const)('tests on every row once, in folds of equal size (%s, %s)', (scope, validation) => {
    const folds = kFold(large, { folds: 4, scope, validation, seed: 2 })
    const tested = folds.flatMap(({ test }) => numbers(test)).sort((a, b) => a - b)
    expect(tested).toEqual(Array.from(tested.keys()))
    for (const [fold, split] of folds.entries()) {
      expect(partsOf(split).map((rows) => rows.length)).toEqual(
        validation ? [200, 100, 100] : [300, 0, 100],
      )
      expect(split.method).toMatchObject({ name: 'k-fold', settings: { fold, folds: 4 } })
      if (validation) expect(numbers(split.validation)).toEqual(numbers(folds[(fold + 1) % 4].test))
    }
  })

  it('keeps every row in one part, and a row of every user in training', () => {
    fc.assert(
      fc.property(smallTables, fc.integer({ min: 3, max: 6 }), (table, count) => {
        for (const split of kFold(table, { folds: count })) {
          const all = partsOf(split).flat()
          expect(all.sort((a, b) => a - b)).toEqual(Array.from(all.keys()))
          expect(users(split.train).size).toBe(table.users.size)
        }
      }),
    )
  })

  it('depends only on the seed', () => {
    const hashes = (seed?: number) =>
      kFold(large, seed === undefined ? {} : { seed }).map(({ hash }) => hash)
    expect(hashes()).toEqual(hashes(0))
    expect(new Set([...hashes(0), ...hashes(1)]).size).toBe(10)
  })

  it.each([
    [{ folds: 1 }, 'folds: got 1'],
    [{ folds: 2 }, 'folds: got 2; expected 3 or more, or validation: false'],
    [{ fold: 2 }, "did you mean 'folds'"],
  ])('rejects %j', (options, message) => {
    expect(() => kFold(large, options as object)).toThrow(message)
  })
})

describe('rollingWindows', () => {
  const table = numberedTable(Array.from({ length: 10 }, (_, row) => [row % 2, row, row] as const))

  it('moves by the duration of the test part', () => {
    const found = rollingWindows(table, { windows: 3, testFor: 2, validationFor: 1 })
    expect(found.map(partsOf)).toEqual([
      [[0, 1], [2], [3, 4]],
      [[0, 1, 2, 3], [4], [5, 6]],
      [[0, 1, 2, 3, 4, 5], [6], [7, 8, 9]],
    ])
    expect(found[1].method).toMatchObject({
      name: 'rolling-window',
      settings: { window: 1, validationFrom: 4, testFrom: 5, testTo: 7 },
    })
    expect(new Set(found.map(({ hash }) => hash)).size).toBe(3)
    for (const split of found) {
      expect(lintSplit(split).filter(({ code }) => code === 'LEAK003')).toEqual([])
    }
  })

  it('trains on a limited duration and moves by its own step', () => {
    const found = rollingWindows(table, { windows: 2, testFor: 2, trainFor: 3, every: 1 })
    expect(found.map(partsOf)).toEqual([
      [[3, 4, 5], [], [6, 7]],
      [[4, 5, 6], [], [7, 8, 9]],
    ])
  })

  it('never tests on rows that are earlier than training rows', () => {
    fc.assert(
      fc.property(smallTables, fc.integer({ min: 1, max: 8 }), (source, testFor) => {
        let found: Split[] = []
        try {
          found = rollingWindows(source, { windows: 2, testFor, validationFor: 1 })
        } catch (error) {
          expect((error as Error).message).toMatch(/^Window [01] of 2 has no rows for/)
        }
        for (const { train, validation, test } of found) {
          const [a, b, c] = [train, validation, test].map(({ timestamp }) => Array.from(timestamp!))
          expect(Math.max(...a)).toBeLessThan(Math.min(...b, ...c))
          expect(Math.max(...a, ...b)).toBeLessThan(Math.min(...c))
        }
      }),
    )
  })

  it.each<[object, string]>([
    [{ windows: 9, testFor: 2 }, 'Window 0 of 9 has no rows for training'],
    [{ windows: 0, testFor: 1 }, 'windows: got 0'],
    [{ windows: 1 }, 'testFor: got undefined'],
  ])('rejects %j', (options, message) => {
    expect(() => rollingWindows(table, options as never)).toThrow(message)
  })

  it('rejects a table without timestamps', () => {
    expect(() => rollingWindows(timeless, { windows: 1, testFor: 1 })).toThrow('without timestamps')
  })
})

describe('temporalSplit at moments', () => {
  it('cuts all rows at the moments', () => {
    const split = temporalSplit(large, { scope: 'global', at: [100, 250.5] })
    expect(partsOf(split).map((rows) => [rows[0], rows.at(-1)])).toEqual([
      [0, 99],
      [100, 250],
      [251, 399],
    ])
    expect(split.method).toEqual({
      name: 'temporal',
      settings: { scope: 'global', at: [100, 250.5] },
    })
    expect(lintSplit(split).filter(({ code }) => code === 'LEAK007')).toEqual([])
  })

  it.each<[object, string]>([
    [{ at: [1, 2] }, "expected scope: 'global' when at is given"],
    [{ at: [2, 1], scope: 'global' }, 'expected two ascending moments'],
    [{ at: [1, 2], scope: 'global', ratios: [0.7, 0.1, 0.2] }, 'not both'],
  ])('rejects %j', (options, message) => {
    expect(() => temporalSplit(large, options)).toThrow(message)
  })
})
