import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CsvOptions, type FileSource, readCsv } from '../src/index.js'
import { abortingAfter, rowsOf, temporaryFolder } from './support/index.js'

const named: CsvOptions = {
  columns: { user: 'user', item: 'item', rating: 'rating', timestamp: 'time' },
}
const plain = 'user,item,rating,time\n1,10,4.5,100\n2,10,3,99\n'
const rows = [
  [1, 10, 4.5, 100],
  [2, 10, 3, 99],
]

const read = async (text: string, options: Partial<CsvOptions> = {}) =>
  rowsOf(await readCsv({ text }, { ...named, ...options }))

describe('the source of readCsv', () => {
  const folder = () =>
    temporaryFolder({
      'a b.csv': plain,
      'ratings.csv.gz': gzipSync(plain),
      'zip.csv': gzipSync(plain),
    })
  const bytes = new TextEncoder().encode(plain)

  it.each<[string, () => FileSource]>([
    ['a path', () => join(folder(), 'a b.csv')],
    ['a file URL', () => pathToFileURL(join(folder(), 'a b.csv'))],
    ['a gzip file', () => join(folder(), 'ratings.csv.gz')],
    ['a gzip file with another name', () => join(folder(), 'zip.csv')],
    ['bytes', () => bytes],
    ['gzip bytes', () => gzipSync(plain)],
    ['text', () => ({ text: plain })],
  ])('may be %s', async (_, source) => {
    expect(rowsOf(await readCsv(source(), named))).toEqual(rows)
  })

  it('is named in the error when it does not exist', async () => {
    const path = join(temporaryFolder(), 'none.csv')
    await expect(readCsv(path, named)).rejects.toMatchObject({
      code: 'FILE_READ',
      file: path,
      message: expect.stringContaining(`Cannot read ${path}`),
    })
  })

  it('throws an error when it is a folder', async () => {
    await expect(readCsv(temporaryFolder(), named)).rejects.toMatchObject({ code: 'FILE_READ' })
  })

  it('throws an error when it is cut off', async () => {
    const source = gzipSync(plain).subarray(0, 30)
    await expect(readCsv(source, named)).rejects.toMatchObject({
      code: 'FILE_READ',
      message: expect.stringContaining('damaged or cut off'),
    })
  })

  it.each([[new URL('https://example.org/a.csv')], [5], [null], [{ txt: '' }]])(
    'may not be %s',
    async (source) => {
      await expect(readCsv(source as FileSource, named)).rejects.toMatchObject({
        code: 'INVALID_OPTIONS',
      })
    },
  )
})

describe('the form of the file for readCsv', () => {
  it.each([
    ['a byte-order mark', `\uFEFF${plain}`],
    ['a byte-order mark and quoted names', `\uFEFF${plain.replace('user', '"user"')}`],
    ['Windows line ends', plain.replaceAll('\n', '\r\n')],
    ['old Macintosh line ends', plain.replaceAll('\n', '\r')],
    ['mixed line ends', plain.replace('\n', '\r\n')],
    ['no line end at the end', plain.trimEnd()],
    ['empty lines', plain.replaceAll('\n', '\n\n')],
    ['quotes', plain.replaceAll(',10,', ',"10",')],
  ])('may have %s', async (_, text) => {
    expect(await read(text)).toEqual(rows)
  })

  it('may have commas, quotes and line ends inside quotes', async () => {
    const text = 'user,item,rating,time\n"a, b",x,1,2\n"say ""hi""","two\nlines",3,4\n'
    expect(await read(text)).toEqual([
      ['a, b', 'x', 1, 2],
      ['say "hi"', 'two\nlines', 3, 4],
    ])
  })

  it('may treat quotes as ordinary characters', async () => {
    const columns = { user: 0, item: 1 }
    expect(await read('"a,x\nb","\n', { quotes: false, header: false, columns })).toEqual([
      ['"a', 'x'],
      ['b"', '"'],
    ])
  })

  it('may have another delimiter and no header', async () => {
    const columns = { user: 0, item: 1, rating: 2, timestamp: 3 }
    const text = '1::10::4.5::100\n2::10::3::99\n'
    expect(await read(text, { delimiter: '::', header: false, columns })).toEqual(rows)
  })

  it('may have its columns at any position', async () => {
    const text = 'time,junk,item,user\n5,x,10,1\n'
    expect(await read(text, { columns: { user: 3, item: 'item', timestamp: 0 } })).toEqual([
      [1, 10, 5],
    ])
  })

  it('may be Latin-1', async () => {
    const source = Buffer.from('user;item\nZoë;Amélie\n', 'latin1')
    const options = { columns: { user: 'user', item: 'item' }, delimiter: ';' }
    const table = await readCsv(source, { ...options, encoding: 'latin1' })
    expect(rowsOf(table)).toEqual([['Zoë', 'Amélie']])
    await expect(readCsv(source, options)).rejects.toThrow('(bytes): the bytes are not UTF-8')
    const recoded = { text: 'user;item\nZoë;Amélie\n' }
    await expect(readCsv(recoded, { ...options, encoding: 'latin1' })).rejects.toThrow(
      "the bytes are UTF-8, not Latin-1. Pass encoding: 'utf-8'.",
    )
  })

  it('may be longer than the pieces in which it is parsed', async () => {
    const ids = Array.from({ length: 30_000 }, (_, row) => `é${row}`)
    const text = `user,item\r\n${ids.map((id) => `${id},"${id},"`).join('\r\n')}\r\n`
    expect(text.length).toBeGreaterThan(4 * 65_536)
    const found = await read(text, { columns: { user: 'user', item: 'item' } })
    expect(found).toEqual(ids.map((id) => [id, `${id},`]))
  })

  it('may hold any text in its fields', async () => {
    const field = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 })
    const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
    const written = fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(written, async (pairs) => {
        const text = pairs.map((pair) => pair.map(quote).join(',')).join('\n')
        const columns = { user: 0, item: 1 }
        expect(await read(text, { header: false, columns, idType: 'string' })).toEqual(pairs)
      }),
    )
  })
})

describe('the ids of readCsv', () => {
  const users = async (texts: string[], idType?: CsvOptions['idType']) => {
    const text = `user,item\n${texts.map((id) => `${id},1\n`).join('')}`
    const columns = { user: 'user', item: 'item' }
    return (await readCsv({ text }, { columns, idType })).users.ids
  }

  it('are numbers in a column of canonical integers', async () => {
    expect(await users(['10', '9', '-3', '0', '9007199254740991'])).toEqual([
      -3, 0, 9, 10, 9007199254740991,
    ])
  })

  it.each(['07', '+7', '7.0', '1e3', ' 7', '-0', '9007199254740992', 'x', '０'])(
    'are strings in a column with %j',
    async (id) => {
      expect(await users(['10', id])).toEqual(['10', id].sort())
    },
  )

  it('are strings on request', async () => {
    expect(await users(['10', '9'], 'string')).toEqual(['10', '9'])
  })

  it('are checked when numbers are required', async () => {
    expect(await users(['10', '9'], 'number')).toEqual([9, 10])
    await expect(users(['10', '09'], 'number')).rejects.toThrow('(text), line 3: got the user "09"')
  })

  it('may have different types in the two columns', async () => {
    expect(await read('user,item\n1,x\n', { columns: { user: 0, item: 1 } })).toEqual([[1, 'x']])
  })
})

describe('the numbers of readCsv', () => {
  it('may have a sign, a point, a power of ten and spaces around them', async () => {
    const texts = ['5', '-0.5', '+2', '.25', '3.', '1e2', '1.5E-1', ' 4 ', '1234567890123456']
    const text = `user,item,rating,time\n${texts.map((number) => `1,1,0,${number}\n`).join('')}`
    expect((await read(text)).map((row) => row[3])).toEqual([
      5, -0.5, 2, 0.25, 3, 100, 0.15, 4, 1234567890123456,
    ])
  })

  it.each([
    '0x10',
    '0b1',
    '0o7',
    '1_000',
    '1,000',
    '5n',
    '1e',
    'e5',
    '.',
    '-',
    '+-1',
    '1e400',
    '٣',
  ])('may not be %j', async (number) => {
    for (const row of [`"${number}",1`, `1,"${number}"`]) {
      await expect(read(`user,item,rating,time\n1,1,${row}\n`)).rejects.toThrow(
        `${JSON.stringify(number)}, expected a finite number.`,
      )
    }
  })
})

describe('the timestamps of readCsv', () => {
  const times = async (...texts: string[]) => {
    const text = `user,item,time\n${texts.map((time) => `1,1,"${time}"\n`).join('')}`
    const columns = { user: 0, item: 1, timestamp: 2 }
    return Array.from((await readCsv({ text }, { columns, timestampFormat: 'iso' })).timestamp!)
  }

  it('may be written in ISO 8601', async () => {
    expect(
      await times(
        '1970-01-01T00:00:00Z',
        '1970-01-02',
        '1970-01-01 00:01',
        '1970-01-01T00:00:01.5Z',
        '1970-01-01T02:00:00+02:00',
        '1969-12-31 22:30:00 -0130',
        '1969-12-31T23:59:59Z',
        '1970-01-01t02:00:00+02',
        '1970-01-01t00:00:00,25z',
        '1970-01-01 00:00:00 utc',
        '1970-01-01T23:59:00+23:59',
        ' 1970-01-01 ',
      ),
    ).toEqual([0, 86400, 60, 1.5, 0, 0, -1, 0, 0.25, 0, 0, 0])
  })

  it('may be of any year of four digits', async () => {
    expect(await times('0001-01-01', '0000-01-01', '0099-12-31', '0000-02-29')).toEqual([
      -62135596800, -62167219200, -59011545600, -62162121600,
    ])
  })

  it('are named with the option that reads them when they stand in a column of numbers', async () => {
    await expect(read('user,item,rating,time\n1,1,1,2020-01-01\n')).rejects.toThrow(
      `got the timestamp "2020-01-01", expected a finite number. It is a time in ISO 8601, which readCsv reads with timestampFormat: 'iso'.`,
    )
    await expect(times('1577872800')).rejects.toThrow(
      "Leave out timestampFormat: 'iso' to read numbers.",
    )
  })

  it('are the times that Date parses', async () => {
    const moment = fc.date({
      min: new Date('0000-01-01'),
      max: new Date('9999-01-01'),
      noInvalidDate: true,
    })
    await fc.assert(
      fc.asyncProperty(fc.array(moment, { minLength: 1 }), async (dates) => {
        const expected = dates.map((date) => Math.floor(date.getTime() / 1000))
        const texts = dates.map((date) => `${date.toISOString().slice(0, 19)}Z`)
        expect(await times(...texts)).toEqual(expected)
      }),
    )
  })

  it.each([
    '2010-02-29',
    '2010-13-01',
    '0099-02-29',
    '10:00',
    '1287532527',
    '2010-1-1',
    'today',
    '2020-01-01T10:00:00+99:99',
    '2020-01-01T10:00:00+24:00',
    '2020-01-01T10:00:00-00:60',
    '2020-01-01T10:00:00+2',
    '2020-01-01T24:00:00',
    '2020-01-01Z',
    '-001-01-01',
  ])('may not be %j then', async (time) => {
    await expect(times('1970-01-01', time)).rejects.toThrow(
      `line 3: got the time ${JSON.stringify(time)}`,
    )
  })
})

describe('readCsv rejects', () => {
  const head = 'user,item,rating,time\n'

  it.each([
    ['a line with a field too few', `${head}1,1,1,1\n1,2,3\n`, 3, 'got 3 fields, expected 4'],
    ['a line with a field too many', `${head}1,1,1,1,1\n`, 2, 'got 5 fields, expected 4'],
    ['a NaN rating', `${head}1,1,1,1\n1,2,NaN,1\n`, 3, 'got the rating "NaN"'],
    ['an infinite rating', `${head}1,2,Infinity,1\n`, 2, 'got the rating "Infinity"'],
    ['a rating too large', `${head}1,2,1e39,1\n`, 2, 'got the rating "1e39"'],
    ['an empty rating', `${head}1,2,,1\n`, 2, 'got the rating ""'],
    ['a blank rating', `${head}1,2, ,1\n`, 2, 'got the rating " "'],
    ['a rating in words', `${head}1,2,good,1\n`, 2, 'got the rating "good"'],
    ['a broken timestamp', `${head}1,2,3,monday\n`, 2, 'got the timestamp "monday"'],
    ['an empty user', `${head},2,3,4\n`, 2, 'the user is empty'],
    ['an empty item', `${head}1,,3,4\n`, 2, 'the item is empty'],
    ['text after a quote', `${head}1,1,1,1\n"1"x,2,3,4\n`, 3, 'text after the quote'],
    ['a quote inside a field', `${head}1,1,1,1\n1,a"b,3,4\n`, 3, 'a quote inside a field'],
    ['a missing column', 'user,film,rating,time\n1,1,1,1\n', 1, 'no column "item"'],
    ['two columns of one name', 'user,item,item,rating,time\n1,1,1,1,1\n', 1, 'two columns'],
    ['an empty file', '', undefined, 'the file is empty'],
    ['a file of empty lines', '\n\r\n\n', undefined, 'the file is empty'],
    ['a header alone', head, undefined, 'the file has a header but no rows'],
  ])('%s', async (_, text, line, message) => {
    for (const [ending, lines] of [
      ['\n', text],
      ['\r\n', text.replace(/\r?\n/g, '\r\n')],
    ] as const) {
      const path = join(temporaryFolder({ 'ratings.csv': lines }), 'ratings.csv')
      const place = line === undefined ? path : `${path}, line ${line}`
      await expect(readCsv(path, named), JSON.stringify(ending)).rejects.toMatchObject({
        code: 'FILE_FORMAT',
        file: path,
        ...(line !== undefined && { line }),
        message: expect.stringMatching(new RegExp(`^${place}: .*${message}`)),
      })
    }
  })

  it('a quote that is never closed', async () => {
    await expect(read(`${head}1,1,1,1\n"1,2,3,4\n5,6,7,8\n`)).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      line: 3,
      message: expect.stringContaining('never closed'),
    })
  })

  it('a broken line after empty lines and quoted line ends, with the line of the file', async () => {
    const text = `${head}\n\n"a\nb",1,1,1\n\nc,1\n`
    await expect(read(text)).rejects.toMatchObject({ line: 7 })
  })

  it('a missing column, and lists the columns of the file', async () => {
    await expect(read('userId,movieId\n1,1\n')).rejects.toThrow(
      `no column "user" (did you mean 'userId'?); the columns are "userId", "movieId".`,
    )
    const columns = { user: 0, item: 2 }
    await expect(read('1,1\n', { header: false, columns })).rejects.toThrow(
      'no column 2; there are 2 columns (0 to 1).',
    )
  })

  it.each<[object, string]>([
    [{ columns: { user: 0 } }, 'columns.item: got undefined'],
    [{ columns: { user: 0, item: -1 } }, 'columns.item: got -1'],
    [{ columns: { user: 0, item: null } }, "expected a column's name or its position from 0"],
    [{ ...named, header: false }, 'columns.user: got the name "user", but header is false'],
    [{ ...named, delimiter: '' }, 'delimiter'],
    [{ ...named, delimeter: ';' }, "did you mean 'delimiter'"],
    [{ ...named, encoding: 'utf-16' }, 'encoding'],
    [{ ...named, idType: 'int' }, 'idType'],
  ])('the options %j', async (options, message) => {
    await expect(readCsv({ text: plain }, options as CsvOptions)).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringContaining(message),
    })
  })

  it('to continue after the signal is aborted', async () => {
    const controller = new AbortController()
    const source = abortingAfter('user,item\n1,2\n', controller)
    const reading = readCsv(source, {
      columns: { user: 0, item: 1 },
      signal: controller.signal,
    })
    await expect(reading).rejects.toThrow('enough')
  })
})
