import { FileFormatError } from '../errors.js'
import { fieldsOf, type RecordFormat, RecordScanner } from '../readers/record-scanner.js'
import { nodeModule } from '../sources/node-files.js'

/** The form of delimited text and its first records. */
export interface TextForm extends RecordFormat {
  readonly skipLines: number
  readonly records: readonly (readonly string[])[]
}

/** The delimiters to try, best first: a long delimiter is hardly ever found by chance. */
const delimiters = ['::', '\t', ';', '|', ',', ' ']

/** The texts at the beginning of comments, as in files of SNAP and KONECT. */
const comments = ['#', '%', '//']

/** The share of records that must have one width for the others to be mistakes. */
const nearlyAll = 0.9

/**
 * Returns the form in which the start of a file is a table of two or more columns, or `undefined`.
 *
 * @param start - the start up to the end of a line
 * @param rest - the start as far as it was read when that is not the whole file; its last record may be cut, even
 * within quotes
 */
export function textForm(start: Uint8Array, rest?: Uint8Array): TextForm | undefined {
  const encoding = nodeModule('node:buffer').isUtf8(start) ? 'utf-8' : 'latin1'
  const lines = linesOf(start)
  const separator = /^sep=(.)\s*$/i.exec(lines[0] ?? '')?.[1]
  const skipLines = separator === undefined ? 0 : 1
  const tried = separator === undefined ? delimiters : [separator]
  const marks = comments.filter((mark) => lines.some((line) => line.startsWith(mark)))
  // Ids such as `#7` stay rows where all lines have one width, but a first line such as `# made by ...` is a comment.
  const begins = marks.filter((mark) => lines[0].startsWith(`${mark} `))
  for (const comment of [...begins, undefined, ...marks]) {
    for (const [quotes, escaping] of [
      [true, '"'],
      [true, '\\'],
      [false, '"'],
    ] as const) {
      const forms = tried
        .map((delimiter) => {
          const format = { delimiter, encoding, quotes, escape: escaping, skipLines } as const
          const commented = comment === undefined ? format : { ...format, comment }
          return { ...commented, records: recordsOf(commented, start, rest) }
        })
        .filter(({ records }) => isTable(records))
      const hasQuotes = start.includes(0x22)
      // When the start has no quotes, the suggested reader takes quotes as ordinary characters.
      if (forms.length > 0) return { ...forms[0], quotes: quotes && hasQuotes }
    }
  }
  return undefined
}

/**
 * Throws an error that names the first line with another number of fields, when nearly all lines have one
 * number of them.
 *
 * @throws FileFormatError
 */
export function rejectRaggedLines(name: string, start: Uint8Array): void {
  const lines = linesOf(start)
  for (const delimiter of delimiters.slice(0, -1)) {
    const filled = lines.flatMap((line, place) =>
      line === '' ? [] : [{ width: line.split(delimiter).length, line: place + 1 }],
    )
    const widths = new Map<number, number>()
    for (const { width } of filled) widths.set(width, (widths.get(width) ?? 0) + 1)
    const [usual, count] = [...widths].sort((left, right) => right[1] - left[1])[0] ?? [0, 0]
    if (usual < 2 || count < nearlyAll * filled.length) continue
    const odd = filled.find(({ width }) => width !== usual)
    if (odd === undefined) continue
    throw new FileFormatError(
      name,
      odd.line,
      `got ${odd.width} fields, expected ${usual} as in the other lines (delimiter ${JSON.stringify(delimiter)}). Mend the line, or put quotes around fields that have the delimiter.`,
    )
  }
}

function linesOf(start: Uint8Array): string[] {
  return new TextDecoder('latin1').decode(start).split(/\r\n|\n|\r/)
}

function isTable(records: readonly string[][]): boolean {
  return (records[0]?.length ?? 0) > 1
}

function recordsOf(format: RecordFormat, start: Uint8Array, rest?: Uint8Array): string[][] {
  const records: string[][] = []
  const scanner = new RecordScanner('', format, (record) => {
    if (records.length > 0 && records[0].length !== record.width) throw new Error('another width')
    records.push(fieldsOf(record))
  })
  try {
    scanner.push(rest ?? start)
    if (rest === undefined) scanner.end()
  } catch {
    return []
  }
  return records
}

/** Returns true for lines of integers of different lengths, as `user item item ...`. */
export function isLightGcn(start: Uint8Array): boolean {
  const filled = linesOf(start).filter((line) => line.trim() !== '')
  const widths = new Set(filled.map((line) => line.trim().split(/\s+/).length))
  return widths.size > 1 && filled.every((line) => /^\s*\d+(\s+\d+)*\s*$/.test(line))
}
