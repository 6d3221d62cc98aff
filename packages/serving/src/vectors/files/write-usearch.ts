import { type Id, InvalidOptionsError, parseOptions, TimeSlice } from '@gnnrec/graph'
import { replaceFileBy } from '@gnnrec/graph/files'
import * as z from 'zod/mini'
import { SerializationError } from '../../model-folder/errors.js'
import { locate, nodeModules } from '../../model-folder/place.js'
import { fileSink } from '../../writers/byte-sink.js'
import { addRows, loadUsearch, usearchIndex } from '../index/usearch.js'
import { checkMetric, type VectorMetric, vectorMetrics } from '../metrics.js'
import type { VectorTable } from '../vector-table.js'
import { rangesOf } from './encoder.js'

/** Options of {@link writeUsearch}. */
export interface WriteUsearchOptions {
  /**
   * The metric of the index.
   *
   * @defaultValue `'dot'`
   */
  metric?: VectorMetric
  /**
   * The form of the numbers in the file.
   *
   * @defaultValue `'f32'`
   */
  precision?: 'f32' | 'f16' | 'bf16'
  /** Stops the work between two blocks of rows; the error is then the signal's reason. */
  signal?: AbortSignal | undefined
}

const schema = z.strictObject({
  metric: z._default(z.enum(vectorMetrics, { error: "expected 'dot', 'cosine' or 'l2'" }), 'dot'),
  precision: z._default(
    z.enum(['f32', 'f16', 'bf16'], { error: "expected 'f32', 'f16' or 'bf16'" }),
    'f32',
  ),
  signal: z.optional(z.instanceof(AbortSignal, { error: 'expected an AbortSignal' })),
})

/**
 * Writes an index of usearch, which its bindings for C++, Python, Rust, Java and others load. A key of the index is the
 * number of a row; the ids by row are a JSON array in the file `NAME.ids.json` beside it. Needs the package usearch.
 *
 * @param place - path or `file:` URL
 * @returns the files that were written
 * @throws InvalidOptionsError for a wrong option, or a metric that orders the rows otherwise than their scores
 * @throws SerializationError when writing fails, or usearch is not installed
 *
 * @example
 * ```ts
 * import { mkdtemp, rm } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { basename, join } from 'node:path'
 * import { VectorTable, writeUsearch } from '@gnnrec/serving/vectors'
 *
 * const items = new VectorTable({ ids: ['a', 'b'], dim: 2, vectors: Float32Array.of(1, 0, 0.5, 2) })
 * const folder = await mkdtemp(join(tmpdir(), 'vectors-'))
 * const files = await writeUsearch(join(folder, 'items.usearch'), items)
 * console.log(files.map((file) => basename(file))) // [ 'items.usearch.ids.json', 'items.usearch' ]
 * await rm(folder, { recursive: true })
 * ```
 */
export async function writeUsearch<RowId extends Id>(
  place: string | URL,
  table: VectorTable<RowId>,
  options: WriteUsearchOptions = {},
): Promise<string[]> {
  const { metric, precision, signal } = parseOptions('writeUsearch', schema, options)
  checkMetric(table, metric)
  nodeModules(String(place), 'a path where there is a file system')
  const location = locate(place)
  if (location.type !== 'disk') {
    throw new InvalidOptionsError(`Got ${place}; expected the path of a file or a file: URL.`)
  }
  const library = await loadUsearch()
  const { dim } = table
  const index = usearchIndex(library, { dim, metric, precision, connectivity: 16, expansion: 128 })
  const slice = new TimeSlice(signal)
  for (const [first, last] of rangesOf(table)) {
    addRows(index, first, table.vectors.subarray(first * dim, last * dim), { dim, threads: 1 })
    await slice.next()
  }
  const idsFile = `${location.path}.ids.json`
  const ids = await fileSink(idsFile)
  await ids.write(new TextEncoder().encode(`${JSON.stringify(table.ids)}\n`))
  await ids.close()
  try {
    await replaceFileBy(location.path, (draft) => index.save(draft))
  } catch (cause) {
    throw new SerializationError(`Could not write ${location.path}: ${(cause as Error).message}.`, {
      cause,
    })
  }
  return [idsFile, location.path]
}
