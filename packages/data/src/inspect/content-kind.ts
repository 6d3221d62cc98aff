import { FileFormatError } from '../errors.js'
import { isUtf16 } from '../readers/encoding-check.js'

/** Beginnings of files that have no interactions as they are, with the name of the kind of file. */
const strangers: readonly (readonly [string, string])[] = [
  ['\xd0\xcf\x11\xe0', 'an Excel workbook (.xls). Save it as CSV'],
  ['%PDF-', 'a PDF document. Export the data as CSV'],
  ['SQLite format 3', 'an SQLite database. Export the table as CSV'],
  ['\x89HDF', 'an HDF5 file. Export the table as CSV or Parquet'],
  ['Obj\x01', 'an Avro file. Export the table as CSV or Parquet'],
  ['ORC', 'an ORC file. Export the table as CSV or Parquet'],
  ['\x89PNG', 'a picture'],
  ['\xff\xd8\xff', 'a picture'],
  ['GIF8', 'a picture'],
  ['\x7fELF', 'a program'],
  ['BZh', 'compressed by bzip2. Unpack it, or compress it by gzip'],
  ['\xfd7zXZ', 'compressed by xz. Unpack it, or compress it by gzip'],
  ['\x28\xb5\x2f\xfd', 'compressed by Zstandard. Unpack it, or compress it by gzip'],
  ['7z\xbc\xaf', 'a 7z archive. Unpack it'],
  ['Rar!', 'a RAR archive. Unpack it'],
  ['\x93NUMPY', 'an array of NumPy. Export the table as CSV or Parquet'],
  ['\x80\x04\x95', 'a pickle of Python. Export the table as CSV or Parquet'],
]

/** The kinds of content that hold interactions. */
export type ContentKind = 'Parquet' | 'Arrow' | 'JSON' | 'text'

/** The ends of names of files, with the kind of content that they promise. */
const promises: readonly (readonly [RegExp, ContentKind])[] = [
  [/\.(parquet|pq)$/i, 'Parquet'],
  [/\.(arrow|arrows|feather|ipc)$/i, 'Arrow'],
  [/\.(json|jsonl|ndjson)(\.gz)?$/i, 'JSON'],
  [/\.(csv|tsv|inter)(\.gz)?$/i, 'text'],
]

const contents: Readonly<Record<ContentKind, string>> = {
  Parquet: 'Parquet',
  Arrow: 'Arrow',
  JSON: 'JSON',
  text: 'delimited text',
}

/**
 * Returns the kind of the content by its first bytes.
 *
 * @throws FileFormatError for an empty file and one that is neither text nor a table
 */
export function contentKind(name: string, start: Uint8Array): ContentKind {
  if (start.length === 0) throw new FileFormatError(name, undefined, 'the file is empty.')
  const beginning = new TextDecoder('latin1').decode(start.subarray(0, 512))
  // The decoder takes bytes from 0x80 for characters of Windows.
  const raw = String.fromCharCode(...start.subarray(0, 16))
  if (beginning.startsWith('PAR1')) return 'Parquet'
  if (beginning.startsWith('ARROW1') || raw.startsWith('\xff\xff\xff\xff')) return 'Arrow'
  if (isUtf16(start)) {
    const problem = 'the bytes are UTF-16 or not text. Save the file as UTF-8.'
    throw new FileFormatError(name, undefined, problem)
  }
  const stranger = strangers.find(([mark]) => raw.startsWith(mark))
  if (stranger !== undefined) {
    throw new FileFormatError(name, undefined, `the file is ${stranger[1]}.`)
  }
  if (start.includes(0)) {
    throw new FileFormatError(
      name,
      undefined,
      'the file is binary. Expected text (CSV, JSON lines), Parquet or Arrow.',
    )
  }
  if (/^\s*<(!doctype|html|\?xml|[a-z]+[\s>])/i.test(beginning)) {
    throw new FileFormatError(
      name,
      undefined,
      'the file is a page of HTML or XML, perhaps an answer of a server. Expected text (CSV, JSON lines), Parquet or Arrow.',
    )
  }
  if (/^\s*(\{\s*["}]|\{\s*$|\[\s*[[{"\]]|\[\s*$)/.test(beginning)) return 'JSON'
  return 'text'
}

/** Returns a warning when the name of a file promises another kind of content. */
export function nameWarnings(name: string, kind: ContentKind): string[] {
  const promised = promises.find(([end]) => end.test(name))?.[1]
  if (promised === undefined || promised === kind) return []
  return [`The name of the file says ${contents[promised]}, but its content is ${contents[kind]}.`]
}
