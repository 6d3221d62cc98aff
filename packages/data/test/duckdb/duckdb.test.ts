import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { fromRecords, type InteractionTable } from '@gnnrec/graph'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DuckDb } from '../../src/duckdb.js'
import {
  type CsvOptions,
  describeTable,
  dropDuplicates,
  filterMinInteractions,
  filterRating,
  leaveLastOut,
  readCsv,
  readParquet,
  temporalSplit,
} from '../../src/index.js'
import { rowsOf, temporaryFolder } from '../support/index.js'
import { zip } from '../support/zip.js'

const slow = { timeout: 120_000 }

/** A folder in memory, where a disk that is busy with others does not hold thousands of small tables up. */
const memoryFolder = existsSync('/dev/shm') ? { folder: '/dev/shm' } : {}

let db: DuckDb

beforeAll(async () => {
  db = await DuckDb.open({ memoryLimit: '200MB', ...memoryFolder })
}, 60_000)

afterAll(async () => {
  await db.close()
}, 60_000)

/** Any small table with duplicates and equal times. */
const tables = fc
  .array(
    fc.record({
      user: fc.constantFrom(3, 10, 9, -1, 2 ** 40),
      item: fc.constantFrom('a', 'b', '07', '7', 'Zoë', '\u{1F600}', '\uFFFD', "it's", 'A"B'),
      rating: fc.constantFrom(0, 1, 3.3, 5),
      timestamp: fc.constantFrom(1, 2, 2.5, 1e12),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((records) => fromRecords(records) as InteractionTable)

const runs = { numRuns: 8 }

/** What an operation gives, or the first words of its error. */
async function outcome<T>(action: () => T | Promise<T>): Promise<T | string> {
  try {
    return await action()
  } catch (error) {
    return (error as Error).message.split(/[:.]/)[0]
  }
}

describe('DuckDb gives what memory gives', slow, () => {
  it('for tables', async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (table) => {
        expect(await db.toTable(await db.fromTable(table))).toEqual(table)
      }),
      runs,
    )
  })

  it.each(['first', 'last', 'earliest', 'latest'] as const)(
    'for dropDuplicates, the %s',
    async (keep) => {
      await fc.assert(
        fc.asyncProperty(tables, async (table) => {
          const distinct = await db.dropDuplicates(await db.fromTable(table), { keep })
          expect(await db.toTable(distinct)).toEqual(dropDuplicates(table, { keep }))
        }),
        runs,
      )
    },
  )

  it('for filterRating', async () => {
    const options = fc.record({
      atLeast: fc.constantFrom(-1, 1, 3.3, 6),
      implicitRating: fc.option(fc.constantFrom(0, 3.3), { nil: undefined }),
    })
    await fc.assert(
      fc.asyncProperty(tables, options, async (table, given) => {
        const stored = await db.fromTable(table)
        const found = await outcome(async () => db.toTable(await db.filterRating(stored, given)))
        expect(found).toEqual(await outcome(() => filterRating(table, given)))
      }),
      runs,
    )
  })

  it.each([true, false])('for filterMinInteractions (iterate: %s)', async (iterate) => {
    const least = fc.integer({ min: 1, max: 4 })
    await fc.assert(
      fc.asyncProperty(tables, least, least, async (table, minPerUser, minPerItem) => {
        const options = { minPerUser, minPerItem, iterate }
        const stored = await db.fromTable(table)
        const found = await outcome(async () =>
          db.toTable(await db.filterMinInteractions(stored, options)),
        )
        expect(found).toEqual(await outcome(() => filterMinInteractions(table, options)))
      }),
      runs,
    )
  })

  it('for describeTable', async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (table) => {
        const { averageRating, ...found } = await db.describeTable(await db.fromTable(table))
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
      fc.asyncProperty(tables, async (table) => {
        const found = await outcome(async () =>
          db.toSplit(await db.temporalSplit(await db.fromTable(table), options)),
        )
        expect(found).toEqual(await outcome(() => temporalSplit(table, options)))
      }),
      runs,
    )
  })

  it.each([true, false])('for leaveLastOut (validation: %s)', async (validation) => {
    await fc.assert(
      fc.asyncProperty(tables, async (table) => {
        const split = await db.leaveLastOut(await db.fromTable(table), { validation })
        expect(await db.toSplit(split)).toEqual(leaveLastOut(table, { validation }))
      }),
      runs,
    )
  })

  it('for all of it, one after the other, and for parts of a split', async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (table) => {
        const distinct = await db.dropDuplicates(await db.fromTable(table))
        const ratios = [1, 0, 0] as const
        const { train } = await db.temporalSplit(distinct, { scope: 'global', ratios })
        const options = { scope: 'global', ratios } as const
        const expected = temporalSplit(dropDuplicates(table), options).train
        expect(rowsOf(await db.toTable(train))).toEqual(rowsOf(expected))
        const again = await db.dropDuplicates(train, { keep: 'last' })
        expect(rowsOf(await db.toTable(again))).toEqual(
          rowsOf(dropDuplicates(expected, { keep: 'last' })),
        )
      }),
      { numRuns: 5 },
    )
  })
})

describe('DuckDb.readCsv', slow, () => {
  const columns = { user: 'user', item: 'item', rating: 'rating', timestamp: 'time' }
  const both = async (content: string | Uint8Array, options: Partial<CsvOptions> = {}) => {
    const file = join(temporaryFolder({ 'a.csv': content }), 'a.csv')
    const settings = { columns, ...options }
    const found = await db.toTable(await db.readCsv(pathToFileURL(file), settings))
    expect(found).toEqual(await readCsv(file, settings))
    return found
  }

  it('reads as readCsv does', async () => {
    const text = 'user,item,rating,time\n10,x,4.5,100\n9,"a ""b"", c",3.3,99\n'
    expect(rowsOf(await both(text))).toEqual([
      [10, 'x', 4.5, 100],
      [9, 'a "b", c', Math.fround(3.3), 99],
    ])
    await both(gzipSync(text))
    await both(text.replaceAll('\n', '\r\n'))
    await both(text, { idType: 'string' })
    await both(text, { columns: { user: 0, item: 'item' } })
    await both('9::x::1::5\n07::y::2::6\n', {
      ...{ delimiter: '::', header: false, quotes: false },
      columns: { user: 0, item: 1, rating: 2, timestamp: 3 },
    })
    await both(Buffer.from('user;item\nZo\xeb;A"\n', 'latin1'), {
      ...{ delimiter: ';', encoding: 'latin1', quotes: false },
      columns: { user: 'user', item: 'item' },
    })
    await both('user,item,time\n1,2,2010-10-19T23:55:27Z\n1,3,2010-10-19 23:55:27.25\n', {
      ...{ timestampFormat: 'iso', columns: { user: 'user', item: 'item', timestamp: 'time' } },
    })
  })

  it('keeps the order of a long file', async () => {
    const lines = Array.from({ length: 300_000 }, (_, row) => `${row % 997},${(row * 31) % 10007}`)
    const table = await both(`user,item\n${lines.join('\n')}\n`, {
      columns: { user: 'user', item: 'item' },
    })
    expect(table.userIndex.length).toBe(300_000)
  })

  it('types ids as readCsv does', async () => {
    for (const ids of [
      ['10', '9'],
      ['10', '09'],
      ['-1', '0'],
      ['9007199254740992', '1'],
      ['+1', 'a'],
    ]) {
      await both(`user,item\n${ids.map((id) => `${id},1`).join('\n')}\n`, {
        columns: { user: 'user', item: 'item' },
      })
    }
  })

  it.each([
    ['an empty id', 'user,item,rating,time\n1,1,1,1\n,1,1,1\n', 'row 2 has no user'],
    ['a rating that is none', 'user,item,rating,time\n1,1,good,1\n', 'row 1 has no rating'],
    ['a NaN', 'user,item,rating,time\n1,1,nan,1\n', 'row 1 has no rating'],
    ['an infinite time', 'user,item,rating,time\n1,1,1,inf\n', 'row 1 has no timestamp'],
    ['a field too few', 'user,item,rating,time\n1,1,1\n', 'CSV'],
    ['a missing column', 'user,film,rating,time\n1,1,1,1\n', 'no column "item"'],
    ['a header alone', 'user,item,rating,time\n', 'no row'],
    ['nothing', '', 'the file is empty'],
    [
      'bytes that are not UTF-8',
      Buffer.from('user,item,rating,time\n\xe9,1,1,1\n', 'latin1'),
      'UTF-8',
    ],
  ])('rejects %s', async (_, content, message) => {
    const file = join(temporaryFolder({ 'a.csv': content }), 'a.csv')
    await expect(db.readCsv(file, { columns })).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      file,
      message: expect.stringContaining(message),
    })
  })

  it('rejects ids that are no numbers where numbers are asked for', async () => {
    const file = join(temporaryFolder({ 'a.csv': 'user,item\n1,07\n' }), 'a.csv')
    const options = { columns: { user: 0, item: 1 }, idType: 'number' } as const
    await expect(db.readCsv(file, options)).rejects.toThrow('got the item "07"')
  })

  it('rejects what it cannot read', async () => {
    await expect(db.readCsv('/nowhere/a.csv', { columns })).rejects.toMatchObject({
      code: 'FILE_READ',
    })
    const archive = zip([{ name: 'a.csv', content: 'user,item\n1,2\n' }])
    const file = join(temporaryFolder({ 'a.zip': archive }), 'a.zip')
    const pair = { columns: { user: 'user', item: 'item' } }
    await expect(db.readCsv(file, pair)).rejects.toThrow('which DuckDB does not read')
    await expect(db.readCsv(file, { ...pair, delimiter: '-----' })).rejects.toThrow(
      'up to 4 characters',
    )
  })

  it('does not take a name for a statement', async () => {
    const name = "it's'); DROP TABLE x; --.csv"
    const file = join(temporaryFolder({ [name]: 'us"er,item\n1,2\n' }), name)
    const options = { columns: { user: 'us"er', item: 'item' }, quotes: false } as const
    expect(rowsOf(await db.toTable(await db.readCsv(file, options)))).toEqual([[1, 2]])
  })
})

describe('DuckDb.readParquet', slow, () => {
  const columns = { user: 'user', item: 'item', rating: 'rating', timestamp: 'timestamp' }

  it('reads what writeParquet writes, as readParquet does', async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (table) => {
        const file = join(temporaryFolder(), 'a.parquet')
        const options = { scope: 'global', at: [2, 2.5] } as const
        const split = await outcome(async () =>
          db.temporalSplit(await db.fromTable(table), options),
        )
        const tests = typeof split === 'string' ? [] : [split.test]
        for (const stored of [await db.fromTable(table), ...tests]) {
          await db.writeParquet(stored, file)
          const expected = await outcome(() => readParquet(file, { columns }))
          const found = await outcome(async () =>
            db.toTable(await db.readParquet(file, { columns })),
          )
          // The words differ, the refusal of a file without rows does not.
          expect(typeof found).toBe(typeof expected)
          if (typeof expected !== 'string') expect(found).toEqual(expected)
        }
      }),
      { numRuns: 8 },
    )
  })

  it('makes seconds of times, and tells what columns there are', async () => {
    const file = join(temporaryFolder(), 'a.parquet')
    await db.query(
      `COPY (SELECT 1 AS "user", 2 AS item, TIMESTAMP '1970-01-02 00:00:00.5' AS time) TO '${file}' (FORMAT parquet)`,
    )
    const options = { columns: { user: 'user', item: 'item', timestamp: 'time' } }
    expect(rowsOf(await db.toTable(await db.readParquet(file, options)))).toEqual([[1, 2, 86400.5]])
    await expect(db.readParquet(file, { columns })).rejects.toThrow(
      'no column "rating"; the columns are "user", "item", "time".',
    )
  })
})

describe('DuckDb', slow, () => {
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

  it('says what to do when memory is not enough', async () => {
    const own = await DuckDb.open({ memoryLimit: '1MB' })
    const query = own.query('SELECT list(i) FROM range(10000000) r(i)')
    await expect(query).rejects.toMatchObject({
      code: 'DUCKDB',
      message: expect.stringContaining('Raise memoryLimit'),
    })
    await own.close()
  })

  it('is interrupted by the signal', async () => {
    const controller = new AbortController()
    const own = await DuckDb.open({ signal: controller.signal })
    const query = own.query('SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(1000000) b(i)')
    setTimeout(() => controller.abort(new Error('enough')), 50)
    await expect(query).rejects.toThrow('enough')
    await expect(own.query('SELECT 1')).rejects.toThrow('enough')
    await own.close()
  })

  it('refuses tables without what is needed', async () => {
    const table = await db.fromTable(fromRecords([{ user: 1, item: 1 }]))
    await expect(db.temporalSplit(table)).rejects.toThrow('without timestamps')
    await expect(db.temporalSplit(table, { scope: 'global' })).rejects.toThrow('without timestamps')
    await expect(db.leaveLastOut(table)).rejects.toThrow('without timestamps')
    await expect(db.dropDuplicates(table, { keep: 'latest' })).rejects.toThrow('without timestamps')
    await expect(db.filterRating(table, { atLeast: 1 })).rejects.toThrow('without ratings')
    const none = await db.fromTable(fromRecords([]) as InteractionTable)
    await expect(db.describeTable(none)).rejects.toThrow('describeTable got a table without rows')
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
