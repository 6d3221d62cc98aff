import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { type InteractionTable, rowCount } from '@gnnrec/graph'
import { tableFromArrays, tableToIPC } from 'apache-arrow'
import { describe, expect, it } from 'vitest'
import {
  type FileInspection,
  type FileSource,
  inspectFile,
  readArrow,
  readCsv,
  readGowallaCheckIns,
  readJson,
  readLightGcnLines,
  readParquet,
  readRecBole,
} from '../../src/index.js'
import { hasSharedData, rowsOf, sharedData, temporaryFolder } from '../support/index.js'
import { zip } from '../support/zip.js'

const readers = {
  readArrow,
  readCsv,
  readGowallaCheckIns,
  readJson,
  readLightGcnLines,
  readParquet,
  readRecBole,
}

/** Reads a file as its inspection suggests. */
async function readAsSuggested(source: FileSource, { suggestion }: FileInspection) {
  if (suggestion === undefined) throw new Error('no suggestion')
  const read = readers[suggestion.reader] as (
    source: FileSource,
    options: object,
  ) => Promise<InteractionTable>
  return read(source, suggestion.options)
}

const rolesOf = ({ columns }: FileInspection) => columns.map(({ role = '-' }) => role).join(' ')

describe('inspectFile', () => {
  const movieLens = [
    [1, 31, 2.5, 1260759144],
    [7, 1029, 3, 1260759179],
  ]

  it.each<[string, FileSource, string, unknown[][]]>([
    [
      'CSV with a header',
      { text: 'userId,movieId,rating,timestamp\n1,31,2.5,1260759144\n7,1029,3.0,1260759179\n' },
      'user item rating timestamp',
      movieLens,
    ],
    [
      'counts of plays',
      { text: 'userID;artistID;plays\n2;51;13883\n2;52;11690\n' },
      'user item weight',
      [
        [2, 51, 13883],
        [2, 52, 11690],
      ],
    ],
    [
      'two colons',
      { text: '1::31::2.5::1260759144\n7::1029::3::1260759179\n' },
      'user item rating timestamp',
      movieLens,
    ],
    [
      'tabs, gzip',
      gzipSync('1\t31\t2.5\t1260759144\n7\t1029\t3\t1260759179\n'),
      'user item rating timestamp',
      movieLens,
    ],
    [
      'columns in another order and more of them',
      zip([
        {
          name: 'a.csv',
          content: 'Score;Comment;When;Customer ID;Product\n5;"a; b";2024-01-02;c1;p1\n',
        },
      ]),
      'rating - timestamp user item',
      [['c1', 'p1', 5, Date.UTC(2024, 0, 2) / 1000]],
    ],
    [
      'Book-Crossing',
      Buffer.from('"User-ID";"ISBN";"Book-Rating"\r\n"2";"0195\xe9";"0"\r\n', 'latin1'),
      'user item rating',
      [[2, '0195é', 0]],
    ],
    [
      'pairs by a space',
      { text: '1 2\n1 3\n4 5\n' },
      'user item',
      [
        [1, 2],
        [1, 3],
        [4, 5],
      ],
    ],
    [
      'RecBole',
      { text: 'user_id:token\titem_id:token\trating:float\n1\ta\t3\n' },
      'user item rating',
      [[1, 'a', 3]],
    ],
    [
      'Gowalla',
      { text: '0\t2010-10-19T23:55:27Z\t30.2359091167\t-97.79513958\t22847\n' },
      'user timestamp - - item',
      [[0, 22847, 1287532527]],
    ],
    [
      'LightGCN',
      { text: '0 1 2\n1 5\n' },
      '',
      [
        [0, 1],
        [0, 2],
        [1, 5],
      ],
    ],
    [
      'Arrow',
      tableToIPC(tableFromArrays({ uid: ['a'], asin: ['b'], x: [1] })),
      'user item -',
      [['a', 'b']],
    ],
    [
      'text without numbers, by the names in its header',
      { text: 'user,item\na,b\nc,d\n' },
      'user item',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
  ])('recognizes %s', async (_, source, roles, rows) => {
    const inspection = await inspectFile(source)
    expect(rolesOf(inspection)).toBe(roles)
    expect(rowsOf(await readAsSuggested(source, inspection))).toEqual(rows)
  })

  it('recognizes Parquet', async () => {
    const file = join(temporaryFolder(), 'a.parquet')
    const connection = await (await DuckDBInstance.create(':memory:')).connect()
    const query = "SELECT 1 AS user_id, 'x' AS item_id, now()::TIMESTAMP AS time, [1] AS tags"
    await connection.run(`COPY (${query}) TO '${file}' (FORMAT parquet)`)
    const inspection = await inspectFile(file)
    expect(inspection.columns).toMatchObject([
      { name: 'user_id', type: 'integer', role: 'user' },
      { name: 'item_id', type: 'text', role: 'item' },
      { name: 'time', type: 'time', role: 'timestamp' },
    ])
    expect(rowsOf(await readAsSuggested(file, inspection))[0].slice(0, 2)).toEqual([1, 'x'])
  })

  it('prints the columns, the call and the warnings', async () => {
    const text = 'user,item,rating\n007,A1,5\n8,А1,4\n'
    const inspection = await inspectFile({ text })
    expect(`${inspection}`).toBe(
      [
        '(text): delimited text, 2 rows',
        '  user    user    text     "007", "8"',
        '  item    item    text     "A1", "А1"',
        '  rating  rating  integer  "5", "4"',
        'First rows:',
        '  user  item  rating',
        '  007   A1    5',
        '  8     А1    4',
        'Read it with readCsv(source, {"columns":{"user":"user","item":"item","rating":"rating"},"delimiter":",","encoding":"utf-8","quotes":false,"escape":"\\"","header":true})',
        'Warning: The user "007" has a leading zero, so the ids of its column become strings. Read other files with idType: \'string\', so that their ids match.',
        'Warning: The items "A1" and "А1" are different ids that look alike.',
      ].join('\n'),
    )
  })

  it('says when it does not recognize the columns', async () => {
    const inspection = await inspectFile({ text: 'a,b,c\n1,2,3\n' })
    expect(inspection.suggestion).toBeUndefined()
    expect(`${inspection}`).toContain('Question: Which column has the users?')
    expect(`${inspection}`).toContain('Name it: columns: { item: "b" }')
  })

  it('warns of a file of friendships', async () => {
    const { warnings } = await inspectFile({ text: '0\t1\n0\t2\n1\t0\n' })
    expect(warnings).toEqual([expect.stringContaining('friendships of Gowalla')])
    expect((await inspectFile({ text: '1\t10\n1\t20\n2\t10\n' })).warnings).toEqual([])
  })

  it('reads only the start of a long file', async () => {
    let pieces = 0
    async function* long() {
      yield 'user,item\n'
      for (;;) {
        pieces++
        yield '1,2\n'.repeat(1000)
      }
    }
    expect(rolesOf(await inspectFile(long()))).toBe('user item')
    expect(pieces).toBeLessThan(30)
  })

  it.each([
    ['', 'the file is empty'],
    ['word\nword word\nword\n', 'the form is not recognized'],
  ])('rejects %j', async (text, message) => {
    await expect(inspectFile({ text })).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      message: expect.stringContaining(message),
    })
  })

  it.skipIf(!hasSharedData)('recognizes the real files', async () => {
    for (const [file, rows] of [
      ['ml-100k/u.data.gz', 100_000],
      ['ml-latest-small/ratings.csv.gz', 100_836],
      ['ml-1m/ratings.withtime.sample.dat.gz', 80_496],
      ['ml-1m/last-rating-per-user.tsv.gz', 6_040],
      ['gowalla/test.txt.gz', 217_242],
      ['movietweetings/10core/ratings.csv.gz', 44_613],
    ] as const) {
      const path = join(sharedData, file)
      const inspection = await inspectFile(path)
      expect(inspection.warnings, file).toEqual([])
      expect(rowCount(await readAsSuggested(path, inspection)), file).toBe(rows)
    }
    expect(readdirSync(sharedData)).toContain('gowalla')
  })

  it('warns of a column that would not be read although its name is like that of a role', async () => {
    const { warnings } = await inspectFile({ text: 'user,item,ratting,genre\n1,2,5,x\n' })
    expect(warnings).toEqual([
      'The column "ratting" would not be read. Name it as the rating in the options if it is one.',
    ])
  })
})
