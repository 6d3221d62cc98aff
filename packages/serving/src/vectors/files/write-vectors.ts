import { type Id, InvalidOptionsError, parseOptions } from '@gnnrec/graph'
import { showValue } from '@gnnrec/graph/kernels'
import * as z from 'zod/mini'
import { type ByteSink, fileSink, streamSink } from '../../writers/byte-sink.js'
import type { RecommendationTarget } from '../../writers/write-recommendations.js'
import type { VectorTable } from '../vector-table.js'
import { arrowEncoder } from './arrow.js'
import type { EncodedFile } from './encoder.js'
import { jsonlPieces } from './jsonl.js'
import { npyFiles } from './npy.js'
import { parquetEncoder } from './parquet.js'

/**
 * The format of a file of vectors:
 *
 * - `'parquet'`: columns `id`, `vector` (a list of float32) and `bias` where there are biases; needs the package
 * hyparquet-writer
 * - `'arrow'`: the same columns in Arrow's IPC file format, with lists of fixed size; needs the package apache-arrow
 * - `'jsonl'`: a line per row, `{"id":…,"vector":[…],"bias":…}`
 * - `'npy'`: the vectors as an array of numpy; the ids are beside it in `NAME.ids.npy`, biases in `NAME.bias.npy`
 */
export type VectorFormat = 'parquet' | 'arrow' | 'jsonl' | 'npy'

/** Options of {@link writeVectors}. */
export interface WriteVectorsOptions {
  /**
   * The format of the file; required for a stream.
   *
   * @defaultValue the ending of the file's name
   */
  format?: VectorFormat
}

/** Counts of what {@link writeVectors} wrote. */
export interface WrittenVectors {
  /** Number of rows. */
  readonly rows: number
  /** Number of bytes in all files together. */
  readonly bytes: number
  /** The files that were written; empty for a stream. */
  readonly files: readonly string[]
}

const formats = ['parquet', 'arrow', 'jsonl', 'npy'] as const
const expected = "'parquet', 'arrow', 'jsonl' or 'npy'"
const schema = z.strictObject({
  format: z.optional(z.enum(formats, { error: `expected ${expected}` })),
})

/**
 * Writes ids and vectors to a file or stream. A file appears under its name when it is complete; when anything fails it
 * does not appear, and an older file of this name stays.
 *
 * @param target - path of a file, a `file:` URL, or a stream, which is closed
 * @throws InvalidOptionsError when the target is none of these, the format is neither given nor told by the file's name,
 * or `'npy'`, which is several files, is to go into a stream
 * @throws SerializationError when writing fails, or a package that the format needs is missing
 *
 * @example
 * ```ts
 * import { mkdtemp, readFile, rm } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { VectorTable, writeVectors } from '@gnnrec/serving/vectors'
 *
 * const items = new VectorTable({ ids: ['a', 'b'], dim: 2, vectors: Float32Array.of(1, 0, 0.5, 2) })
 * const folder = await mkdtemp(join(tmpdir(), 'vectors-'))
 * const file = join(folder, 'items.jsonl')
 * await writeVectors(file, items)
 * console.log(await readFile(file, 'utf8')) // {"id":"a","vector":[1,0]} and another line
 * await rm(folder, { recursive: true })
 * ```
 */
export async function writeVectors<RowId extends Id>(
  target: RecommendationTarget,
  table: VectorTable<RowId>,
  options: WriteVectorsOptions = {},
): Promise<WrittenVectors> {
  const { format: asked } = parseOptions('writeVectors', schema, options)
  if (isStream(target)) {
    const [file, ...others] = await filesOf(table, asked ?? formatOf(''))
    if (others.length > 0) {
      throw new InvalidOptionsError(
        "format: got 'npy' for a stream; it is several files, so give the path of one, or another format.",
      )
    }
    const bytes = await writeTo(streamSink(target), file, table)
    return { rows: table.size, bytes, files: [] }
  }
  const path = pathOf(target)
  const name = path instanceof URL ? path.pathname : path
  const format = asked ?? formatOf(name)
  const files = await filesOf(table, format)
  const places = files.map(({ ending }) => beside(path, format, ending))
  let bytes = 0
  for (const [at, file] of files.entries()) {
    bytes += await writeTo(await fileSink(places[at]), file, table)
  }
  return { rows: table.size, bytes, files: places.map(String) }
}

/** Returns the files of a format; the one with the vectors comes last, so that the others are there before it. */
async function filesOf(table: VectorTable, format: VectorFormat): Promise<readonly EncodedFile[]> {
  if (format === 'npy') return npyFiles(table)
  const encoders = { parquet: parquetEncoder, arrow: arrowEncoder, jsonl: async () => jsonlPieces }
  return [{ ending: '', pieces: await encoders[format]() }]
}

async function writeTo(sink: ByteSink, file: EncodedFile, table: VectorTable): Promise<number> {
  let bytes = 0
  try {
    for (const piece of file.pieces(table)) {
      await sink.write(piece)
      bytes += piece.length
    }
    await sink.close()
    return bytes
  } catch (error) {
    // The caller must see the first error, not one of discarding the file.
    await sink.abort(error).catch(() => undefined)
    throw error
  }
}

/** Returns the place of a file that belongs to another: `items.ids.npy` for `items.npy`. */
function beside(path: string | URL, format: VectorFormat, ending: string): string | URL {
  if (ending === '' || ending === `.${format}`) return path
  const rename = (name: string) => name.replace(new RegExp(`(\\.${format})?$`, 'i'), ending)
  if (!(path instanceof URL)) return rename(path)
  const other = new URL(path)
  other.pathname = rename(path.pathname)
  return other
}

function formatOf(name: string): VectorFormat {
  const format = formats.find((known) => name.toLowerCase().endsWith(`.${known}`))
  if (format) return format
  throw new InvalidOptionsError(
    name === ''
      ? `format: got none for a stream; expected ${expected}.`
      : `format: got none, and '${name}' does not end in .parquet, .arrow, .jsonl or .npy; give the file such a name, or the option format.`,
  )
}

function isStream(target: RecommendationTarget): target is WritableStream<Uint8Array> {
  return typeof target === 'object' && target !== null && 'getWriter' in target
}

function pathOf(target: Exclude<RecommendationTarget, WritableStream>): string | URL {
  if (target instanceof URL || (typeof target === 'string' && target !== '')) return target
  throw new InvalidOptionsError(
    `Got ${showValue(target)} as the place to write to; expected the path of a file, a file: URL or a WritableStream.`,
  )
}
