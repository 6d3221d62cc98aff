import { type InteractionTable, parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import type { FileSource } from '../sources/file-source.js'
import { LightGcnPairs } from './light-gcn-pairs.js'

/** Options of {@link readLightGcnLines}. */
export interface LightGcnLinesOptions {
  /** Ends the reading early. */
  signal?: AbortSignal | undefined
}

const schema = z.strictObject({ signal: z.instanceof(AbortSignal).optional() })

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
  const pairs = new LightGcnPairs()
  await pairs.read(source, signal)
  return pairs.finish()
}
