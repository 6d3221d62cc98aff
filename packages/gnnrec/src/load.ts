import type { Id } from '@gnnrec/graph'
import { type LoadOptions, type ModelSource, Recommender } from '@gnnrec/serving'

/**
 * Loads the recommender of a model that `save` of a result of `train` has saved. It answers without TensorFlow.js.
 *
 * Name the types of your ids, as in `load<string, number>(folder)`, to get them back; they are not checked.
 *
 * @param source - path of the folder, its `file:`, `http:` or `https:` URL, or its files by name
 * @throws SerializationError naming the file that is missing, damaged, foreign or too new
 * @throws the reason of `signal` once it is aborted
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { load, train } from 'gnnrec'
 *
 * const events = ['ann', 'bob', 'cem', 'dee'].flatMap((user, place) =>
 *   ['tea', 'jam', 'egg', 'ham', 'rye'].slice(place % 2).map((item) => ({ user, item })),
 * )
 * const folder = join(await mkdtemp(join(tmpdir(), 'gnnrec-')), 'model')
 * const result = await train(events, { model: 'item-knn' })
 * await result.save(folder)
 * const recommender = await load<string, string>(folder)
 * console.log(recommender.recommend('bob', { k: 1 }).items, recommender.similarItems('egg').items)
 * ```
 */
export async function load<UserId extends Id = Id, ItemId extends Id = Id>(
  source: ModelSource,
  options: LoadOptions = {},
): Promise<Recommender<UserId, ItemId>> {
  return Recommender.load(source, options)
}
