import { type Id, Rng } from '@gnnrec/graph'
import { sparseWeights } from '../model-folder/check-parts.js'
import type { LoadOptions } from '../model-folder/load-options.js'
import type { UserSimilaritySettings } from '../model-folder/model-json.js'
import type { ModelParts } from '../model-folder/model-parts.js'
import type { ModelSource } from '../model-folder/place.js'
import { readModelFolder } from '../model-folder/read-model-folder.js'
import type { RecommenderInterface } from './recommender-interface.js'
import type { SpectralRule } from './spectral/spectral-rule.js'

/**
 * A trained model that answers in your own ids, without TensorFlow.js. It never changes.
 *
 * Of items with equal scores, the one with the lower id comes first. Asking for one user, for many
 * users, or for some items gives the same bytes.
 */
export interface Recommender<UserId extends Id = Id, ItemId extends Id = Id>
  extends RecommenderInterface<UserId, ItemId> {}

/**
 * Loads saved recommenders.
 *
 * @example
 * ```ts
 * import { mkdtemp, rm } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { PopularityRecommender, Recommender } from '@gnnrec/serving'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ben', item: 'Brazil' },
 * ])
 * const folder = await mkdtemp(join(tmpdir(), 'model-'))
 * await new PopularityRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   scores: Float32Array.of(1, 1),
 * }).save(folder)
 *
 * const recommender = await Recommender.load<string, string>(folder)
 * const { items } = recommender.recommend('ann', { k: 1 })
 * console.log(items) // ['Brazil'], of type string[]
 * await rm(folder, { recursive: true })
 * ```
 */
export const Recommender = {
  /**
   * Loads the recommender of a model folder. The weights that training needs are not read.
   *
   * Name the types of your ids, as in `Recommender.load<string, number>(folder)`, to get them back
   * from `recommend`. They are not checked against the folder: TypeScript's types are gone at run
   * time. Asking with an id of the wrong type throws an UnknownIdError that says so.
   *
   * Another process may save to the folder meanwhile: the recommender is then the one from before the
   * save, or the new one.
   *
   * @param source - path of the folder, its `file:`, `http:` or `https:` URL, or its files by name
   * @throws SerializationError naming the file that is missing, damaged, foreign or too new, or that a
   * server does not send in time
   * @throws NonFiniteError when a score or an embedding is NaN or infinite
   * @throws the reason of `signal` once it is aborted
   */
  async load<UserId extends Id = Id, ItemId extends Id = Id>(
    source: ModelSource,
    options: LoadOptions = {},
  ): Promise<Recommender<UserId, ItemId>> {
    const parts = await readModelFolder<UserId, ItemId>(source, { ...options, weights: false })
    return recommenderOf(parts)
  },
} as const

/** Makes the recommender of a folder, whose kind is imported here: a page loads the code of no other. */
async function recommenderOf<UserId extends Id, ItemId extends Id>(
  parts: ModelParts<UserId, ItemId>,
): Promise<Recommender<UserId, ItemId>> {
  const { users, items, seen, popularity, serving, score } = parts
  const { architecture, options, splitHash } = parts
  const common = {
    users,
    items,
    seen,
    ...(popularity && { popularity }),
    origin: { architecture, options, splitHash },
  }
  const cold = { coldStart: score.coldStart ?? 'popularity' }
  const floats = (name: string) => serving.get(name)?.data as Float32Array
  switch (parts.kind) {
    case 'popularity': {
      const { PopularityRecommender } = await import('./popularity-recommender.js')
      return new PopularityRecommender({ ...common, scores: floats('scores') })
    }
    case 'random': {
      const { RandomRecommender } = await import('./random-recommender.js')
      const key = serving.get('key')?.data as Int32Array
      const rng = Rng.fromState({ name: 'scores', key: [key[0], key[1]], position: 0 })
      return new RandomRecommender({ ...common, rng })
    }
    case 'item-similarity': {
      const { ItemSimilarityRecommender } = await import('./item-similarity-recommender.js')
      const weights = floats('weights') ?? sparseWeights(items.size, serving)
      return new ItemSimilarityRecommender({ ...common, weights, ...cold })
    }
    case 'user-similarity': {
      const { UserSimilarityRecommender } = await import('./user-similarity-recommender.js')
      // Reading the folder has checked that they are there.
      const { neighbours, shrinkage } = score.userSimilarity as UserSimilaritySettings
      const similarities = sparseWeights(users.size, serving)
      return new UserSimilarityRecommender({
        ...common,
        similarities,
        neighbours,
        shrinkage,
        ...cold,
      })
    }
    case 'spectral-filter': {
      const { SpectralFilterRecommender } = await import('./spectral-filter-recommender.js')
      const { ideal, ...rule } = score.filter as SpectralRule
      const part = ideal && { ideal, vectors: floats('vectors') }
      return new SpectralFilterRecommender({ ...common, ...rule, ...part, ...cold })
    }
    case 'embeddings': {
      const { EmbeddingRecommender } = await import('./embedding-recommender.js')
      const embeddings = {
        embeddingDim: serving.get('users')?.shape[1] as number,
        userEmbeddings: floats('users'),
        itemEmbeddings: floats('items'),
      }
      const { foldIn } = score
      return new EmbeddingRecommender({
        ...common,
        ...embeddings,
        similarity: score.similarity,
        scale: score.scale,
        ...(score.itemBias && { itemBias: floats('itemBias') }),
        ...(foldIn && { foldIn, foldInTensors: parts.foldIn ?? new Map() }),
        ...cold,
        copy: false,
      })
    }
  }
}
