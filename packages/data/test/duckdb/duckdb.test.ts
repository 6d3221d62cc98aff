import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fromRecords, type InteractionTable } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DuckDb } from '../../src/duckdb.js'
import {
  describeTable,
  dropDuplicates,
  filterMinInteractions,
  filterRating,
  leaveLastOut,
  temporalSplit,
} from '../../src/index.js'
import { awkwardTables, outcome, useDuckDb } from '../support/duckdb.js'
import { rowsOf, temporaryFolder } from '../support/index.js'

const held = useDuckDb()

const runs = { numRuns: 8 }

describe('DuckDb gives the same results as memory', () => {
  it('for tables', async () => {
    await fc.assert(
      fc.asyncProperty(awkwardTables, async (table) => {
        expect(await held.db.toTable(await held.db.fromTable(table))).toEqual(table)
      }),
      runs,
    )
  })

  it.each(['first', 'last', 'earliest', 'latest'] as const)(
    'for dropDuplicates, the %s',
    async (keep) => {
      await fc.assert(
        fc.asyncProperty(awkwardTables, async (table) => {
          const distinct = await held.db.dropDuplicates(await held.db.fromTable(table), { keep })
          expect(await held.db.toTable(distinct)).toEqual(dropDuplicates(table, { keep }))
          const options = { keep, weight: 'sum' } as const
          const summed = await held.db.dropDuplicates(await held.db.fromTable(table), options)
          expect(await held.db.toTable(summed)).toEqual(dropDuplicates(table, options))
        }),
        runs,
      )
    },
  )

  it('for sums of weights that are too large', async () => {
    const record = { user: 1, item: 'x"', weight: 3e38 }
    const table = fromRecords([record, { ...record, item: 'y' }, record])
    const error = { code: 'INVALID_INTERACTIONS', message: expect.stringContaining('add up to') }
    const stored = await held.db.fromTable(table)
    await expect(held.db.dropDuplicates(stored, { weight: 'sum' })).rejects.toMatchObject(error)
    expect(() => dropDuplicates(table, { weight: 'sum' })).toThrow('add up to')
  })

  it('for filterRating', async () => {
    const options = fc.record({
      atLeast: fc.constantFrom(-1, 1, 3.3, 6),
      implicitRating: fc.option(fc.constantFrom(0, 3.3), { nil: undefined }),
    })
    await fc.assert(
      fc.asyncProperty(awkwardTables, options, async (table, given) => {
        const stored = await held.db.fromTable(table)
        const found = await outcome(async () =>
          held.db.toTable(await held.db.filterRating(stored, given)),
        )
        expect(found).toEqual(await outcome(() => filterRating(table, given)))
      }),
      runs,
    )
  })

  it.each([true, false])('for filterMinInteractions (iterate: %s)', async (iterate) => {
    const least = fc.integer({ min: 1, max: 4 })
    await fc.assert(
      fc.asyncProperty(awkwardTables, least, least, async (table, minPerUser, minPerItem) => {
        const options = { minPerUser, minPerItem, iterate }
        const stored = await held.db.fromTable(table)
        const found = await outcome(async () =>
          held.db.toTable(await held.db.filterMinInteractions(stored, options)),
        )
        expect(found).toEqual(await outcome(() => filterMinInteractions(table, options)))
      }),
      runs,
    )
  })

  it('for describeTable', async () => {
    await fc.assert(
      fc.asyncProperty(awkwardTables, async (table) => {
        const { averageRating, ...found } = await held.db.describeTable(
          await held.db.fromTable(table),
        )
        const { averageRating: expected, ...others } = describeTable(table)
        expect(found).toEqual(others)
        expect(averageRating).toBeCloseTo(expected ?? 0, 10)
      }),
      runs,
    )
  })

  it.each([
    { scope: 'user' },
    { scope: 'user', rounding: 'down', ratios: [0.8, 0.1, 0.1] },
    { scope: 'global' },
    { scope: 'global', rounding: 'down' },
    { scope: 'global', at: [2, 2.5] },
  ] as const)('for temporalSplit %j', async (options) => {
    await fc.assert(
      fc.asyncProperty(awkwardTables, async (table) => {
        const found = await outcome(async () =>
          held.db.toSplit(await held.db.temporalSplit(await held.db.fromTable(table), options)),
        )
        expect(found).toEqual(await outcome(() => temporalSplit(table, options)))
      }),
      runs,
    )
  })

  it.each([true, false])('for leaveLastOut (validation: %s)', async (validation) => {
    await fc.assert(
      fc.asyncProperty(awkwardTables, async (table) => {
        const split = await held.db.leaveLastOut(await held.db.fromTable(table), { validation })
        expect(await held.db.toSplit(split)).toEqual(leaveLastOut(table, { validation }))
      }),
      runs,
    )
  })

  it('for all steps in a row, and for parts of a split', async () => {
    await fc.assert(
      fc.asyncProperty(awkwardTables, async (table) => {
        const distinct = await held.db.dropDuplicates(await held.db.fromTable(table))
        const ratios = [1, 0, 0] as const
        const { train } = await held.db.temporalSplit(distinct, { scope: 'global', ratios })
        const options = { scope: 'global', ratios } as const
        const expected = temporalSplit(dropDuplicates(table), options).train
        expect(rowsOf(await held.db.toTable(train))).toEqual(rowsOf(expected))
        const again = await held.db.dropDuplicates(train, { keep: 'last' })
        expect(rowsOf(await held.db.toTable(again))).toEqual(
          rowsOf(dropDuplicates(expected, { keep: 'last' })),
        )
      }),
      { numRuns: 5 },
    )
  })
})

describe('DuckDb', () => {
  it('removes its files when it is closed', async () => {
    const folder = temporaryFolder()
    const own = await DuckDb.open({ folder, threads: 1, memoryLimit: '100MB' })
    expect(readdirSync(folder)).toHaveLength(1)
    const table = await own.fromTable(fromRecords([{ user: 1, item: 1 }]))
    await own.drop(table)
    await expect(own.toTable(table)).rejects.toMatchObject({ code: 'DUCKDB' })
    await own.close()
    expect(readdirSync(folder)).toEqual([])
    expect(existsSync(tmpdir())).toBe(true)
  })

  it('gives advice when memory is not enough', async () => {
    const own = await DuckDb.open({ memoryLimit: '1MB' })
    const query = own.query('SELECT list(i) FROM range(10000000) r(i)')
    await expect(query).rejects.toMatchObject({
      code: 'DUCKDB',
      message: expect.stringContaining('Raise memoryLimit'),
    })
    await own.close()
  })

  it('is interrupted when the signal is aborted', async () => {
    const controller = new AbortController()
    const own = await DuckDb.open({ signal: controller.signal })
    const query = own.query('SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(1000000) b(i)')
    setTimeout(() => controller.abort(new Error('enough')), 50)
    await expect(query).rejects.toThrow('enough')
    await expect(own.query('SELECT 1')).rejects.toThrow('enough')
    await own.close()
  })

  it('refuses tables without the needed columns', async () => {
    const table = await held.db.fromTable(fromRecords([{ user: 1, item: 1 }]))
    await expect(held.db.temporalSplit(table)).rejects.toThrow('without timestamps')
    await expect(held.db.temporalSplit(table, { scope: 'global' })).rejects.toThrow(
      'without timestamps',
    )
    await expect(held.db.leaveLastOut(table)).rejects.toThrow('without timestamps')
    await expect(held.db.dropDuplicates(table, { keep: 'latest' })).rejects.toThrow(
      'without timestamps',
    )
    await expect(held.db.filterRating(table, { atLeast: 1 })).rejects.toThrow('without ratings')
    const none = await held.db.fromTable(fromRecords([]) as InteractionTable)
    await expect(held.db.describeTable(none)).rejects.toThrow(
      'describeTable got a table without rows',
    )
  })

  it.each([
    [
      { memoryLimit: '400' },
      'memoryLimit: got "400"; expected a number and a unit, such as \'400MB\'',
    ],
    [{ threads: 0 }, 'threads: got 0'],
    [{ memory: '1GB' }, 'memory'],
  ])('rejects the options %j', async (options, message) => {
    await expect(DuckDb.open(options as object)).rejects.toThrow(message)
  })
})
