import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CsvOptions, readCsv, readParquet } from '../../src/index.js'
import { awkwardTables, outcome, useDuckDb } from '../support/duckdb.js'
import { rowsOf, temporaryFolder } from '../support/index.js'
import { zip } from '../support/zip.js'

const held = useDuckDb()

describe('DuckDb.readCsv', () => {
  const columns = { user: 'user', item: 'item', rating: 'rating', timestamp: 'time' }
  const both = async (content: string | Uint8Array, options: Partial<CsvOptions> = {}) => {
    const file = join(temporaryFolder({ 'a.csv': content }), 'a.csv')
    const settings = { columns, ...options }
    const found = await held.db.toTable(await held.db.readCsv(pathToFileURL(file), settings))
    expect(found).toEqual(await readCsv(file, settings))
    return found
  }

  it('reads like readCsv', async () => {
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
      delimiter: '::',
      header: false,
      quotes: false,
      columns: { user: 0, item: 1, rating: 2, timestamp: 3 },
    })
    await both(Buffer.from('user;item\nZo\xeb;A"\n', 'latin1'), {
      delimiter: ';',
      encoding: 'latin1',
      quotes: false,
      columns: { user: 'user', item: 'item' },
    })
    await both('user,item,time\n1,2,2010-10-19T23:55:27Z\n1,3,2010-10-19 23:55:27.25\n', {
      timestampFormat: 'iso',
      columns: { user: 'user', item: 'item', timestamp: 'time' },
    })
  })

  it('keeps the order of a long file', async () => {
    const lines = Array.from({ length: 300_000 }, (_, row) => `${row % 997},${(row * 31) % 10007}`)
    const table = await both(`user,item\n${lines.join('\n')}\n`, {
      columns: { user: 'user', item: 'item' },
    })
    expect(table.userIndex.length).toBe(300_000)
  })

  it('gives ids the same type as readCsv', async () => {
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
    ['an empty id', 'user,item,rating,time\n1,1,1,1\n,1,1,1\n', 'line 3: the user is empty'],
    ['a rating that is none', 'user,item,rating,time\n1,1,good,1\n', 'got the rating "good"'],
    ['a NaN', 'user,item,rating,time\n1,1,nan,1\n', 'got the rating "nan"'],
    ['an infinite time', 'user,item,rating,time\n1,1,1,inf\n', 'got the timestamp "inf"'],
    ['a field too few', 'user,item,rating,time\n1,1,1\n', 'got 3 fields, expected 4'],
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
    await expect(held.db.readCsv(file, { columns })).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      file,
      message: expect.stringContaining(message),
    })
  })

  it('rejects ids that are not numbers when numbers are required', async () => {
    const file = join(temporaryFolder({ 'a.csv': 'user,item\n1,07\n' }), 'a.csv')
    const options = { columns: { user: 0, item: 1 }, idType: 'number' } as const
    await expect(held.db.readCsv(file, options)).rejects.toThrow('got the item "07"')
  })

  it('rejects a file that does not exist', async () => {
    await expect(held.db.readCsv('/nowhere/a.csv', { columns })).rejects.toMatchObject({
      code: 'FILE_READ',
    })
  })

  it('reads zip archives, bytes, and delimiters of any length', async () => {
    const archive = zip([{ name: 'a.csv', content: 'user-----item\n1-----2\n' }])
    const options = { columns: { user: 'user', item: 'item' }, delimiter: '-----' }
    expect(rowsOf(await held.db.toTable(await held.db.readCsv(archive, options)))).toEqual([[1, 2]])
  })

  it('does not run a file name as SQL', async () => {
    const name = "it's'); DROP TABLE x; --.csv"
    const file = join(temporaryFolder({ [name]: 'us"er,item\n1,2\n' }), name)
    const options = { columns: { user: 'us"er', item: 'item' }, quotes: false } as const
    expect(rowsOf(await held.db.toTable(await held.db.readCsv(file, options)))).toEqual([[1, 2]])
  })
})

describe('DuckDb.readParquet', () => {
  const columns = { user: 'user', item: 'item', rating: 'rating', timestamp: 'timestamp' }

  it('reads files of writeParquet like readParquet', async () => {
    await fc.assert(
      fc.asyncProperty(awkwardTables, async (table) => {
        const file = join(temporaryFolder(), 'a.parquet')
        const options = { scope: 'global', at: [2, 2.5] } as const
        const split = await outcome(async () =>
          held.db.temporalSplit(await held.db.fromTable(table), options),
        )
        const tests = typeof split === 'string' ? [] : [split.test]
        for (const stored of [await held.db.fromTable(table), ...tests]) {
          await held.db.writeParquet(stored, file)
          const expected = await outcome(() => readParquet(file, { columns }))
          const found = await outcome(async () =>
            held.db.toTable(await held.db.readParquet(file, { columns })),
          )
          // Both refuse a file without rows, in different words.
          expect(typeof found).toBe(typeof expected)
          if (typeof expected !== 'string') expect(found).toEqual(expected)
        }
      }),
      { numRuns: 8 },
    )
  })

  it('turns times into seconds, and lists the columns when one is missing', async () => {
    const file = join(temporaryFolder(), 'a.parquet')
    await held.db.query(
      `COPY (SELECT 1 AS "user", 2 AS item, TIMESTAMP '1970-01-02 00:00:00.5' AS time) TO '${file}' (FORMAT parquet)`,
    )
    const options = { columns: { user: 'user', item: 'item', timestamp: 'time' } }
    expect(rowsOf(await held.db.toTable(await held.db.readParquet(file, options)))).toEqual([
      [1, 2, 86400.5],
    ])
    await expect(held.db.readParquet(file, { columns })).rejects.toThrow(
      'no column "rating"; the columns are "user", "item", "time".',
    )
  })
})
