import { fromColumns, type InteractionTable, parseOptions } from '@gnnrec/graph'
import { z } from 'zod'
import { FileFormatError } from '../errors.js'
import { type FileSource, readSource } from '../sources/file-source.js'
import { yieldToEventLoop } from '../sources/node-files.js'

/** Options of {@link readLightGcnLines}. */
export interface LightGcnLinesOptions {
  /** Ends the reading early. */
  signal?: AbortSignal | undefined
}

/** Users and items of the lines read so far, pair by pair. */
export interface IdPairs {
  readonly user: number[]
  readonly item: number[]
}

const schema = z.strictObject({ signal: z.instanceof(AbortSignal).optional() })

const LINES_PER_TURN = 1000

/**
 * Reads `user item item ...` lines, the form of the NGCF and LightGCN data sets.
 *
 * Ids are non-negative integers. A line with a user alone is allowed; as that user has no
 * interaction, the table does not know it.
 *
 * @throws FileFormatError with file and line for anything that is no id, or without a single pair
 * @throws FileReadError when the file cannot be opened or unpacked
 * @throws InvalidOptionsError
 */
export async function readLightGcnLines(
  source: FileSource,
  options: LightGcnLinesOptions = {},
): Promise<InteractionTable<number, number>> {
  const { signal } = parseOptions('readLightGcnLines', schema, options)
  const pairs: IdPairs = { user: [], item: [] }
  await appendLightGcnLines(source, pairs, signal)
  return fromColumns(pairs)
}

/** Appends the pairs of a file, and checks that there is one. */
export async function appendLightGcnLines(
  source: FileSource,
  { user, item }: IdPairs,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { name, bytes } = await readSource(source)
  const before = user.length
  const lines = new TextDecoder().decode(bytes).split(/\r\n|\n|\r/)
  for (let index = 0; index < lines.length; index++) {
    if (index % LINES_PER_TURN === LINES_PER_TURN - 1) await yieldToEventLoop()
    signal?.throwIfAborted()
    const text = lines[index].trim()
    if (text === '') continue
    const ids = text.split(/\s+/).map((token) => integer(token, name, index + 1))
    for (let position = 1; position < ids.length; position++) {
      user.push(ids[0])
      item.push(ids[position])
    }
  }
  if (user.length > before) return
  const problem = bytes.length === 0 ? 'the file is empty.' : 'no user has an item.'
  throw new FileFormatError(name, undefined, problem)
}

function integer(token: string, file: string, line: number): number {
  const id = Number(token)
  if (/^\d+$/.test(token) && Number.isSafeInteger(id)) return id
  throw new FileFormatError(
    file,
    line,
    `got ${JSON.stringify(token)}, expected ids of digits separated by spaces: 'user item item ...'.`,
  )
}
