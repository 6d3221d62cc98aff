import { type Id, Rng } from '@gnnrec/graph'
import { sparseWeights } from '../model-folder/check-parts.js'
import type { ModelParts } from '../model-folder/model-parts.js'
import type { ModelSource } from '../model-folder/place.js'
import { readModelFolder } from '../model-folder/read-model-folder.js'
import type { RecommenderInterface } from './contract.js'
import { EmbeddingRecommender } from './embedding-recommender.js'
import { ItemSimilarityRecommender } from './item-similarity-recommender.js'
import { PopularityRecommender } from './popularity-recommender.js'
import { RandomRecommender } from './random-recommender.js'

/** A trained model that answers in the user's own ids; see {@link RecommenderInterface}. */
export type Recommender<User extends Id = Id, Item extends Id = Id> = RecommenderInterface<
  User,
  Item
>

/** Loads recommenders. */
export const Recommender = {
  /**
   * Loads what answers from a model folder; the training weights are not read.
   *
   * @param source - path, `file:` or `http(s):` URL of the folder, or its files by name
   * @throws SerializationError naming the file that is missing, damaged, foreign or too new
   */
  async load(source: ModelSource): Promise<Recommender> {
    return recommenderOf(await readModelFolder(source, { weights: false }))
  },
} as const

function recommenderOf(parts: ModelParts): Recommender {
  const { users, items, seen, serving, score, architecture, options, splitHash } = parts
  const common = { users, items, seen, origin: { architecture, options, splitHash } }
  const floats = (name: string) => serving.get(name)?.data as Float32Array
  switch (parts.kind) {
    case 'popularity':
      return new PopularityRecommender({ ...common, scores: floats('scores') })
    case 'random': {
      const key = serving.get('key')?.data as Int32Array
      const rng = Rng.fromState({ name: 'scores', key: [key[0], key[1]], position: 0 })
      return new RandomRecommender({ ...common, rng })
    }
    case 'item-similarity': {
      const weights = floats('weights') ?? sparseWeights(items.size, serving)
      return new ItemSimilarityRecommender({ ...common, weights })
    }
    case 'embeddings': {
      const options = {
        ...common,
        embeddingDim: serving.get('users')?.shape[1] as number,
        userEmbeddings: floats('users'),
        itemEmbeddings: floats('items'),
        similarity: score.similarity,
        scale: score.scale,
        ...(score.itemBias && { itemBias: floats('itemBias') }),
      }
      return new EmbeddingRecommender(options, 'keep')
    }
  }
}
