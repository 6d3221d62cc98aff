import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { rowCount } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import {
  type FileSource,
  readAmazonRatings,
  readGowallaCheckIns,
  readMovieLens,
  readMovieTweetings,
  readRecBole,
} from '../../src/index.js'
import { hasSharedData, rowsOf, sharedData } from '../support/index.js'

const rejection = (line: number, message: string) => ({
  code: 'FILE_FORMAT',
  line,
  message: expect.stringContaining(message),
})

describe('readMovieLens', () => {
  const rows = [
    [1, 1193, 5, 978300760],
    [2, 661, 3.5, 978302109],
  ]

  it.each([
    ['::', '1::1193::5::978300760\n2::661::3.5::978302109\n'],
    ['tabs', '1\t1193\t5\t978300760\n2\t661\t3.5\t978302109\n'],
    ['CSV', 'userId,movieId,rating,timestamp\r\n1,1193,5.0,978300760\r\n2,661,3.5,978302109\r\n'],
    [
      'CSV with quotes',
      '"userId","movieId","rating","timestamp"\n1,1193,5,978300760\n2,661,3.5,978302109',
    ],
  ])('recognizes ratings with %s', async (_, text) => {
    expect(rowsOf(await readMovieLens({ text }))).toEqual(rows)
  })

  it.each([
    ['1,1193,5,978300760\n', 1, 'got the first line "1,1193,5,978300760"'],
    ['', 1, 'the file is empty'],
    ['1::1193::5\n', 1, 'no column 3; there are 3 columns'],
    ['1::1193::5::x\n', 1, 'got the timestamp "x"'],
    ['1::0x1::5::1\n', 1, 'got the item "0x1"'],
  ])('rejects %j', async (text, line, message) => {
    await expect(readMovieLens({ text })).rejects.toMatchObject(rejection(line, message))
  })

  it.skipIf(!hasSharedData)('reads the real files', async () => {
    for (const [file, count] of [
      ['ml-100k/u.data.gz', 100_000],
      ['ml-latest-small/ratings.csv.gz', 100_836],
      ['ml-1m/ratings.withtime.sample.dat.gz', 80_496],
    ] as const) {
      expect(rowCount(await readMovieLens(join(sharedData, file))), file).toBe(count)
    }
  })
})

describe('readMovieTweetings', () => {
  it('keeps the zeros of IMDb numbers', async () => {
    const text = '1::0114508::8::1381006850\n2::114508::0::1372118896\n'
    expect(rowsOf(await readMovieTweetings({ text }))).toEqual([
      [1, '0114508', 8, 1381006850],
      [2, '114508', 0, 1372118896],
    ])
  })
})

describe('readAmazonRatings', () => {
  it.each([
    ['2014', 'A3AF8FFZAZYNE5,0000000078,5.0,1092182400\n'],
    ['2018', '0000000078,A3AF8FFZAZYNE5,5.0,1092182400\n'],
    ['2023', 'user_id,parent_asin,rating,timestamp\nA3AF8FFZAZYNE5,0000000078,5.0,1092182400000\n'],
    [
      '2023, no times below a second',
      'rating,user_id,timestamp,parent_asin\n5,A3AF8FFZAZYNE5,1092182400000,0000000078\n',
    ],
  ])('reads the form of %s', async (_, text) => {
    expect(rowsOf(await readAmazonRatings({ text }))).toEqual([
      ['A3AF8FFZAZYNE5', '0000000078', 5, 1092182400],
    ])
  })

  it('asks for the order when it cannot be told', async () => {
    const text = 'B000000001,B000000002,5.0,1\n'
    await expect(readAmazonRatings({ text })).rejects.toMatchObject(
      rejection(1, "Pass order: 'user-item' or 'item-user'"),
    )
    const table = await readAmazonRatings({ text }, { order: 'item-user' })
    expect(table.items.ids).toEqual(['B000000001'])
    expect((await readAmazonRatings({ text }, { order: 'user-item' })).users.ids).toEqual([
      'B000000001',
    ])
  })
})

describe('readGowallaCheckIns', () => {
  const line = '0\t2010-10-19T23:55:27Z\t30.2359091167\t-97.7951395833\t22847\n'

  it('reads users, places and times', async () => {
    const text = `${line}0\t2010-10-18T22:17:43Z\t30.2691029532\t-97.7493953705\t420315\n`
    expect(rowsOf(await readGowallaCheckIns({ text }))).toEqual([
      [0, 22847, Date.UTC(2010, 9, 19, 23, 55, 27) / 1000],
      [0, 420315, Date.UTC(2010, 9, 18, 22, 17, 43) / 1000],
    ])
  })

  it('reads places that are not numbers, as in Brightkite', async () => {
    const { items } = await readGowallaCheckIns({ text: line.replace('22847', 'ee81ef22') })
    expect(items.ids).toEqual(['ee81ef22'])
  })

  it('refuses the file of friendships', async () => {
    await expect(readGowallaCheckIns({ text: '0\t1\n0\t2\n' })).rejects.toMatchObject(
      rejection(1, 'its pairs are two users, not a user and a place'),
    )
  })

  it('refuses other numbers of columns', async () => {
    await expect(readGowallaCheckIns({ text: '0 1 2 3 4\n' })).rejects.toMatchObject(
      rejection(1, 'got 1 columns, expected 5'),
    )
  })

  it.each([
    '19.10.2010 23:55:27',
    '2010-02-30T00:00:00Z',
    '2010-13-01T00:00:00Z',
    '2010-10-19T24:00:00Z',
    '1287532527',
    '',
  ])('refuses the time %j', async (time) => {
    const text = line.replace('2010-10-19T23:55:27Z', time)
    await expect(readGowallaCheckIns({ text })).rejects.toMatchObject(
      rejection(1, `got the time ${JSON.stringify(time)}`),
    )
  })
})

describe('readRecBole', () => {
  const header = 'user_id:token\titem_id:token\trating:float\ttimestamp:float\n'

  it('reads an atomic file', async () => {
    expect(rowsOf(await readRecBole({ text: `${header}196\t242\t3\t881250949\n` }))).toEqual([
      [196, 242, 3, 881250949],
    ])
  })

  it('reads files without ratings and times, and other column names', async () => {
    const text = 'place:token\tperson:token\tnote:token_seq\nx\ty\ta b\n'
    const table = await readRecBole({ text }, { user: 'person', item: 'place' })
    expect(rowsOf(table)).toEqual([['y', 'x']])
    expect(table).not.toHaveProperty('rating')
  })

  it.each([
    ['score', 'rating'],
    ['plays', 'weight'],
    ['ratings', 'rating'],
    ['time', 'timestamp'],
  ])('asks whether %s is the %s that the file lacks', async (name, role) => {
    const text = `user_id:token\titem_id:token\t${name}:float\tgenre:float\n1\t2\t5\t6\n`
    await expect(readRecBole({ text })).rejects.toMatchObject(
      rejection(1, `Pass ${role}: "${name}" to read it, or ${role}: false to leave it out`),
    )
    expect(rowsOf(await readRecBole({ text }, { [role]: name }))).toEqual([[1, 2, 5]])
    expect(rowsOf(await readRecBole({ text }, { [role]: false }))).toEqual([[1, 2]])
  })

  it('leaves out ratings and times on request, and refuses a given column that is missing', async () => {
    const text = `${header}196\t242\t3\t881250949\n`
    const options = { rating: false, timestamp: false } as const
    expect(rowsOf(await readRecBole({ text }, options))).toEqual([[196, 242]])
    await expect(readRecBole({ text }, { rating: 'stars' })).rejects.toMatchObject(
      rejection(1, 'no column "stars"'),
    )
  })

  it('reads pairs as FPSR writes them', async () => {
    const text = 'user_id:token\titem_id:token\n0\t1\n'
    expect(rowsOf(await readRecBole({ text }))).toEqual([[0, 1]])
  })

  it.each([
    ['user_id\titem_id\n1\t2\n', 'got the column "user_id", expected name:type'],
    ['user_id:token\titem_id:int\n1\t2\n', 'got the column "item_id:int"'],
    ['user_id:token\titem_id:token_seq\n1\t2\n', 'has the type token_seq, expected token'],
    ['user_id:token\titem:token\n1\t2\n', 'no column "item_id"'],
  ])('rejects the header of %j', async (text, message) => {
    await expect(readRecBole({ text })).rejects.toMatchObject(rejection(1, message))
  })
})

it.each<[string, (source: FileSource, options: object) => Promise<unknown>]>([
  ['readMovieLens', readMovieLens],
  ['readMovieTweetings', readMovieTweetings],
  ['readAmazonRatings', readAmazonRatings],
  ['readGowallaCheckIns', readGowallaCheckIns],
  ['readRecBole', readRecBole],
])('%s rejects a misspelt option', async (name, read) => {
  await expect(read({ text: '' }, { singal: 1 })).rejects.toThrow(`Invalid options for ${name}`)
})

it.skipIf(!hasSharedData)('reads ml-100k in the form of RecBole', async () => {
  const lines = gunzipSync(readFileSync(join(sharedData, 'ml-100k/u.data.gz'))).toString()
  const header = 'user_id:token\titem_id:token\trating:float\ttimestamp:float\n'
  const table = await readRecBole({ text: header + lines })
  expect(rowsOf(table)).toEqual(rowsOf(await readMovieLens({ text: lines })))
})
