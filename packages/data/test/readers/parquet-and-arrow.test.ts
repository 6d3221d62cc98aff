import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import {
  Int64,
  Table,
  TimestampMicrosecond,
  tableFromArrays,
  tableToIPC,
  vectorFromArray,
} from 'apache-arrow'
import { describe, expect, it } from 'vitest'
import {
  type FileSource,
  type NamedColumnsOptions,
  readArrow,
  readParquet,
} from '../../src/index.js'
import { rowsOf, temporaryFolder } from '../support/index.js'
import { zip } from '../support/zip.js'

const columns = { user: 'user', item: 'item', rating: 'rating', timestamp: 'time' }

/** Writes a Parquet file from an SQL query, by DuckDB. */
async function parquet(query: string, settings = ''): Promise<string> {
  const file = join(temporaryFolder(), 'table.parquet')
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  await connection.run(`COPY (${query}) TO '${file}' (FORMAT parquet ${settings})`)
  connection.closeSync()
  return file
}

const two = `SELECT * FROM (VALUES
  (1, 'x', 4.5::FLOAT, 100::BIGINT), (2, '07', 3::FLOAT, 99)) t("user", item, rating, time)`
const rows = [
  [1, 'x', 4.5, 100],
  [2, '07', 3, 99],
]

describe('readParquet', () => {
  it.each(['uncompressed', 'snappy', 'gzip', 'brotli'])('reads %s files', async (codec) => {
    const file = await parquet(two, `, CODEC ${codec}`)
    expect(rowsOf(await readParquet(file, { columns }))).toEqual(rows)
  })

  it('reads Zstandard if Node can, or else reports it', async () => {
    const file = await parquet(two, ', CODEC zstd')
    const reading = readParquet(file, { columns }).then(rowsOf, (error) => error.message)
    expect([rows, expect.stringContaining('ZSTD')]).toContainEqual(await reading)
  })

  it.each<[string, (file: string) => FileSource]>([
    ['a URL', (file) => pathToFileURL(file)],
    ['bytes', (file) => new Uint8Array(readFileSync(file))],
    ['gzip bytes', (file) => gzipSync(readFileSync(file))],
    ['a zip archive', (file) => zip([{ name: 'a', content: readFileSync(file) }])],
    ['a gzip file', (file) => join(temporaryFolder({ a: gzipSync(readFileSync(file)) }), 'a')],
  ])('reads from %s', async (_, source) => {
    expect(rowsOf(await readParquet(source(await parquet(two)), { columns }))).toEqual(rows)
  })

  it('reads many row groups and more rows than one batch', async () => {
    const query = `SELECT i % 1000 AS "user", i::VARCHAR AS item, (i % 5)::DOUBLE AS rating,
      i::TIMESTAMP_S AS time FROM range(300000) r(i)`
    const file = await parquet(
      query.replace('i::TIMESTAMP_S', 'to_timestamp(i)::TIMESTAMP'),
      ', ROW_GROUP_SIZE 20000',
    )
    const table = await readParquet(file, { columns })
    expect(table.userIndex.length).toBe(300_000)
    const wrong = Array.from(table.userIndex, (user, row) => [
      table.users.idOf(user) === row % 1000,
      table.items.idOf(table.itemIndex[row]) === `${row}`,
      table.rating?.[row] === row % 5,
      table.timestamp?.[row] === row,
    ]).filter((same) => same.includes(false))
    expect(wrong).toEqual([])
  })

  it.each([
    ["TIMESTAMP '1970-01-02 00:00:01.5'", 86401.5],
    ["TIMESTAMP_MS '1970-01-02 00:00:01.5'", 86401.5],
    ["TIMESTAMP_NS '1970-01-02 00:00:01.5'", 86401.5],
    ["DATE '1970-01-03'", 172800],
    ['7::DOUBLE', 7],
    ['7::UINTEGER', 7],
    ['7.25::DECIMAL(9,2)', 7.25],
  ])('makes seconds of %s', async (time, seconds) => {
    const file = await parquet(`SELECT 1 AS "user", 2 AS item, 3 AS rating, ${time} AS time`)
    expect(rowsOf(await readParquet(file, { columns }))).toEqual([[1, 2, 3, seconds]])
  })

  const pair = { columns: { user: 'user', item: 'item' } }
  const ids = async (values: string, idType?: NamedColumnsOptions['idType']) => {
    const query = `SELECT id AS "user", 1 AS item FROM (VALUES ${values}) t(id)`
    return (await readParquet(await parquet(query), { ...pair, idType })).users.ids
  }

  it('keeps the type of ids, unless another is requested', async () => {
    expect(await ids("('10'), ('9')")).toEqual(['10', '9'])
    expect(await ids("('10'), ('9')", 'number')).toEqual([9, 10])
    expect(await ids('(10), (9)')).toEqual([9, 10])
    expect(await ids('(10), (9)', 'string')).toEqual(['10', '9'])
    expect(await ids('(10::BIGINT), (-9)', { user: 'string' })).toEqual(['-9', '10'])
    expect(await ids('(9007199254740991), (-5)')).toEqual([-5, 9007199254740991])
  })

  it('turns a column of integers into strings when one is not safe', async () => {
    expect(await ids('(9), (10), (9007199254740993)')).toEqual(['10', '9', '9007199254740993'])
    await expect(ids('(9007199254740993)', 'number')).rejects.toThrow('expected a safe integer')
  })

  it.each([
    ['SELECT NULL AS "user", 1 AS item UNION ALL SELECT 1, 1', 'row 1 has the user'],
    ['SELECT 1 AS "user", \'\' AS item', 'row 1 has the item ""'],
    ['SELECT 1.5::DOUBLE AS "user", 1 AS item', 'row 1 has the user 1.5'],
    ['SELECT 1 AS "user", [1] AS item', 'no column "item"; the columns are "user".'],
    ['SELECT 1 AS "user", 1 AS film', 'no column "item"; the columns are "user", "film".'],
    ['SELECT 1 AS "user", 1 AS item WHERE false', 'the file has no row'],
  ])('rejects %s', async (query, message) => {
    const file = await parquet(query)
    await expect(readParquet(file, pair)).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      file,
      message: expect.stringContaining(message),
    })
  })

  it('rejects invalid numbers', async () => {
    const query = 'SELECT 1 AS "user", 1 AS item, \'nan\'::FLOAT AS rating'
    const options = { columns: { user: 'user', item: 'item', rating: 'rating' } }
    await expect(readParquet(await parquet(query), options)).rejects.toThrow(
      'row 1 has the rating NaN (number); expected a finite number',
    )
  })

  it('rejects data that is not Parquet or is cut off', async () => {
    const whole = readFileSync(await parquet(two))
    for (const source of [
      whole.subarray(0, 100),
      Buffer.from('user,item\n1,2\n'),
      new Uint8Array(),
    ]) {
      await expect(readParquet(source, pair)).rejects.toMatchObject({
        code: 'FILE_FORMAT',
        message: expect.stringContaining('cannot be read as Parquet'),
      })
    }
  })

  it('rejects missing files and misspelt options', async () => {
    await expect(readParquet('/nowhere/a.parquet', pair)).rejects.toMatchObject({
      code: 'FILE_READ',
    })
    const options = { columns: { user: 'user' } } as NamedColumnsOptions
    await expect(readParquet('a', options)).rejects.toThrow('columns.item: got undefined')
  })
})

describe('readArrow', () => {
  const table = tableFromArrays({
    user: Int32Array.of(1, 2),
    item: ['x', '07'],
    rating: Float32Array.of(4.5, 3),
    time: BigInt64Array.of(100n, 99n),
  })

  it.each(['file', 'stream'] as const)('reads the %s format from any source', async (format) => {
    const bytes = tableToIPC(table, format)
    async function* pieces() {
      for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7)
    }
    const path = join(temporaryFolder({ a: bytes }), 'a')
    for (const source of [bytes, path, gzipSync(bytes), pieces()]) {
      expect(rowsOf(await readArrow(source, { columns }))).toEqual(rows)
    }
  })

  it('reads several batches', async () => {
    const bytes = tableToIPC(table.concat(table), 'stream')
    expect(rowsOf(await readArrow(bytes, { columns }))).toEqual([...rows, ...rows])
  })

  it('turns times into seconds and small 64-bit integers into numbers', async () => {
    const times = new Table({
      user: vectorFromArray([5n], new Int64()),
      item: vectorFromArray(['a']),
      time: vectorFromArray([86401.5e3], new TimestampMicrosecond()),
    })
    const options = { columns: { user: 'user', item: 'item', timestamp: 'time' } }
    expect(rowsOf(await readArrow(tableToIPC(times), options))).toEqual([[5, 'a', 86401.5]])
  })

  const pair = { columns: { user: 'user', item: 'item' } }

  it.each<[string, Uint8Array, string]>([
    ['a missing column', tableToIPC(tableFromArrays({ user: [1] })), 'no column "item"'],
    [
      'a missing id',
      tableToIPC(tableFromArrays({ user: ['a', null], item: ['b', 'c'] })),
      'row 2 has the user null',
    ],
    ['text', Buffer.from('user,item\n1,2\n'), 'cannot be read as Arrow'],
    ['nothing', new Uint8Array(), 'cannot be read as Arrow'],
    ['a file cut off', tableToIPC(table, 'file').subarray(0, 300), 'cannot be read as Arrow'],
  ])('rejects %s', async (_, bytes, message) => {
    await expect(readArrow(bytes, pair)).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      message: expect.stringContaining(message),
    })
  })
})
