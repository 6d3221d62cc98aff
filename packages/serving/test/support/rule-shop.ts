import { IdMap } from '@gnnrec/graph'
import { EmbeddingRecommender, type Recommender } from '../../src/index.js'

/** Makes a recommender with one user, ann, whose scores are given, and no seen items. */
export function shop(
  scores: readonly number[],
  ids: readonly string[] = scores.map((_, item) => `i${String(item).padStart(4, '0')}`),
): Recommender<string, string> {
  return new EmbeddingRecommender({
    users: IdMap.from(['ann']),
    items: IdMap.from([...ids]),
    seen: { pointers: Int32Array.of(0, 0), items: new Int32Array() },
    embeddingDim: 1,
    userEmbeddings: Float32Array.of(1),
    itemEmbeddings: Float32Array.from(scores),
    coldStart: 'model',
  })
}
