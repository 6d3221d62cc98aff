import { join } from 'node:path'
import { fromRecords } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CsvOptions, readCsv } from '../../src/index.js'
import { useDuckDb } from '../support/duckdb.js'
import { temporaryFolder } from '../support/index.js'

const held = useDuckDb()

/** Texts that another parser of CSV would take for another value, or for none. */
const ids = [
  ...[
    '1',
    '2',
    '10',
    '07',
    '-0',
    '+1',
    '1.0',
    '1e3',
    ' 1',
    '9007199254740993',
    '99999999999999999999',
  ],
  ...[
    'a',
    'A',
    'a b',
    'NULL',
    'null',
    'nan',
    'true',
    'Zoë',
    'é',
    '\u{1F600}',
    "it's",
    'x\ty',
    '\\N',
    '\\',
  ],
  ...[
    'say "hi"',
    'two\nlines',
    'two\r\nlines',
    'a,b',
    'a;b',
    '#1',
    '[1, 2]',
    "{'a': 1}",
    '\u0000',
    '',
  ],
]
const numbers = [
  ...[
    '5',
    '4.5',
    '-3',
    '+2',
    '.5',
    '3.',
    '1e2',
    '1E-2',
    ' 4 ',
    '0',
    '-0',
    '3.3',
    '0.1',
    '16777217',
  ],
  ...[
    '12345678901234567890',
    '1e38',
    '1e39',
    '1e400',
    'nan',
    'NaN',
    'inf',
    'Infinity',
    '-inf',
    'true',
  ],
  ...['0x10', '0b1', '1_000', '1,000', '٣', 'five', 'null', '', ' ', '2020-01-01', '1577872800'],
]
const times = [
  ...['2020-01-01', '2020-01-01T10:00:00Z', '2020-01-01 10:00', '2020-01-01T10:00:00.25Z'],
  ...[
    '2020-01-01T10:00:00+02:00',
    '2020-01-01T10:00:00-0130',
    '2020-01-01 10:00:00+02',
    '0001-01-01',
  ],
  ...['2020-01-01t10:00:00z', '2020-01-01 10:00:00 UTC', '2020-01-01T10:00:00,5Z', '0099-12-31'],
  ...[
    '2020-01-01T10:00:00+99:99',
    '2020-02-30',
    '2020-1-1',
    '20200101',
    '24:00',
    'infinity',
    'epoch',
  ],
]

const usually = <T>(likely: T[], odd: T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...likely) },
    { weight: 1, arbitrary: fc.constantFrom(...odd) },
  )

const forms = fc.record({
  rows: fc.array(
    fc.record({
      user: usually(['1', '2', 'a'], ids),
      item: usually(['10', '9', '07'], ids),
      number: usually(['5', '4.5', '3.3', '-1', '1e2'], numbers),
      time: usually(times.slice(0, 8), times),
      lineEnd: usually(['\n'], ['\r\n', '\r', '\n\n', '\r\n\r\n', '\n\r']),
      end: usually([''], [',', ';', ',,', ' ']),
      hasQuotes: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  ),
  start: usually([''], ['\n', '\r\n\n', '\uFEFF', '\uFEFF\n', ' \n']),
  isIso: fc.boolean(),
  header: fc.boolean(),
  lastLineEnd: fc.boolean(),
  delimiter: fc.constantFrom(',', ';', '\t', '::', '--|--'),
  quotes: usually([true], [false]),
  escape: usually<'"' | '\\'>(['"'], ['\\']),
  idType: usually<NonNullable<CsvOptions['idType']>>(
    ['auto'],
    ['string', 'number', { user: 'string' }],
  ),
  isLatin1: usually([false], [true]),
})

/** Writes the text of a form, with quotes where a field needs them. */
function textOf(form: typeof forms extends fc.Arbitrary<infer T> ? T : never): string {
  const { delimiter, escape: escaping } = form
  const quoted = (field: string, isWanted: boolean): string => {
    if (!isWanted && !/["\r\n]/.test(field) && !field.includes(delimiter)) return field
    const safe = escaping === '\\' ? field.replaceAll('\\', '\\\\') : field
    return `"${safe.replaceAll('"', `${escaping}"`)}"`
  }
  const lines = form.rows.map(({ user, item, number, time, lineEnd, end, hasQuotes }, place) => {
    const fields = [user, item, number, form.isIso ? time : number]
    const line = fields.map((field) => quoted(field, hasQuotes)).join(delimiter)
    const isLast = place === form.rows.length - 1
    return `${line}${end}${isLast && !form.lastLineEnd ? '' : lineEnd}`
  })
  const head = form.header ? `${['user', 'item', 'rating', 'time'].join(delimiter)}\n` : ''
  return `${form.start}${head}${lines.join('')}`
}

async function outcome(action: () => Promise<unknown>): Promise<unknown> {
  try {
    return await action()
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    return { code, message }
  }
}

describe('DuckDb.readCsv', { timeout: 240_000 }, () => {
  it('reads the same rows as readCsv or fails with the same error, whatever the form of the file', async () => {
    const counts = { tables: 0, errors: 0 }
    await fc.assert(
      fc.asyncProperty(forms, async (form) => {
        const text = textOf(form)
        const content = form.isLatin1 ? Buffer.from(text, 'latin1') : text
        const file = join(temporaryFolder({ 'a.csv': content }), 'a.csv')
        const options: CsvOptions = {
          columns: { user: 0, item: 1, rating: 2, timestamp: 3 },
          delimiter: form.delimiter,
          header: form.header,
          quotes: form.quotes,
          escape: form.escape,
          idType: form.idType,
          encoding: form.isLatin1 ? 'latin1' : 'utf-8',
          timestampFormat: form.isIso ? 'iso' : 'number',
        }
        const expected = await outcome(() => readCsv(file, options))
        const found = await outcome(async () => {
          const stored = await held.db.readCsv(file, options)
          const table = await held.db.toTable(stored)
          await held.db.drop(stored)
          return table
        })
        expect(found).toEqual(expected)
        counts[Object.hasOwn(expected as object, 'code') ? 'errors' : 'tables']++
      }),
      { numRuns: 300, seed: 16 },
    )
    // Both outcomes must be common, or the test compares little.
    expect(Math.min(counts.tables, counts.errors)).toBeGreaterThan(60)
  })

  it('turns a column of numbers into strings when the first text comes late', async () => {
    const lines = Array.from({ length: 90_000 }, (_, row) => `${row},${row % 7}`)
    const file = join(temporaryFolder({ 'a.csv': `${lines.join('\n')}\nx,07\n` }), 'a.csv')
    const options: CsvOptions = { columns: { user: 0, item: 1 }, header: false }
    const table = await held.db.toTable(await held.db.readCsv(file, options))
    expect(table).toEqual(await readCsv(file, options))
    expect(table.users.type).toBe('string')
  })

  it('removes the table of a file that is refused', async () => {
    const text = `${'1,2\n'.repeat(200_000)}1\n`
    const options: CsvOptions = { columns: { user: 0, item: 1 }, header: false }
    const before = await held.db.query('SHOW TABLES')
    await expect(held.db.readCsv({ text }, options)).rejects.toThrow('line 200001: got 1 fields')
    expect(await held.db.query('SHOW TABLES')).toEqual(before)
  })
})

describe('DuckDb.fromTable', () => {
  it('rejects ids that DuckDB cannot tell apart', async () => {
    const broken = fromRecords([{ user: 1, item: '\uD800' }])
    await expect(held.db.fromTable(broken)).rejects.toThrow('half of a surrogate pair')
  })
})
