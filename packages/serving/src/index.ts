export { SerializationError } from './model-folder/errors.js'
export type { LoadOptions } from './model-folder/load-options.js'
export type { ModelSource, ModelTarget } from './model-folder/place.js'
export type { EmbeddingRecommenderOptions } from './recommenders/embedding-options.js'
export { EmbeddingRecommender } from './recommenders/embedding-recommender.js'
export { NotSupportedError } from './recommenders/errors.js'
export type { Explanation } from './recommenders/explanation.js'
export type { HistoryItem } from './recommenders/histories.js'
export type { ItemFilter } from './recommenders/item-filter.js'
export type { ItemSimilarityRecommenderOptions } from './recommenders/item-similarity-recommender.js'
export { ItemSimilarityRecommender } from './recommenders/item-similarity-recommender.js'
export type { ItemStanding } from './recommenders/item-standing.js'
export type { PopularityRecommenderOptions } from './recommenders/popularity-recommender.js'
export { PopularityRecommender } from './recommenders/popularity-recommender.js'
export type { RandomRecommenderOptions } from './recommenders/random-recommender.js'
export { RandomRecommender } from './recommenders/random-recommender.js'
export type {
  ExplainOptions,
  FilterItems,
  FilterOptions,
  RecommendAllOptions,
  RecommendForOptions,
  RecommendOptions,
  SaveOptions,
  SimilarItemsOptions,
  SimilarUsersOptions,
  WhyNotOptions,
} from './recommenders/recommend-options.js'
export type {
  HistoryRecommendation,
  RankedItems,
  Recommendation,
} from './recommenders/recommendation.js'
export { Recommender } from './recommenders/recommender.js'
export type { Rule, RuleReport } from './recommenders/rules.js'
export type { SpectralFilterRecommenderOptions } from './recommenders/spectral-filter-recommender.js'
export { SpectralFilterRecommender } from './recommenders/spectral-filter-recommender.js'
export type { UserSimilarityRecommenderOptions } from './recommenders/user-similarity-recommender.js'
export { UserSimilarityRecommender } from './recommenders/user-similarity-recommender.js'
export type {
  RecommendationTarget,
  WriteRecommendationsOptions,
} from './writers/write-recommendations.js'
export { writeRecommendations } from './writers/write-recommendations.js'
