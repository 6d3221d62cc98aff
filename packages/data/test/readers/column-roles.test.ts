import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import {
  Field,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableToIPC,
} from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type CsvOptions,
  inspectFile,
  readArrow,
  readCsv,
  readParquet,
  readRecBole,
} from '../../src/index.js'
import { useDuckDb } from '../support/duckdb.js'
import { rowsOf } from '../support/index.js'

const held = useDuckDb()

const header = 'user,item,x,x,rating,timestamp'
const row = '1,2,7,7,5,100'
const wanted = { user: 'user', item: 'item', rating: 'rating', timestamp: 'timestamp' }

/** Makes Arrow data of columns with the given names. The values count from 0. */
function arrow(...names: string[]): Uint8Array {
  const fields = names.map((name) => new Field(name, new Int32()))
  const children = names.map((_, place) => makeData({ type: new Int32(), data: [place] }))
  const data = makeData({ type: new Struct(fields), length: 1, children })
  return tableToIPC(new Table([new RecordBatch(new Schema(fields), data)]))
}

const folder = mkdtempSync(join(tmpdir(), 'gnnrec-roles-'))
const files = {
  csv: join(folder, 'a.csv'),
  parquet: join(folder, 'a.parquet'),
  twice: join(folder, 'twice.parquet'),
}

beforeAll(async () => {
  writeFileSync(files.csv, `${header}\n${row}\n`)
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  await connection.run(
    `COPY (SELECT 1 AS "user", 2 AS item, 7 AS y, 8 AS z, {'rating': 3} AS s, 5 AS rating, 100 AS timestamp, 6 AS ratinh)
      TO '${files.parquet}' (FORMAT parquet, COMPRESSION uncompressed)`,
  )
  connection.closeSync()
  // DuckDB does not write two columns of one name, so one gets its name afterwards.
  const text = readFileSync(files.parquet, 'latin1').replaceAll('ratinh', 'rating')
  writeFileSync(files.twice, text, 'latin1')
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

describe('a name that several columns have', () => {
  it('does not matter when no role has it', async () => {
    const rows = [[1, 2, 5, 100]]
    const atomic = `user_id:token\titem_id:token\tx:token\tx:float\trating:float\ttimestamp:float\n${row.replaceAll(',', '\t')}\n`
    expect(rowsOf(await readRecBole({ text: atomic }))).toEqual(rows)
    expect(rowsOf(await readCsv(files.csv, { columns: wanted }))).toEqual(rows)
    const stored = await held.db.readCsv(files.csv, { columns: wanted })
    expect(rowsOf(await held.db.toTable(stored))).toEqual(rows)
    const bytes = arrow('user', 'x', 'x', 'item')
    const pair = { columns: { user: 'user', item: 'item' } }
    expect(rowsOf(await readArrow(bytes, pair))).toEqual([[0, 3]])
    expect(rowsOf(await readParquet(files.twice, pair))).toEqual([[1, 2]])
    const kept = await held.db.readParquet(files.twice, pair)
    expect(rowsOf(await held.db.toTable(kept))).toEqual([[1, 2]])
  })

  it('is an error when a role has it', async () => {
    const text = 'user_id:token\titem_id:token\trating:float\trating:token\n1\t2\t3\t4\n'
    const columns = { ...wanted, timestamp: 'x' }
    const pair = { columns: { user: 'user', item: 'rating' } }
    const cases = [
      () => readRecBole({ text }),
      () => readCsv(files.csv, { columns }),
      () => held.db.readCsv(files.csv, { columns }),
      () => readArrow(arrow('user', 'rating', 'rating'), pair),
      () => readParquet(files.twice, pair),
      () => held.db.readParquet(files.twice, pair),
    ]
    for (const read of cases) {
      await expect(read()).rejects.toMatchObject({
        code: 'FILE_FORMAT',
        message: expect.stringMatching(/columns have the name "(rating|x)"/),
      })
    }
  })

  it('is read by its position in CSV, which inspectFile suggests', async () => {
    const text = 'user,item,rating,rating\n1,2,3,4\n'
    const { suggestion } = await inspectFile({ text })
    const { columns } = suggestion!.options as CsvOptions
    expect(columns).toEqual({ user: 'user', item: 'item', rating: 2 })
    expect(rowsOf(await readCsv({ text }, { columns }))).toEqual([[1, 2, 3]])
  })
})

it('is not suggested by inspectFile in files with typed columns', async () => {
  for (const source of [files.twice, arrow('user', 'item', 'rating', 'rating')]) {
    const { suggestion, warnings } = await inspectFile(source)
    const isTimed = source === files.twice
    expect(suggestion?.options).toEqual({
      columns: { user: 'user', item: 'item', ...(isTimed && { timestamp: 'timestamp' }) },
    })
    expect(warnings).toEqual([expect.stringContaining('Several columns have the name "rating"')])
  }
})

describe('one column for two roles', () => {
  it.each([
    { user: 'user', item: 'user' },
    { user: 0, item: 0 },
    { user: 'user', item: 'item', rating: 'item' },
    { user: 'user', item: 'item', rating: 4, timestamp: 4 },
  ])('is an error in CSV (%j)', async (columns) => {
    const message = expect.stringContaining('has this column already')
    const error = { code: 'INVALID_OPTIONS', message }
    await expect(readCsv(files.csv, { columns })).rejects.toMatchObject(error)
    await expect(held.db.readCsv(files.csv, { columns })).rejects.toMatchObject(error)
  })

  it('is an error in CSV when it is given once by name and once by position', async () => {
    const columns = { user: 'user', item: 'item', rating: 1 }
    const message = expect.stringContaining('item and rating are both column 1')
    const error = { code: 'INVALID_OPTIONS', message }
    await expect(readCsv(files.csv, { columns })).rejects.toMatchObject(error)
    await expect(held.db.readCsv(files.csv, { columns })).rejects.toMatchObject(error)
  })

  it('is an error in files with typed columns', async () => {
    const columns = { user: 'user', item: 'item', rating: 'rating', timestamp: 'rating' }
    const text = 'user_id:token\titem_id:token\trating:float\n1\t2\t3\n'
    const cases = [
      () => readParquet(files.parquet, { columns }),
      () => held.db.readParquet(files.parquet, { columns }),
      () => readArrow(arrow('user', 'item', 'rating'), { columns }),
      () => readRecBole({ text }, { item: 'user_id' }),
      () => readRecBole({ text }, { timestamp: 'rating' }),
    ]
    for (const read of cases) {
      await expect(read()).rejects.toMatchObject({
        code: 'INVALID_OPTIONS',
        message: expect.stringMatching(
          /has this column already|rating and timestamp are both column 2/,
        ),
      })
    }
  })
})
