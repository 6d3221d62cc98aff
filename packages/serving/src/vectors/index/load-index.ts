import { type Id, parseOptions } from '@gnnrec/graph'
import * as z from 'zod/mini'
import { SerializationError } from '../../model-folder/errors.js'
import type { RecommenderInterface } from '../../recommenders/recommender-interface.js'
import { embeddingRecommender } from '../vectors-of.js'
import { fingerprintOf } from './fingerprint.js'
import { readIndexFolder } from './index-folder.js'
import { ItemIndex } from './item-index.js'
import { engineSchema, type SearchEngine } from './search-engine.js'
import { usearchEngine } from './usearch.js'

/** Options of {@link loadIndex}. */
export interface LoadIndexOptions {
  /**
   * The library that built the index.
   *
   * @defaultValue usearch, which must be installed
   */
  engine?: SearchEngine
  /** Stops the work; the error is then the signal's reason. */
  signal?: AbortSignal | undefined
}

const schema = z.strictObject({
  engine: z.optional(engineSchema),
  signal: z.optional(z.instanceof(AbortSignal, { error: 'expected an AbortSignal' })),
})

/**
 * Loads an index that `save` has written, for the model that it was built with, or one with the same items: the ids,
 * vectors and biases of the items are compared by their SHA-256, as are the bytes of the files. Load only an index that you
 * built: native code reads its graph and believes it.
 *
 * @param folder - path or `file:` URL
 * @throws SerializationError when there is no index, a file is damaged, or it was built with another model or library
 * @throws NotSupportedError when the recommender is of another kind
 *
 * @example
 * ```ts
 * import { mkdtemp, rm } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { EmbeddingRecommender } from '@gnnrec/serving'
 * import { buildIndex, loadIndex } from '@gnnrec/serving/vectors'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ben', item: 'Brazil' },
 * ])
 * const recommender = new EmbeddingRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   embeddingDim: 2,
 *   userEmbeddings: Float32Array.of(1, 0, 0, 1),
 *   itemEmbeddings: Float32Array.of(1, 0, 0.5, 0.5),
 * })
 * const folder = await mkdtemp(join(tmpdir(), 'index-'))
 * await (await buildIndex(recommender, { k: 1 })).save(folder)
 * const index = await loadIndex(folder, recommender)
 * console.log(recommender.withIndex(index).recommend('ann', { k: 1 }).items) // [ 'Brazil' ]
 * await rm(folder, { recursive: true })
 * ```
 */
export async function loadIndex<UserId extends Id, ItemId extends Id>(
  folder: string | URL,
  recommender: RecommenderInterface<UserId, ItemId>,
  options: LoadIndexOptions = {},
): Promise<ItemIndex> {
  const { engine: wanted, signal } = parseOptions('loadIndex', schema, options)
  const model = embeddingRecommender(recommender)
  const { manifest, graph: path } = await readIndexFolder(folder, signal)
  const engine = wanted ?? (await usearchEngine({ threads: 1 }))
  if (engine.name !== manifest.engine) {
    throw new SerializationError(
      `The index in ${folder} was built by '${manifest.engine}', which '${engine.name}' cannot read. Pass this engine, or build the index again.`,
    )
  }
  const rows = model.scoredRows()
  const fingerprint = await fingerprintOf(model.items, rows)
  if (fingerprint !== manifest.model) {
    throw new SerializationError(
      `The index in ${folder} was built with other items: the SHA-256 of ids, vectors and biases is ${fingerprint}; the index has ${manifest.model}. Build it again with this model.`,
    )
  }
  const { dim, connectivity, expansion, items: itemCount } = manifest
  const { effort, filterFactor, measured } = manifest
  const expected = { items: model.itemCount, dim: model.embeddingDim + (rows.bias ? 1 : 0) }
  if (itemCount !== expected.items || dim !== expected.dim || effort > itemCount) {
    throw new SerializationError(
      `The index in ${folder} says ${itemCount} items of ${dim} numbers and ${effort} candidates; this model has ${expected.items} items of ${expected.dim} numbers. Build it again with this model.`,
    )
  }
  const graph = engine.create({ dim, connectivity, expansion })
  try {
    graph.load(path)
  } catch (cause) {
    throw new SerializationError(
      `${path} cannot be loaded by ${engine.name}: ${(cause as Error).message}.`,
      { cause },
    )
  }
  return new ItemIndex({
    engine: engine.name,
    graph,
    dim,
    connectivity,
    expansion,
    effort,
    filterFactor,
    measured,
    itemCount,
    ids: model.items,
    rows,
    fingerprint: async () => fingerprint,
  })
}
