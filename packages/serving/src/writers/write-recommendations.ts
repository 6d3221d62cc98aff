import { type Id, InvalidOptionsError, parseOptions } from '@gnnrec/graph'
import { showValue } from '@gnnrec/graph/kernels'
import * as z from 'zod/mini'
import type { Recommendation } from '../recommenders/recommendation.js'
import { type ByteSink, fileSink, streamSink } from './byte-sink.js'
import { CsvEncoder } from './csv-encoder.js'
import type { RecommendationEncoder } from './encoder.js'
import { JsonlEncoder } from './jsonl-encoder.js'
import { ParquetEncoder } from './parquet-encoder.js'

/**
 * The format of a file of recommendations:
 *
 * - `'csv'`: a line per item, `user,item,rank,score`, ranks from 1
 * - `'jsonl'`: a line of JSON per user, `{"user":…,"items":[…],"scores":[…],"source":…}`, with `coldItems` where the
 *   list has them
 * - `'parquet'`: the columns of `'csv'`, compressed; needs the package hyparquet-writer
 */
type RecommendationFormat = 'csv' | 'jsonl' | 'parquet'

/** The place to write lists to: the path of a file, a `file:` URL, or a stream, which is closed. */
export type RecommendationTarget = string | URL | WritableStream<Uint8Array>

/** Options of {@link writeRecommendations}. */
export interface WriteRecommendationsOptions {
  /**
   * The format of the file; required for a stream.
   *
   * @defaultValue the ending of the file's name
   */
  format?: RecommendationFormat
}

/** Counts of what {@link writeRecommendations} wrote. */
export interface WrittenRecommendations {
  /** Number of users, that is of lists. */
  readonly users: number
  /** Number of lists for users without training interactions, which the model did not make. */
  readonly fallbacks: number
  /** Number of items in all lists together. */
  readonly items: number
  /** Number of bytes. */
  readonly bytes: number
}

const formats = ['csv', 'jsonl', 'parquet'] as const
const schema = z.strictObject({
  format: z.optional(z.enum(formats, { error: "expected 'csv', 'jsonl' or 'parquet'" })),
})

/**
 * Writes lists while they are made, so that one block of them is in memory at a time (for Parquet, up to
 * 100,000 rows). A file appears under its name when it is complete. When anything fails, or the signal
 * of the lists is aborted, it does not appear, and an older file of this name stays.
 *
 * @param target - path of a file, a `file:` URL, or a stream
 * @param lists - blocks of lists, such as `recommender.recommendAll({ k: 20 })`
 * @returns the number of users, fallbacks, items and bytes that were written
 * @throws InvalidOptionsError when the target is none of these, or the format is neither given nor told by the
 * file's name
 * @throws SerializationError when the target is another URL, when writing fails, or a package that the format needs is missing
 *
 * @example
 * ```ts
 * import { mkdtemp, readFile, rm } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { PopularityRecommender, writeRecommendations } from '@gnnrec/serving'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ben', item: 'Brazil' },
 * ])
 * const recommender = new PopularityRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   scores: Float32Array.of(2, 1),
 * })
 * const folder = await mkdtemp(join(tmpdir(), 'lists-'))
 * const file = join(folder, 'lists.csv')
 * console.log(await writeRecommendations(file, recommender.recommendAll({ k: 1 })))
 * console.log(await readFile(file, 'utf8'))
 * await rm(folder, { recursive: true })
 * ```
 */
export async function writeRecommendations<UserId extends Id, ItemId extends Id>(
  target: RecommendationTarget,
  lists: AsyncIterable<readonly Recommendation<UserId, ItemId>[]>,
  options: WriteRecommendationsOptions = {},
): Promise<WrittenRecommendations> {
  checkTarget(target)
  const { format = formatOf(target) } = parseOptions('writeRecommendations', schema, options)
  const encoder = await encoderOf(format)
  const sink = isStream(target) ? streamSink(target) : await fileSink(target)
  const written = { users: 0, fallbacks: 0, items: 0, bytes: 0 }
  const write = async (bytes: Uint8Array): Promise<void> => {
    if (bytes.length > 0) await sink.write(bytes)
    written.bytes += bytes.length
  }
  try {
    await write(encoder.start())
    for await (const block of lists) {
      await write(encoder.encode(block))
      written.users += block.length
      for (const { items, source } of block) {
        written.items += items.length
        if (source === 'popularity') written.fallbacks++
      }
    }
    await write(encoder.finish())
    await sink.close()
  } catch (error) {
    await abortQuietly(sink, error)
    throw error
  }
  return written
}

function checkTarget(target: RecommendationTarget): void {
  if (typeof target === 'string' && target !== '') return
  if (typeof target === 'object' && target !== null) {
    if (target instanceof URL || isStream(target)) return
  }
  throw new InvalidOptionsError(
    `Got ${showValue(target)} as the place to write to; expected the path of a file, a file: URL or a WritableStream.`,
  )
}

function isStream(target: RecommendationTarget): target is WritableStream<Uint8Array> {
  return typeof target === 'object' && 'getWriter' in target
}

function formatOf(target: RecommendationTarget): RecommendationFormat {
  const name = isStream(target) ? '' : target instanceof URL ? target.pathname : target
  const format = formats.find((known) => name.toLowerCase().endsWith(`.${known}`))
  if (format) return format
  throw new InvalidOptionsError(
    isStream(target)
      ? "format: got none for a stream; expected 'csv', 'jsonl' or 'parquet'."
      : `format: got none, and '${name}' does not end in .csv, .jsonl or .parquet; give the file such a name, or the option format.`,
  )
}

async function encoderOf(format: RecommendationFormat): Promise<RecommendationEncoder> {
  if (format === 'csv') return new CsvEncoder()
  return format === 'jsonl' ? new JsonlEncoder() : ParquetEncoder.create()
}

/** Discards the file, and an error in doing so: the caller must see the first error. */
async function abortQuietly(sink: ByteSink, reason: unknown): Promise<void> {
  await sink.abort(reason).catch(() => undefined)
}
