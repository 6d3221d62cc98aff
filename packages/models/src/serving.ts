export { SerializationError } from './persistence/errors.js'
export type { ModelSource, ModelTarget } from './persistence/place.js'
export type { RecommenderParts } from './serving/base-recommender.js'
export type {
  ModelOrigin,
  RankedItems,
  RankedUsers,
  RecommendAllOptions,
  Recommendation,
  RecommenderInterface,
  RecommendOptions,
  SimilarOptions,
} from './serving/contract.js'
export type { EmbeddingRecommenderOptions } from './serving/embedding-recommender.js'
export { EmbeddingRecommender } from './serving/embedding-recommender.js'
export { NotSupportedError } from './serving/errors.js'
export type { ItemSimilarityRecommenderOptions } from './serving/item-similarity-recommender.js'
export { ItemSimilarityRecommender } from './serving/item-similarity-recommender.js'
export type { PopularityRecommenderOptions } from './serving/popularity-recommender.js'
export { PopularityRecommender } from './serving/popularity-recommender.js'
export type { RandomRecommenderOptions } from './serving/random-recommender.js'
export { RandomRecommender } from './serving/random-recommender.js'
export { Recommender } from './serving/recommender.js'
export type {
  RecommendationFormat,
  RecommendationTarget,
  WriteRecommendationsOptions,
  WrittenRecommendations,
} from './serving/writers/write-recommendations.js'
export { writeRecommendations } from './serving/writers/write-recommendations.js'
