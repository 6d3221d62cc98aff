import { type InteractionTable, parseOptions } from '@gnnrec/graph'
import { UnclearFileError } from '../errors.js'
import { readArrow } from '../readers/read-arrow.js'
import { readCsv } from '../readers/read-csv.js'
import { readGowallaCheckIns } from '../readers/read-gowalla-check-ins.js'
import { readJson } from '../readers/read-json.js'
import { readLightGcnLines } from '../readers/read-light-gcn-lines.js'
import { readParquet } from '../readers/read-parquet.js'
import { readRecBole } from '../readers/read-rec-bole.js'
import type { FileSource } from '../sources/file-source.js'
import { nodeModule } from '../sources/node-files.js'
import { isRegularFile } from '../sources/open-file.js'
import { collectPieces } from '../sources/read-pieces.js'
import type { FileInspection, SuggestedReader } from './file-inspection.js'
import { beginningOf, inspectBeginning, inspectFile } from './inspect-file.js'
import { type InspectOptions, inspectSchema, type ParsedInspectOptions } from './inspect-options.js'

/** The interactions of a file, and what was recognized in it. */
export interface ReadInteractions {
  /** The interactions. */
  readonly interactions: InteractionTable
  /** The inspection by which the file was read. */
  readonly inspection: FileInspection
}

/**
 * Recognizes the form of a file by {@link inspectFile} and reads it in exactly this form.
 *
 * Nothing is guessed: when a column is uncertain, the error has the questions, and the options answer them.
 *
 * @example
 * ```ts
 * import { readInteractions, UnclearFileError } from '@gnnrec/data'
 *
 * const text = '{"visitor":"ann","sku":7}\n{"visitor":"bob","sku":8}\n'
 * const { interactions, inspection } = await readInteractions({ text })
 * console.log(inspection.format, interactions.users.ids)
 * try {
 *   await readInteractions({ text: 'a,b\n1,2\n1,3\n' })
 * } catch (error) {
 *   if (error instanceof UnclearFileError) console.log(error.message)
 * }
 * ```
 *
 * @throws UnclearFileError when a required question is open
 * @throws FileFormatError, FileReadError, MissingDependencyError, InvalidOptionsError as `inspectFile` and the readers
 */
export async function readInteractions(
  source: FileSource,
  options: InspectOptions = {},
): Promise<ReadInteractions> {
  const parsed = parseOptions('readInteractions', inspectSchema, options)
  const { signal } = parsed
  if (await canBeReadAgain(source)) return readAgain(source, parsed)
  const beginning = await beginningOf(source, signal)
  const { kind, opened } = beginning
  // Tables are decoded as a whole, and twice.
  if (kind === 'Parquet' || kind === 'Arrow') {
    return readAgain(await collectPieces(opened.pieces), parsed)
  }
  try {
    const inspection = inspectBeginning(beginning, parsed)
    const interactions = await read(opened.pieces, suggested(inspection), signal)
    return { interactions, inspection }
  } finally {
    await opened.close()
  }
}

async function readAgain(
  source: FileSource,
  options: ParsedInspectOptions,
): Promise<ReadInteractions> {
  const inspection = await inspectFile(source, options)
  const interactions = await read(source, suggested(inspection), options.signal)
  return { interactions, inspection }
}

/** Returns true for a source that can be read twice. */
async function canBeReadAgain(source: FileSource): Promise<boolean> {
  if (source instanceof Uint8Array) return true
  if (typeof source === 'string') return isRegularFile(source)
  if (source instanceof URL) return isRegularFile(nodeModule('node:url').fileURLToPath(source))
  return !(Symbol.asyncIterator in source)
}

function suggested({ name, questions, suggestion }: FileInspection): SuggestedReader {
  if (suggestion !== undefined) return suggestion
  throw new UnclearFileError(
    name,
    questions.filter(({ isRequired }) => isRequired),
  )
}

function read(
  source: FileSource,
  { reader, options }: SuggestedReader,
  signal: AbortSignal | undefined,
): Promise<InteractionTable> {
  switch (reader) {
    case 'readCsv':
      return readCsv(source, { ...options, signal })
    case 'readJson':
      return readJson(source, { ...options, signal })
    case 'readParquet':
      return readParquet(source, { ...options, signal })
    case 'readArrow':
      return readArrow(source, { ...options, signal })
    case 'readRecBole':
      return readRecBole(source, { ...options, signal })
    case 'readGowallaCheckIns':
      return readGowallaCheckIns(source, { signal })
    case 'readLightGcnLines':
      return readLightGcnLines(source, { signal })
  }
}
