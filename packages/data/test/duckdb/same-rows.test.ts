import { join } from 'node:path'
import { fromRecords } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CsvOptions, readCsv, readParquet } from '../../src/index.js'
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
    '\uFEFFa',
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
      weight: usually(['1', '2.5', '3.3', '1e2'], [...numbers, '1e-45', '1e-46', '-0.0']),
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
  const lines = form.rows.map(
    ({ user, item, number, time, weight, lineEnd, end, hasQuotes }, place) => {
      const fields = [user, item, number, form.isIso ? time : number, weight]
      const line = fields.map((field) => quoted(field, hasQuotes)).join(delimiter)
      const isLast = place === form.rows.length - 1
      return `${line}${end}${isLast && !form.lastLineEnd ? '' : lineEnd}`
    },
  )
  const head = form.header
    ? `${['user', 'item', 'rating', 'time', 'weight'].join(delimiter)}\n`
    : ''
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

describe('DuckDb.readCsv', () => {
  it('reads the same rows as readCsv or fails with the same error, whatever the form of the file', async () => {
    const counts = { tables: 0, errors: 0 }
    await fc.assert(
      fc.asyncProperty(forms, async (form) => {
        const text = textOf(form)
        const content = form.isLatin1 ? Buffer.from(text, 'latin1') : text
        const file = join(temporaryFolder({ 'a.csv': content }), 'a.csv')
        const options: CsvOptions = {
          columns: { user: 0, item: 1, rating: 2, timestamp: 3, weight: 4 },
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

/** Values by their type in SQL, which DuckDb writes to Parquet. The first are what most files have. */
const idValues: Record<string, string[]> = {
  BIGINT: ['1', '2', '-3', '9007199254740991', '9007199254740993'],
  VARCHAR: ["'a'", "'07'", "'7'", "''", "'Zoë'", "chr(65279) || 'a'", "'1'", "'12'"],
  INTEGER: ['1', '2', '-3'],
  UINTEGER: ['1', '4294967295'],
  UBIGINT: ['1', '18446744073709551615'],
  TINYINT: ['1', '-128'],
  DOUBLE: ['1', '2', '2.5', "'nan'", '1e300', '-0.0', '9007199254740993'],
  FLOAT: ['1', '2.5', '16777217'],
  'DECIMAL(9,0)': ['1', '20'],
  'DECIMAL(9,2)': ['1', '3.5', '1e2'],
  'DECIMAL(38,0)': ['1', '99999999999999999999999999999999999999', '-5'],
  BLOB: ["'ab'", "'\\xFF'", "'\\xFE'", "'\\xC3\\xA9'", "''"],
  UUID: ["'00000000-0000-0000-0000-00000000000a'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'"],
  "ENUM('x', 'y')": ["'x'", "'y'"],
  BOOLEAN: ['true'],
  DATE: ["'2020-01-01'"],
  TIMESTAMP: ["'2020-01-01'"],
  TIME: ["'10:00'"],
  INTERVAL: ["'1 day'"],
  'INTEGER[]': ['[1]'],
  'STRUCT(a INTEGER)': ["{'a': 1}"],
}
const numberValues: Record<string, string[]> = {
  FLOAT: ['4.5', '3.3', "'nan'", "'inf'"],
  DOUBLE: ['4.5', '3.3', '1e38', '1e39', "'nan'", "'-inf'"],
  INTEGER: ['1', '5'],
  BIGINT: ['1', '5', '9007199254740993'],
  UBIGINT: ['1', '18446744073709551615'],
  'DECIMAL(3,2)': ['3.5', '1.15'],
  'DECIMAL(18,6)': ['3.5', '0.000001'],
  'DECIMAL(38,10)': ['3.5', '0.1'],
  VARCHAR: ["'4.5'"],
  BOOLEAN: ['true', 'false'],
  DATE: ["'2020-01-01'"],
  TIME: ["'10:00'"],
  BLOB: ["'5'"],
  'DOUBLE[]': ['[1]'],
}
const moments = [
  "'2020-01-01 10:00:00.123456'",
  "'0001-01-01'",
  "'0099-12-31'",
  "'1969-12-31 23:59:59.5'",
]
const timeValues: Record<string, string[]> = {
  BIGINT: ['1577872800', '-1', '0'],
  TIMESTAMP: moments,
  DOUBLE: ['1577872800.25', "'nan'"],
  'DECIMAL(18,3)': ['1577872800.125'],
  'TIMESTAMP WITH TIME ZONE': ["'2020-01-01 10:00:00+02'", "'2020-01-01'"],
  TIMESTAMP_NS: ["'2020-01-01 10:00:00.123456789'", "'2020-01-01 10:00:00.1'"],
  TIMESTAMP_MS: moments,
  TIMESTAMP_S: moments,
  DATE: ["'2020-01-01'", "'0001-01-01'"],
  TIME: ["'10:00'"],
  'TIME WITH TIME ZONE': ["'10:00:00+02'"],
  INTERVAL: ["'1 day'"],
  VARCHAR: ["'2020-01-01'"],
  BOOLEAN: ['true'],
}

const weightValues: Record<string, string[]> = {
  FLOAT: ['4.5', '3.3', '0', "'inf'"],
  DOUBLE: ['4.5', '3.3', '1e-46', '1e39', '-2'],
  INTEGER: ['1', '5', '-1', '0'],
  BIGINT: ['1', '9007199254740993'],
  'DECIMAL(18,6)': ['3.5', '0.000001', '0'],
}

/** Generates a column: its type and the SQL of its values, of which one may be missing. */
const columnOf = (values: Record<string, string[]>, rows: number) => {
  const types = Object.keys(values)
  return usually(types.slice(0, 2), types.slice(2)).chain((first) =>
    fc.oneof(fc.constant(first), fc.constantFrom(...types)).chain((type) =>
      fc.record({
        type: fc.constant(type),
        values: fc.array(usually(values[type].slice(0, 2), [...values[type], 'NULL']), {
          minLength: rows,
          maxLength: rows,
        }),
      }),
    ),
  )
}

const parquetForms = fc.integer({ min: 1, max: 4 }).chain((rows) =>
  fc.record({
    user: columnOf(idValues, rows),
    item: columnOf(idValues, rows),
    rating: columnOf(numberValues, rows),
    time: columnOf(timeValues, rows),
    weight: columnOf(weightValues, rows),
    idType: usually<NonNullable<CsvOptions['idType']>>(
      ['auto'],
      ['string', 'number', { user: 'string' }],
    ),
  }),
)

describe('DuckDb.readParquet', () => {
  it('reads the same rows as readParquet or fails with the same error, whatever the types', async () => {
    const counts = { tables: 0, errors: 0 }
    await fc.assert(
      fc.asyncProperty(parquetForms, async ({ idType, ...columns }) => {
        const file = join(temporaryFolder(), 'a.parquet')
        const names = Object.keys(columns)
        const selected = Object.entries(columns).map(([name, { type, values }]) => {
          const cases = values.map((value, row) => `WHEN ${row} THEN (${value})::${type}`)
          return `CASE place ${cases.join(' ')} END AS "${name}"`
        })
        await held.db.query(
          `COPY (SELECT ${selected.join(', ')} FROM range(${columns.user.values.length}) r(place) ORDER BY place) TO '${file}' (FORMAT parquet)`,
        )
        const options = {
          columns: {
            user: names[0],
            item: names[1],
            rating: names[2],
            timestamp: names[3],
            weight: names[4],
          },
          idType,
        }
        const expected = await outcome(() => readParquet(file, options))
        const found = await outcome(async () => {
          const stored = await held.db.readParquet(file, options)
          const table = await held.db.toTable(stored)
          await held.db.drop(stored)
          return table
        })
        expect(found).toEqual(expected)
        counts[Object.hasOwn(expected as object, 'code') ? 'errors' : 'tables']++
      }),
      { numRuns: 300, seed: 16 },
    )
    expect(Math.min(counts.tables, counts.errors)).toBeGreaterThan(60)
  })
})

describe('DuckDb.fromTable', () => {
  it('rejects ids that DuckDB cannot tell apart', async () => {
    const broken = fromRecords([{ user: 1, item: '\uD800' }])
    await expect(held.db.fromTable(broken)).rejects.toThrow('half of a surrogate pair')
  })
})
