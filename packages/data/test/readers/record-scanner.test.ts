import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fieldsOf, type RecordFormat, RecordScanner } from '../../src/readers/record-scanner.js'

/** Returns all fields that a scanner finds, or the message of its error. */
function scan(text: string, format: RecordFormat, pieceBytes: number): string[][] | string {
  const bytes = Buffer.from(text, format.encoding === 'latin1' ? 'latin1' : 'utf8')
  const found: string[][] = []
  const scanner = new RecordScanner('f', format, (record) => found.push(fieldsOf(record)))
  try {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      scanner.push(bytes.subarray(at, at + pieceBytes))
    }
    scanner.end()
  } catch (error) {
    return (error as Error).message
  }
  return found
}

function reference(text: string, format: RecordFormat): string[][] | 'error' {
  try {
    return parse(text, {
      delimiter: format.delimiter,
      quote: format.quotes ? '"' : false,
      escape: format.escape,
      record_delimiter: ['\r\n', '\n', '\r'],
      skip_empty_lines: true,
      relax_column_count: true,
    })
  } catch {
    return 'error'
  }
}

describe('RecordScanner', () => {
  const letters = (delimiter: string) =>
    fc.string({
      unit: fc.constantFrom('a', 'é', '1', '"', '\\', '\n', '\r', '\r\n', ' ', ':', delimiter),
      maxLength: 40,
    })

  it.each([
    [',', true],
    [';', true],
    ['::', true],
    ['::', false],
    ['\t', false],
  ] as const)('finds what csv-parse finds (%j, quotes %j)', (delimiter, quotes) => {
    for (const encoding of ['utf-8', 'latin1'] as const) {
      const format = { delimiter, escape: '"', quotes, encoding } as const
      fc.assert(
        fc.property(letters(delimiter), fc.integer({ min: 1, max: 50 }), (text, pieceBytes) => {
          const expected = reference(text, format)
          const found = scan(text, format, pieceBytes)
          if (expected === 'error') expect(found).toBeTypeOf('string')
          else expect(found).toEqual(expected)
        }),
        { numRuns: 1000 },
      )
    }
  })

  const format = { delimiter: ',', escape: '"', quotes: true, encoding: 'utf-8' } as const

  it('finds any fields that MySQL writes', () => {
    const mysql = { ...format, delimiter: ';', escape: '\\' } as const
    const quote = (text: string) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`
    const records = fc.array(fc.tuple(letters(';'), letters(';')), { minLength: 1, maxLength: 9 })
    fc.assert(
      fc.property(records, fc.integer({ min: 1, max: 50 }), (fields, pieceBytes) => {
        const text = fields.map((pair) => pair.map(quote).join(';')).join('\n')
        expect(scan(text, mysql, pieceBytes)).toEqual(fields)
      }),
      { numRuns: 500 },
    )
    expect(scan('"a\\nb";\\N', mysql, 1)).toEqual([['a\\nb', '\\N']])
  })

  it('finds the same fields in large pieces', () => {
    const lines = Array.from({ length: 20_000 }, (_, row) => `"é""${row}",${row},"a\r\nb"`)
    const expected = lines.map((_, row) => [`é"${row}`, `${row}`, 'a\r\nb'])
    for (const size of [16_384, 16_385, 100_003, 10_000_000]) {
      expect(scan(lines.join('\r\n'), format, size)).toEqual(expected)
    }
  })

  it('makes room for many fields', () => {
    const fields = Array.from({ length: 100 }, (_, field) => `"${field}"`)
    expect(scan(fields.join(','), format, 10)).toEqual([fields.map((f) => f.slice(1, -1))])
  })

  it('gives up on a quote that is not closed within a megabyte', () => {
    const text = `a,b\n"c,d\n${'1,2\n'.repeat(600_000)}`
    expect(scan(text, format, 1 << 18)).toBe(
      'f, line 2: a quote in the record that begins here is never closed.',
    )
  })

  it('gives up on a line longer than a megabyte', () => {
    expect(scan('1,'.repeat(1_000_000), format, 1 << 18)).toContain('longer than a megabyte')
  })

  it.each([
    ['UTF-16 with a mark', Buffer.from('\uFEFFuser,item\n1,2\n', 'utf16le')],
    ['UTF-16 without', Buffer.from('user,item\n1,2\n', 'utf16le')],
    ['UTF-16, big end first', Buffer.from('user,item\n1,2\n', 'utf16le').swap16()],
  ])('says that bytes are %s', (_, bytes) => {
    for (const encoding of ['utf-8', 'latin1'] as const) {
      const scanner = new RecordScanner('f', { ...format, encoding }, () => {})
      expect(() => {
        scanner.push(bytes)
        scanner.end()
      }).toThrow('f: the bytes are UTF-16')
    }
  })

  it('finds a byte that is not UTF-8 anywhere', () => {
    for (const at of [0, 5000, 40_000, 99_999]) {
      const bytes = Buffer.from('12,345\n'.repeat(15_000))
      bytes[at] = 0xe9
      const scanner = new RecordScanner('f', format, () => {})
      expect(() => {
        for (let start = 0; start < bytes.length; start += 20_000) {
          scanner.push(bytes.subarray(start, start + 20_000))
        }
        scanner.end()
      }, `${at}`).toThrow('f: the bytes are not UTF-8')
    }
  })
})
