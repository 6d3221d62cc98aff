import { type InteractionTable, parseOptions } from '@gnnrec/graph'
import type { FileSource } from '../sources/file-source.js'
import { LightGcnPairs } from './light-gcn-pairs.js'
import { type ReaderOptions, readerSchema } from './reader-options.js'

/**
 * Reads lines of the form `user item item ...`, in which the data sets of NGCF and LightGCN are published.
 *
 * Ids are integers from 0. A line may have a user alone; such a user has no interaction and is not in the
 * table.
 *
 * @example
 * ```ts
 * import { readLightGcnLines } from '@gnnrec/data'
 *
 * const table = await readLightGcnLines({ text: '0 3 7\n1 3\n' })
 * console.log(table.items.ids, table.userIndex)
 * ```
 *
 * @throws FileFormatError when a word is not an id or the file has no pair; the message names the file
 * and the line
 * @throws FileReadError when the file cannot be opened or unpacked
 * @throws InvalidOptionsError
 */
export async function readLightGcnLines(
  source: FileSource,
  options: ReaderOptions = {},
): Promise<InteractionTable<number, number>> {
  const { signal } = parseOptions('readLightGcnLines', readerSchema, options)
  const pairs = new LightGcnPairs()
  await pairs.read(source, signal)
  return pairs.finish()
}
