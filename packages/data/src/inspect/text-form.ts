import { fieldsOf, type RecordFormat, RecordScanner } from '../readers/record-scanner.js'
import { nodeModule } from '../sources/node-files.js'

/** The form of delimited text and its first records. */
interface TextForm extends RecordFormat {
  readonly records: readonly (readonly string[])[]
}

/** The delimiters to try, best first: a long delimiter is hardly ever found by chance. */
const delimiters = ['::', '\t', ';', '|', ',', ' ']

const maxRecords = 200

/** Returns the form in which the start of a file is a table of two or more columns, or `undefined`. */
export function textForm(start: Uint8Array): TextForm | undefined {
  const encoding = nodeModule('node:buffer').isUtf8(start) ? 'utf-8' : 'latin1'
  for (const [quotes, escaping] of [
    [true, '"'],
    [true, '\\'],
    [false, '"'],
  ] as const) {
    const forms = delimiters
      .map((delimiter) => {
        const format = { delimiter, encoding, quotes, escape: escaping } as const
        return { ...format, records: recordsOf(start, format) }
      })
      .filter(({ records }) => isTable(records))
    const hasQuotes = start.includes(0x22)
    // When the start has no quotes, the suggested reader takes quotes as ordinary characters.
    if (forms.length > 0) return { ...forms[0], quotes: quotes && hasQuotes }
  }
  return undefined
}

function isTable(records: readonly string[][]): boolean {
  const width = records[0]?.length ?? 0
  return width > 1 && records.every((fields) => fields.length === width)
}

function recordsOf(start: Uint8Array, format: RecordFormat): string[][] {
  const records: string[][] = []
  const scanner = new RecordScanner('', format, (record) => {
    if (records.length < maxRecords) records.push(fieldsOf(record))
  })
  try {
    scanner.push(start)
    scanner.end()
  } catch {
    return []
  }
  return records
}

/** Returns true for lines of integers of different lengths, as `user item item ...`. */
export function isLightGcn(start: Uint8Array): boolean {
  const lines = new TextDecoder('latin1').decode(start).split(/\r\n|\n|\r/)
  const filled = lines.filter((line) => line.trim() !== '').slice(0, maxRecords)
  const widths = new Set(filled.map((line) => line.trim().split(/\s+/).length))
  return widths.size > 1 && filled.every((line) => /^\s*\d+(\s+\d+)*\s*$/.test(line))
}
