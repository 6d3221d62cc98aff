import { Rng } from '@gnnrec/graph'
import {
  EmbeddingRecommender,
  ItemSimilarityRecommender,
  PopularityRecommender,
  RandomRecommender,
  type Recommender,
  SpectralFilterRecommender,
  UserSimilarityRecommender,
} from '../../src/index.js'
import { common, embeddings, sparse } from './recommenders.js'

const weights = Float32Array.of(0, 1, 0, 4, 2, 0, -3, 0, 0, 0, 0, 1, 0.5, 0, 0, 0)
const table = { shape: [4, 2], data: Float32Array.of(0.5, 1, -1, 0.25, 0.3, 0.1, 2, -0.5) }
const foldIns = [
  { foldIn: { convention: 'pairwise', l2Weight: 0.1 } },
  { foldIn: { convention: 'implicit', alpha: 3, l2Weight: 0.5 } },
  {
    foldIn: {
      convention: 'rendle',
      unobservedWeight: 0.1,
      l2Weight: 0.1,
      regularizationExponent: 1,
    },
  },
  {
    foldIn: { convention: 'propagated', regularization: 1 },
    foldInTensors: new Map([['items', table]]),
  },
  {
    foldIn: {
      convention: 'layered',
      neighbourShare: 0.9,
      activation: 'relu',
      layerResidual: true,
    },
    foldInTensors: new Map([
      ['items', { ...table, shape: [1, 4, 2] }],
      ['maps', { shape: [1, 2, 2], data: Float32Array.of(1, 0.5, -0.5, 1) }],
    ]),
  },
] as const
/** A recommender of every kind, embeddings in every way to answer for histories. */
export const everyKind: Record<string, Recommender<string, string>> = {
  ...Object.fromEntries(
    foldIns.map((way) => [
      `embeddings, ${way.foldIn.convention}`,
      new EmbeddingRecommender({ ...embeddings, ...way }),
    ]),
  ),
  popularity: new PopularityRecommender({ ...common, scores: Float32Array.of(1, 2, 5, 4) }),
  random: new RandomRecommender({ ...common, rng: Rng.fromSeed(1) }),
  'item-item weights': new ItemSimilarityRecommender({ ...common, weights }),
  'sparse weights': new ItemSimilarityRecommender({ ...common, weights: sparse(weights, 4) }),
  users: new UserSimilarityRecommender({
    ...common,
    similarities: sparse(Float32Array.of(0, 0.5, 0.1, 0.5, 0, 0, 0.1, 0, 0), 3),
    neighbours: 2,
    shrinkage: 0.1,
  }),
  'a filter': new SpectralFilterRecommender({
    ...common,
    polynomial: [0.4, -0.5, 0.1],
    sharpening: [0.2, -0.7],
    degreeExponent: 0.3,
    ideal: { weight: 0.7, exponent: 0.5, merge: 'early' },
    vectors: Float32Array.of(0.5, 0.1, 0.5, -0.2, 0.3, 0.4, 0.2, 0.9),
  }),
}
