import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import {
  Binary,
  Bool,
  DateDay,
  DateMillisecond,
  Decimal,
  Dictionary,
  DurationSecond,
  Int8,
  Int32,
  Int64,
  LargeUtf8,
  makeData,
  Table,
  TimeSecond,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  tableFromArrays,
  tableToIPC,
  Utf8,
  Vector,
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
  it.each(['uncompressed', 'snappy', 'gzip', 'brotli', 'zstd', 'lz4_raw', 'lz4'])(
    'reads %s files',
    async (codec) => {
      const file = await parquet(two, `, CODEC ${codec}`)
      expect(rowsOf(await readParquet(file, { columns }))).toEqual(rows)
      const many = await parquet(
        'SELECT i % 7 AS "user", \'item \' || (i * 31) % 1000 AS item FROM range(60000) r(i)',
        `, CODEC ${codec}`,
      )
      const pair = { columns: { user: 'user', item: 'item' } }
      const table = await readParquet(many, pair)
      expect(rowsOf(table)).toEqual(
        Array.from({ length: 60_000 }, (_, row) => [row % 7, `item ${(row * 31) % 1000}`]),
      )
    },
  )

  it.each([
    ["'10:00'::TIME", 'times of day without a date'],
    ["'1 day'::INTERVAL", 'durations'],
    ["'2020-01-01'", 'text'],
    ['true', 'booleans'],
  ])('refuses %s as a timestamp', async (time, kind) => {
    const file = await parquet(`SELECT 1 AS "user", 2 AS item, 3 AS rating, ${time} AS time`)
    await expect(readParquet(file, { columns })).rejects.toThrow(
      `the column "time" has ${kind}, expected numbers, dates, or dates with a time of day`,
    )
  })

  it.each([
    ["'2020-01-01'::DATE", 'dates'],
    ["'2020-01-01'::TIMESTAMP", 'dates with a time of day'],
    ["'10:00'::TIME", 'times of day without a date'],
    ['true', 'booleans'],
  ])('refuses %s as a rating or an id', async (value, kind) => {
    const query = `SELECT 1 AS id, 2 AS other, ${value} AS value`
    const file = await parquet(query)
    const rating = { columns: { user: 'id', item: 'other', rating: 'value' } }
    await expect(readParquet(file, rating)).rejects.toThrow(
      `the column "value" has ${kind}, expected numbers for the rating`,
    )
    for (const columns of [
      { user: 'value', item: 'id' },
      { user: 'id', item: 'value' },
    ]) {
      await expect(readParquet(file, { columns })).rejects.toThrow(
        `the column "value" has ${kind}, expected integers or text`,
      )
    }
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
    ['1577872800.125::DECIMAL(38,3)', 1577872800.125],
    ["'0001-01-01'::TIMESTAMP", -62135596800],
    ["'0001-01-01'::DATE", -62135596800],
    ["'2020-01-01 10:00:00+02'::TIMESTAMPTZ", 1577865600],
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

  it('keeps ids of bytes apart: as text when they are UTF-8, else as an error', async () => {
    expect(await ids("('a'::BLOB), ('\\xC3\\xA9'::BLOB)")).toEqual(['a', 'é'])
    await expect(ids("('\\xFF'::BLOB), ('\\xFE'::BLOB), ('\\xFD'::BLOB)")).rejects.toThrow(
      'row 1 has the user 0xff (bytes that are not UTF-8)',
    )
    // A decoder that drops byte-order marks would make one id of these two.
    expect(await ids("(chr(65279) || 'a'), ('a')")).toHaveLength(2)
  })

  it('keeps decimal ids and unsigned ids exact', async () => {
    expect(await ids('(7::DECIMAL(38,0)), (9007199254740993::DECIMAL(38,0))')).toEqual([
      '7',
      '9007199254740993',
    ])
    expect(await ids('(18446744073709551615::UBIGINT), (1::UBIGINT)')).toEqual([
      '1',
      '18446744073709551615',
    ])
    expect(await ids('(4294967295::UINTEGER)')).toEqual([4294967295])
    await expect(ids('(3.5::DECIMAL(9,2))')).rejects.toThrow('row 1 has the user 3.5')
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

  const one = (name: string, vector: Vector) =>
    tableToIPC(
      new Table({
        user: vectorFromArray([1], new Int32()),
        item: vectorFromArray(['a'], new Utf8()),
        [name]: vector,
      }),
    )
  const decimal = (unscaled: bigint, scale: number, bits: 128 | 256 = 128) => {
    const words = Array.from({ length: bits / 32 }, (_, word) =>
      Number(BigInt.asUintN(32, unscaled >> BigInt(word * 32))),
    )
    const type = new Decimal(scale, 38, bits)
    return new Vector([makeData({ type, length: 1, data: Uint32Array.from(words) })])
  }

  it('scales decimal ratings', async () => {
    const options = { columns: { user: 'user', item: 'item', rating: 'rating' } }
    for (const [vector, rating] of [
      [decimal(350n, 2), 3.5],
      [decimal(-350n, 2, 256), -3.5],
      [decimal(4n, 0), 4],
    ] as const) {
      const [row] = rowsOf(await readArrow(one('rating', vector), options))
      expect(row).toEqual([1, 'a', rating])
    }
  })

  it.each<[string, Vector, number]>([
    ['seconds', vectorFromArray([86401e3], new TimestampSecond()), 86401],
    ['milliseconds', vectorFromArray([86401.5e3], new TimestampMillisecond()), 86401.5],
    ['nanoseconds', vectorFromArray([86401.5e3], new TimestampNanosecond()), 86401.5],
    ['days', vectorFromArray([new Date('0001-01-01')], new DateDay()), -62135596800],
    ['milliseconds of a date', vectorFromArray([new Date(86400e3)], new DateMillisecond()), 86400],
  ])('makes seconds of %s', async (_, vector, seconds) => {
    const options = { columns: { user: 'user', item: 'item', timestamp: 'time' } }
    expect(rowsOf(await readArrow(one('time', vector), options))).toEqual([[1, 'a', seconds]])
  })

  it.each<[string, Vector, string]>([
    ['a time of day', vectorFromArray([36000], new TimeSecond()), 'times of day without a date'],
    ['a duration', vectorFromArray([5n], new DurationSecond()), 'durations'],
    ['a boolean', vectorFromArray([true], new Bool()), 'booleans'],
    ['a text', vectorFromArray(['2020-01-01'], new Utf8()), 'text'],
  ])('refuses %s as a timestamp', async (_, vector, kind) => {
    const options = { columns: { user: 'user', item: 'item', timestamp: 'time' } }
    await expect(readArrow(one('time', vector), options)).rejects.toThrow(
      `the column "time" has ${kind}, expected`,
    )
  })

  it.each<[string, Vector]>([
    ['a date', vectorFromArray([new Date(0)], new DateDay())],
    ['a timestamp', vectorFromArray([1000], new TimestampSecond())],
    ['a boolean', vectorFromArray([true], new Bool())],
  ])('refuses %s as a rating or an id', async (_, vector) => {
    for (const columns of [
      { user: 'user', item: 'item', rating: 'value' },
      { user: 'value', item: 'item' },
    ]) {
      await expect(readArrow(one('value', vector), { columns })).rejects.toThrow(
        'the column "value" has',
      )
    }
  })

  it.each([
    ['text', () => new Utf8()],
    ['long text', () => new LargeUtf8()],
    ['bytes', () => new Binary()],
  ])('keeps ids of %s apart that are not UTF-8', async (_, type) => {
    const binary = (...values: number[][]) => {
      const bytes = Uint8Array.from(values.flat())
      let end = 0
      const ends = [0, ...values.map((value) => (end += value.length))]
      const isLarge = type() instanceof LargeUtf8
      const valueOffsets = isLarge ? BigInt64Array.from(ends, BigInt) : Int32Array.from(ends)
      const data = { type: type(), length: values.length, data: bytes, valueOffsets }
      return new Vector([makeData(data as never)])
    }
    const read = async (vector: Vector) => {
      const items = vectorFromArray(Array(vector.length).fill(1), new Int32())
      const bytes = tableToIPC(new Table({ user: vector, item: items }))
      return (await readArrow(bytes, { columns: { user: 'user', item: 'item' } })).users.ids
    }
    expect(await read(binary([0x61], [0xef, 0xbb, 0xbf, 0x61]))).toEqual(['a', '\uFEFFa'])
    await expect(read(binary([0xff], [0xfe]))).rejects.toThrow('row 1 has the user 0xff')
    // One character, cut in two.
    await expect(read(binary([0xc3], [0xa9]))).rejects.toThrow('row 1 has the user 0xc3')
  })

  it('reads values by their places in a dictionary', async () => {
    const categories = vectorFromArray(
      ['b', 'a', 'b', null],
      new Dictionary(new Utf8(), new Int8()),
    )
    const table = new Table({ user: categories.slice(0, 3), item: categories.slice(0, 3) })
    const options = { columns: { user: 'user', item: 'item' } }
    expect(rowsOf(await readArrow(tableToIPC(table), options))).toEqual([
      ['b', 'b'],
      ['a', 'a'],
      ['b', 'b'],
    ])
    const missing = new Table({ user: categories, item: categories })
    await expect(readArrow(tableToIPC(missing), options)).rejects.toThrow('row 4 has the user null')
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
