import { sha256Hex } from '@gnnrec/graph/files'
import { openFolder } from './folder-reader.js'
import { LoadLimits, type LoadOptions } from './load-options.js'
import type { ModelSource } from './place.js'
import { readListedFiles } from './read-listed-files.js'

/**
 * Reads the fingerprint of a saved model: the SHA-256 of the content of its `model.json`, which holds those of the other
 * files. Models differ when their fingerprints do. The other files are not read.
 *
 * @throws SerializationError when there is no `model.json`, or it is damaged, foreign or too new
 * @throws the reason of `signal` once it is aborted
 *
 * @example
 * ```ts
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { PopularityRecommender } from '@gnnrec/serving'
 * import { readFingerprint } from '@gnnrec/serving/model-folder'
 *
 * const table = fromRecords([{ user: 'ann', item: 'Alien' }])
 * const recommender = new PopularityRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   scores: Float32Array.of(1),
 * })
 * const files = {}
 * await recommender.save(files)
 * console.log(await readFingerprint(files)) // 64 hexadecimal digits
 * ```
 */
export async function readFingerprint(
  source: ModelSource,
  options: LoadOptions = {},
): Promise<string> {
  const limits = new LoadLimits(options)
  const { manifest } = await readListedFiles(openFolder(source, limits), limits, () => [])
  return manifest.sha256 ?? sha256Hex(JSON.stringify(manifest))
}
