import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type FileSource, inspectFile } from '../../src/index.js'
import { temporaryFolder } from '../support/index.js'
import { zip } from '../support/zip.js'

const warningsOf = async (text: string) => (await inspectFile({ text })).warnings

describe('a warning', () => {
  it.each([
    ['rounded ids', 'user,item\n1.85E+18,a\n1.85E+18,b\n2,c\n', /"1.85E\+18" was rounded/],
    [
      'ids with 15 digits',
      'user,item\n1234567890123450000,a\n1234567890123460000,b\n',
      /was rounded by a spreadsheet/,
    ],
    ['ids that became dates', 'user,item\n1,3-Mar\n2,x7\n', /"3-Mar" may be an id/],
    ['integers with decimals', 'user,item\n12.0,a\n12,b\n', /"12.0" and "12" are different/],
    ['integers that all have decimals', 'user,item\n12.0,a\n13.0,b\n', /as pandas writes/],
    ['ids that differ by case', 'user,item\nAnn,a\nann,b\n', /"Ann" and "ann".*look alike/],
    ['ids that differ by a space', 'user,item\n"ann ",a\nann,b\n', /look alike/],
    ['texts for a missing id', 'user,item\nNULL,a\nbob,b\n', /1 of 2 rows have the user "NULL"/],
    ['missing ids', 'user,item\n,a\nbob,b\n', /1 of 2 rows have no user/],
    ['one user', 'user,item\na,1\na,2\n', /All rows have the user "a"/],
    ['one item', 'user,item\na,1\nb,1\n', /All rows have the item "1"/],
    ['equal times', 'user,item,ts\na,1,2024-01-01\nb,2,2024-01-01\n', /All times are/],
    ['nothing but duplicates', 'user,item\na,1\na,1\na,1\na,1\n', /only 1 pair of/],
    [
      'a rating that is missing',
      'user,item,rating\na,1,3\nb,2,\n',
      /only 1 of 2 rows have a value/,
    ],
  ])('is given of %s', async (_, text, warning) => {
    expect(await warningsOf(text)).toContainEqual(expect.stringMatching(warning))
  })

  it('is not given of a column that the options say is not to be read', async () => {
    const text = 'user,item,rating,timestamp\na,1,3,1600000782\nb,2,4,1600000784\n'
    const columns = { rating: false, timestamp: false } as const
    expect((await inspectFile({ text }, { columns })).warnings).toEqual([])
  })

  it('is not given of ordinary files', async () => {
    const text = 'user,item,rating,ts\n1,2,3,1500000000\n2,3,4,1500000001\n1,3,4,1500000002\n'
    expect(await warningsOf(text)).toEqual([])
  })

  it('is given when the name says another format', async () => {
    const folder = temporaryFolder({
      'a.parquet': 'user,item\n1,2\n',
      'a.csv': '{"user":1,"item":2}',
    })
    for (const [name, content] of [
      ['a.parquet', 'says Parquet, but its content is delimited text'],
      ['a.csv', 'says delimited text, but its content is JSON'],
    ]) {
      const { warnings } = await inspectFile(join(folder, name))
      expect(warnings).toContainEqual(expect.stringContaining(content))
    }
  })
})

describe('an error', () => {
  const bytes = (text: string) => Buffer.from(text, 'latin1')
  const workbook = [
    { name: 'xl/workbook.xml', content: 'x' },
    { name: '[Content_Types].xml', content: 'x' },
  ]
  it.each<[string, FileSource, string, RegExp]>([
    ['a folder', temporaryDirectory(), 'FILE_READ', /it is a folder/],
    ['a file that is not there', '/no/such/file.csv', 'FILE_READ', /no such file/],
    ['an empty file', { text: '' }, 'FILE_FORMAT', /the file is empty/],
    ['a header only', { text: 'user,item\n' }, 'FILE_FORMAT', /a header but no rows/],
    ['a workbook', zip(workbook), 'FILE_READ', /Excel workbook. Save the sheet as CSV/],
    ['a picture', bytes('\x89PNG\r\n\x1a\n\0\0'), 'FILE_FORMAT', /the file is a picture/],
    ['a database', bytes('SQLite format 3\0'), 'FILE_FORMAT', /SQLite database/],
    ['a binary file', bytes('\x01\x02abc\0\x07,\n'), 'FILE_FORMAT', /the file is binary/],
    ['a page', { text: '<!DOCTYPE html>\n<html>' }, 'FILE_FORMAT', /page of HTML or XML/],
    ['UTF-16', Buffer.from('user,item\n1,2\n', 'utf16le'), 'FILE_FORMAT', /UTF-16/],
    [
      'a line with too few fields',
      { text: `user,item,x\n${'1,2,3\n'.repeat(20)}1,3\n` },
      'FILE_FORMAT',
      /line 22: got 2 fields, expected 3/,
    ],
    ['a cut JSON list', { text: '[{"user":1,"item":2},' }, 'FILE_FORMAT', /not closed/],
    ['a cut object', { text: '{"user":1,"item":2}\n{"us' }, 'FILE_FORMAT', /line 2.*not complete/],
    ['JSON with an error', { text: '{"user":1,,}' }, 'FILE_FORMAT', /line 1.*not JSON/],
    [
      'a list within an object',
      { text: '{"events":[{"user":1,"item":2}]}' },
      'FILE_FORMAT',
      /in the list "events" of one object/,
    ],
  ])('is thrown for %s', async (_, source, code, message) => {
    await expect(inspectFile(source)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
  })
})

function temporaryDirectory(): string {
  return join(import.meta.dirname)
}
