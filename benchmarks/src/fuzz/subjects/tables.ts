import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import {
  inspectFile,
  readAmazonRatings,
  readArrow,
  readBookCrossing,
  readCsv,
  readGowallaCheckIns,
  readJson,
  readLightGcnLines,
  readMovieLens,
  readMovieTweetings,
  readParquet,
  readRecBole,
} from '@gnnrec/data'
import { DuckDb, type DuckDbTable } from '@gnnrec/data/duckdb'
import type { InteractionTable } from '@gnnrec/graph'
import { tableFromArrays, tableToIPC } from 'apache-arrow'
import { parquetWriteBuffer } from 'hyparquet-writer'
// The tests of @gnnrec/data make the same archives.
import { zip } from '../../../../packages/data/test/support/zip.js'
import type { Files, Subject } from '../subject.js'
import { digestOfJson, digestOfTable, madeColumns, madeLines } from './made-data.js'

const columns = { user: 'user', item: 'item', rating: 'rating', timestamp: 'timestamp' }
/** Options of the readers that decode in a thread of their own, for less time than counts as a hang. */
const columnar = { columns, maxDecodeSeconds: 5 }
const header = 'user,item,rating,timestamp'
const { user, item, rating, timestamp } = madeColumns
const joinedBy = (delimiter: string) => (row: number) =>
  [user[row].slice(1), item[row], rating[row], timestamp[row]].join(delimiter)

const csv = madeLines(
  (row) => `"${user[row]}",${item[row]},${rating[row]},${timestamp[row]}`,
  header,
)
const recBole = madeLines(
  (row) => `${user[row]}\t${item[row]}\t${rating[row]}\t${timestamp[row]}`,
  'user_id:token\titem_id:token\trating:float\ttimestamp:float',
)
const amazon = madeLines(
  (row) => `A${user[row]}XYZ12345,000171335${item[row]},${rating[row]}.0,1123804800`,
)
const bookCrossing = madeLines(
  (row) => `"${user[row].slice(1)}";"034545104${item[row]}";"${rating[row]}"`,
  '"User-ID";"ISBN";"Book-Rating"',
)
const checkIns = madeLines(
  (row) => `${user[row].slice(1)}\t2010-10-19T23:55:27Z\t30.23\t-97.79\t${item[row]}`,
)
const jsonRows = user.map((name, row) => ({
  who: { id: name },
  item: item[row],
  rating: rating[row],
  timestamp: new Date(1000 * timestamp[row]).toISOString(),
}))
const jsonLines = Buffer.from(jsonRows.map((row) => `${JSON.stringify(row)}\n`).join(''))
const jsonList = Buffer.from(JSON.stringify(jsonRows, undefined, 1))
const jsonColumns = { ...columns, user: 'who.id' }
const lightGcn = madeLines((row) => `${row} ${item[row]} ${(item[row] + 3) % 10}`)

/** Tables in each format that the package `data` reads. */
export const tableSubjects: readonly Subject[] = [
  table(
    'csv',
    'table.csv',
    () => csv,
    (file) => readCsv(file, { columns }),
  ),
  gzipped(
    table(
      'csv in gzip',
      'table.csv.gz',
      () => gzipSync(csv),
      (file) => readCsv(file, { columns }),
    ),
  ),
  zipped(
    table(
      'csv in zip',
      'table.zip',
      () => packed(csv),
      (file) => readCsv(file, { columns }),
    ),
  ),
  table('movielens with colons', 'ratings.dat', () => madeLines(joinedBy('::')), readMovieLens),
  table('movielens with tabs', 'u.data', () => madeLines(joinedBy('\t')), readMovieLens),
  table(
    'movielens csv',
    'ratings.csv',
    () => madeLines(joinedBy(','), 'userId,movieId,rating,timestamp'),
    readMovieLens,
  ),
  table('movietweetings', 'ratings.dat', () => madeLines(joinedBy('::')), readMovieTweetings),
  table('amazon ratings', 'ratings_Books.csv', () => amazon, readAmazonRatings),
  table('book-crossing', 'BX-Book-Ratings.csv', () => bookCrossing, readBookCrossing),
  table('gowalla check-ins', 'checkins.txt', () => checkIns, readGowallaCheckIns),
  table('lightgcn lines', 'train.txt', () => lightGcn, readLightGcnLines),
  table('recbole', 'made.inter', () => recBole, readRecBole),
  table(
    'json lines',
    'table.jsonl',
    () => jsonLines,
    (file) => readJson(file, { columns: jsonColumns }),
  ),
  table(
    'json list',
    'table.json',
    () => jsonList,
    (file) => readJson(file, { columns: jsonColumns }),
  ),
  table(
    'arrow file',
    'table.arrow',
    () => arrow('file'),
    (file) => readArrow(file, columnar),
  ),
  table(
    'arrow stream',
    'table.arrows',
    () => arrow('stream'),
    (file) => readArrow(file, columnar),
  ),
  table(
    'parquet',
    'table.parquet',
    () => parquet('UNCOMPRESSED'),
    (file) => readParquet(file, columnar),
  ),
  table(
    'parquet with snappy',
    'table.parquet',
    () => parquet('SNAPPY'),
    (file) => readParquet(file, columnar),
  ),
  table(
    'csv in DuckDB',
    'table.csv',
    () => csv,
    (file) => inDuckDb((database) => database.readCsv(file, { columns })),
  ),
  table(
    'parquet in DuckDB',
    'table.parquet',
    () => parquet('SNAPPY'),
    (file) => inDuckDb((database) => database.readParquet(file, { columns })),
  ),
  inspected('inspection of csv', 'table.csv', () => csv),
  inspected('inspection of json lines', 'table.jsonl', () => jsonLines),
  inspected('inspection of arrow', 'table.arrow', () => arrow('file')),
  inspected('inspection of parquet', 'table.parquet', () => parquet('SNAPPY')),
]

function table(
  name: string,
  file: string,
  bytes: () => Uint8Array,
  read: (file: string) => Promise<InteractionTable>,
): Subject {
  return {
    name,
    mayBeOdd: true,
    make: (folder) => writeFile(join(folder, file), bytes()),
    read: async (folder) => digestOfTable(await read(join(folder, file))),
  }
}

async function inDuckDb(
  read: (database: DuckDb) => Promise<DuckDbTable>,
): Promise<InteractionTable> {
  const database = await DuckDb.open({ memoryLimit: '400MB', threads: 1 })
  try {
    return await database.toTable(await read(database))
  } finally {
    await database.close()
  }
}

function inspected(name: string, file: string, bytes: () => Uint8Array): Subject {
  return {
    name,
    mayBeOdd: true,
    // Its thread may decode for a minute.
    seconds: 75,
    make: (folder) => writeFile(join(folder, file), bytes()),
    async read(folder) {
      const inspection = await inspectFile(join(folder, file))
      return digestOfJson(inspection, String(inspection))
    },
  }
}

function gzipped(subject: Subject): Subject {
  return {
    ...subject,
    unpack: (files) => mapped(files, gunzipSync),
    pack: (files) => mapped(files, gzipSync),
  }
}

function zipped(subject: Subject): Subject {
  return {
    ...subject,
    unpack: (files) => mapped(files, () => csv),
    pack: (files) => mapped(files, packed),
  }
}

function mapped(files: Files, change: (bytes: Uint8Array) => Uint8Array): Files {
  return new Map([...files].map(([name, bytes]) => [name, new Uint8Array(change(bytes))]))
}

function packed(content: Uint8Array): Uint8Array {
  return zip([{ name: 'table.csv', content }])
}

function arrow(form: 'file' | 'stream'): Uint8Array {
  return tableToIPC(
    tableFromArrays({
      user,
      item: Int32Array.from(item),
      rating: Float32Array.from(rating),
      timestamp: Float64Array.from(timestamp),
    }),
    form,
  )
}

function parquet(codec: 'UNCOMPRESSED' | 'SNAPPY'): Uint8Array {
  const bytes = parquetWriteBuffer({
    columnData: [
      { name: 'user', data: user, type: 'STRING' },
      { name: 'item', data: item, type: 'INT32' },
      { name: 'rating', data: rating, type: 'DOUBLE' },
      {
        name: 'timestamp',
        data: timestamp.map((time) => new Date(1000 * time)),
        type: 'TIMESTAMP',
      },
    ],
    codec,
    rowGroupSize: 16,
  })
  return new Uint8Array(bytes)
}
