import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { createSplit, fromRecords, selectRows } from '@gnnrec/graph'
import { tableFromArrays, tableToIPC } from 'apache-arrow'
import { describe, expect, it } from 'vitest'
import {
  filterRating,
  loadSplit,
  readAmazonRatings,
  readArrow,
  readCsv,
  readMovieLens,
  readParquet,
  readRecBole,
  readRecords,
  saveSplit,
} from '../../src/index.js'
import { useDuckDb } from '../support/duckdb.js'
import { temporaryFolder } from '../support/index.js'

const held = useDuckDb()
const columns = { user: 'user', item: 'item', rating: 'rating', timestamp: 'time' }
const largest = 9007199254740991

const tooLarge = {
  rating: 'expected a number below 3.4e38',
  timestamp: `expected a number from -${largest} to ${largest}`,
}

/** Ratings and timestamps of a second row, with the value that is to be named. */
const values: [rating: string, timestamp: string, role: 'rating' | 'timestamp', named: string][] = [
  ['1e39', '1', 'rating', '1e'],
  ['-1e39', '1', 'rating', '-1e'],
  ['1', '1e300', 'timestamp', '1e'],
  ['1', '9007199254740993', 'timestamp', '900719925474099'],
  ['1', '-9007199254740993', 'timestamp', '-900719925474099'],
]

async function parquet(select: string): Promise<string> {
  const file = join(temporaryFolder(), 'a.parquet')
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  await connection.run(`COPY (${select}) TO '${file}' (FORMAT parquet)`)
  connection.closeSync()
  return file
}

describe.each(values)('the rating %s with the timestamp %s', (rating, timestamp, role, named) => {
  const inFile = {
    code: 'FILE_FORMAT',
    message: expect.stringMatching(
      new RegExp(
        `(line [23]|row 2).* the ${role} "?${named.replace('.', '\\.')}.*${tooLarge[role]}`,
      ),
    ),
  }

  it('is an error in text', async () => {
    const text = `user,item,rating,time\n1,1,1,1\n1,2,${rating},${timestamp}\n`
    await expect(readCsv({ text }, { columns })).rejects.toMatchObject(inFile)
    const atomic = `user_id:token\titem_id:token\trating:float\ttimestamp:float\n1\t1\t1\t1\n1\t2\t${rating}\t${timestamp}\n`
    await expect(readRecBole({ text: atomic })).rejects.toMatchObject(inFile)
    const lines = `1::1::1::1\n1::2::${rating}::${timestamp}\n`
    await expect(readMovieLens({ text: lines })).rejects.toMatchObject(inFile)
    const amazon = `A1,B000000001,1,1\nA1,B000000002,${rating},${timestamp}\n`
    await expect(readAmazonRatings({ text: amazon })).rejects.toMatchObject(inFile)
  })

  it('is an error in DuckDB', async () => {
    const text = `user,item,rating,time\n1,1,1,1\n1,2,${rating},${timestamp}\n`
    const file = join(temporaryFolder({ 'a.csv': text }), 'a.csv')
    await expect(held.db.readCsv(file, { columns })).rejects.toMatchObject(inFile)
  })

  it('is an error in Parquet', async () => {
    const type = timestamp.includes('e') ? 'DOUBLE' : 'BIGINT'
    const file = await parquet(
      `SELECT 1 AS "user", i AS item, (CASE i WHEN 0 THEN 1 ELSE ${rating} END)::DOUBLE AS rating,
        (CASE i WHEN 0 THEN 1 ELSE ${timestamp} END)::${type} AS time FROM range(2) r(i)`,
    )
    await expect(readParquet(file, { columns })).rejects.toMatchObject(inFile)
    await expect(held.db.readParquet(file, { columns })).rejects.toMatchObject(inFile)
  })

  it('is an error in Arrow', async () => {
    const time = timestamp.includes('e')
      ? Float64Array.of(1, Number(timestamp))
      : BigInt64Array.of(1n, BigInt(timestamp))
    const table = tableFromArrays({
      user: Int32Array.of(1, 1),
      item: Int32Array.of(1, 2),
      rating: Float64Array.of(1, Number(rating)),
      time,
    })
    await expect(readArrow(tableToIPC(table), { columns })).rejects.toMatchObject(inFile)
  })

  it('is an error in records', async () => {
    async function* records() {
      yield { user: 1, item: 1, rating: 1, timestamp: 1 }
      yield { user: 1, item: 2, rating: Number(rating), timestamp: Number(timestamp) }
    }
    await expect(readRecords(records())).rejects.toMatchObject({
      code: 'INVALID_INTERACTIONS',
      message: expect.stringMatching(
        new RegExp(`Record 1 has the ${role} ${named}.*${tooLarge[role]}`),
      ),
    })
  })
})

describe.each(['0', '-2', 'nan', '1e39', '1e-46'])('the weight %s', (weight) => {
  const columns = { user: 'user', item: 'item', weight: 'plays' }
  const inFile = {
    code: 'FILE_FORMAT',
    message: expect.stringMatching(/(line 3|row 2).*got|has the weight .*expected a /s),
  }

  it('is an error in text and in DuckDB', async () => {
    const text = `user,item,plays\n1,1,1\n1,2,${weight}\n`
    await expect(readCsv({ text }, { columns })).rejects.toMatchObject(inFile)
    const file = join(temporaryFolder({ 'a.csv': text }), 'a.csv')
    await expect(held.db.readCsv(file, { columns })).rejects.toMatchObject(inFile)
    const atomic = `user_id:token\titem_id:token\tweight:float\n1\t1\t1\n1\t2\t${weight}\n`
    await expect(readRecBole({ text: atomic })).rejects.toMatchObject(inFile)
  })

  it('is an error in Parquet, Arrow and records', async () => {
    const file = await parquet(
      `SELECT 1 AS "user", i AS item, (CASE i WHEN 0 THEN '1' ELSE '${weight}' END)::DOUBLE AS plays FROM range(2) r(i)`,
    )
    await expect(readParquet(file, { columns })).rejects.toMatchObject(inFile)
    await expect(held.db.readParquet(file, { columns })).rejects.toMatchObject(inFile)
    const value = weight === 'nan' ? Number.NaN : Number(weight)
    const table = tableFromArrays({
      user: Int32Array.of(1, 1),
      item: Int32Array.of(1, 2),
      plays: Float64Array.of(1, value),
    })
    await expect(readArrow(tableToIPC(table), { columns })).rejects.toMatchObject(inFile)
    async function* records() {
      yield { user: 1, item: 1, weight: 1 }
      yield { user: 1, item: 2, weight: value }
    }
    await expect(readRecords(records())).rejects.toThrow('Record 1 has the weight')
    expect(() => fromRecords([{ user: 1, item: 1, weight: value }])).toThrow('Row 0 has the weight')
  })
})

it('is an error as a threshold, too', async () => {
  const table = fromRecords([{ user: 1, item: 1, rating: 1 }])
  for (const options of [{ atLeast: 1e39 }, { atLeast: 1, implicitRating: -1e39 }]) {
    expect(() => filterRating(table, options)).toThrow('expected a number below 3.4e38')
    const stored = await held.db.fromTable(table)
    await expect(held.db.filterRating(stored, options)).rejects.toThrow('below 3.4e38')
  }
})

describe('a table that was put together by hand', () => {
  const table = fromRecords([
    { user: 1, item: 1, rating: 1, timestamp: 1 },
    { user: 1, item: 2, rating: 2, timestamp: 2 },
  ])
  const broken = { ...table, rating: Float32Array.of(1, Infinity) }

  it('is not taken into DuckDB when a rating does not fit', async () => {
    await expect(held.db.fromTable(broken)).rejects.toThrow('Row 1 of the table has the rating')
  })

  it('is not saved when a rating does not fit', async () => {
    const split = createSplit({
      train: selectRows(table, [0]),
      validation: selectRows(table, []),
      test: selectRows(table, [1]),
      method: { name: 'by hand' },
    })
    const folder = temporaryFolder()
    await expect(saveSplit({ ...split, train: broken }, folder)).rejects.toMatchObject({
      code: 'INVALID_INTERACTIONS',
      message: expect.stringContaining('Row 1 of the train part has the rating Infinity'),
    })
    await expect(loadSplit(folder)).rejects.toMatchObject({ code: 'FILE_READ' })
  })
})

it('saves no id that a file cannot hold', async () => {
  const split = createSplit({
    ...parts('\ud800'),
    method: { name: 'by hand' },
  })
  await expect(saveSplit(split, temporaryFolder())).rejects.toThrow('half of a surrogate pair')
})

function parts(user: string) {
  const table = fromRecords([{ user, item: 1 }])
  const none = selectRows(table, [])
  return { train: table, validation: none, test: none }
}
