import { describe, expect, it } from 'vitest'
import { filterRating, loadBookCrossingRatings, readBookCrossing } from '../src/index.js'
import { readTextTitles } from '../src/readers/read-titles.js'
import { rowsOf, temporaryFolder } from './support/index.js'

const head = '"User-ID";"ISBN";"Book-Rating"\r\n'
const raw = Buffer.from(
  `${head}"276725";"034545104X";"0"\r\n"276726";"0155061224";"5"\r\n"9";"M\xfcller; \\"B\\"";"10"\r\n`,
  'latin1',
)

describe('readBookCrossing', () => {
  it('reads Latin-1 with semicolons, quotes and leading zeros', async () => {
    const table = await readBookCrossing(raw)
    expect(rowsOf(table)).toEqual([
      [276725, '034545104X', 0],
      [276726, '0155061224', 5],
      [9, 'Müller; "B"', 10],
    ])
    expect(table).not.toHaveProperty('timestamp')
  })

  it('keeps ISBNs as strings even when all of them are digits', async () => {
    const { users, items } = await readBookCrossing({ text: `${head}"1";"155061224";"5"\r\n` })
    expect([users.ids, items.ids]).toEqual([[1], ['155061224']])
  })

  it('drops ratings of 0 on request', async () => {
    const table = await readBookCrossing(raw, { zeroRatings: 'drop' })
    expect(rowsOf(table).map(([user]) => user)).toEqual([276726, 9])
    expect(table.users.ids).toEqual([9, 276726])
  })

  it('keeps ratings of 0 for filterRating, which can treat them as implicit positives', async () => {
    const table = await readBookCrossing(raw)
    const kept = filterRating(table, { atLeast: 6, implicitRating: 0 })
    expect(rowsOf(kept).map(([user]) => user)).toEqual([276725, 9])
    expect(rowsOf(filterRating(table, { atLeast: 6 })).map(([user]) => user)).toEqual([9])
  })

  it.each([
    [`${head}"x1";"a";"5"\r\n`, 'FILE_FORMAT', 'line 2: got the user "x1"'],
    [`${head}"1";"a";"good"\r\n`, 'FILE_FORMAT', 'line 2: got the rating "good"'],
    ['"User-ID";"Title"\r\n"1";"a"\r\n', 'FILE_FORMAT', 'no column "ISBN"'],
    [`${head}"1";"a;"5"\r\n`, 'FILE_FORMAT', 'line 2'],
  ])('rejects %j', async (text, code, message) => {
    await expect(readBookCrossing({ text })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    })
  })

  it('rejects invalid options', async () => {
    const options = { zeroRatings: 'positive' } as object
    await expect(readBookCrossing(raw, options)).rejects.toThrow('zeroRatings: got "positive"')
  })
})

describe('loadBookCrossingRatings', () => {
  it('refuses a file with other numbers than the published ones', async () => {
    const directory = temporaryFolder({ 'BX-Book-Ratings.csv': raw })
    await expect(loadBookCrossingRatings({ directory })).rejects.toMatchObject({
      code: 'DATASET_MISMATCH',
      message: expect.stringContaining('it has 3 rows, the published set has 1149780'),
    })
  })

  it('says where to fetch a missing file', async () => {
    await expect(loadBookCrossingRatings({ directory: temporaryFolder() })).rejects.toMatchObject({
      code: 'DATASET_NOT_FOUND',
      message: expect.stringMatching(/It cannot be downloaded[\s\S]*BX-CSV-Dump.zip/),
    })
  })

  it('rejects invalid options before it looks for files', async () => {
    const options = { zeroRatings: 1 } as object
    await expect(loadBookCrossingRatings(options)).rejects.toThrow(
      'Invalid options for loadBookCrossingRatings',
    )
  })
})

it('reads titles by ISBN, with escaped quotes', async () => {
  const text = '"ISBN";"Book-Title";"Author"\r\n"01";"The \\"Real\\" J; P";"x"\r\n'
  const form = { delimiter: ';', header: true, quotes: true, escape: '\\' } as const
  const titles = await readTextTitles({ text }, { ...form, encoding: 'utf-8', columns: [0, 1] })
  expect(titles).toEqual(new Map([['01', 'The "Real" J; P']]))
})
