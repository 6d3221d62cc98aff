import type { BprMfOptions } from '../bpr-mf/bpr-mf.js'
import type { LightGcnOptions } from '../light-gcn/light-gcn-options.js'
import type { Preset } from './training-settings.js'

const officialTraining = {
  epochs: 1000,
  batchSize: 2048,
  learningRate: 1e-3,
  sampling: 'user-uniform',
} as const

/** For sets of up to about a hundred thousand ratings; training ends when validation does not grow. */
const smallDataTraining = {
  epochs: 120,
  batchSize: 1024,
  learningRate: 5e-3,
  sampling: 'user-uniform',
  evaluateEvery: 5,
  earlyStopping: { metric: 'ndcg@20', patience: 60 },
} as const

/** Settings that go together, by model and name. */
export const presets = {
  bprMf: {
    /** Defaults of LightGCN-PyTorch's `PureMF`, initial deviation 1 included. */
    paper: {
      model: { embeddingDim: 64, initialDeviation: 1, l2Weight: 1e-4 },
      training: officialTraining,
    } satisfies Preset<BprMfOptions>,
    /**
     * Best on validation NDCG@20 of MovieTweetings among the learning rates 1e-3 and 5e-3 of the grid
     * that `npm run bench -- --only tune` runs.
     */
    recommended: {
      model: { embeddingDim: 64, initialDeviation: 0.1, l2Weight: 3e-2 },
      training: smallDataTraining,
    } satisfies Preset<BprMfOptions>,
    /**
     * Best on validation of ml-latest-small among what was tried at this initial deviation;
     * `npm run bench -- --only tune --dataset ml-latest-small` runs the whole grid.
     */
    movieLens: {
      model: { embeddingDim: 64, initialDeviation: 0.1, l2Weight: 1e-2 },
      training: { ...smallDataTraining, learningRate: 2e-3 },
    } satisfies Preset<BprMfOptions>,
  },
  lightGcn: {
    /** Official settings for Gowalla and Yelp2018 (gusye1234/LightGCN-PyTorch). */
    paper: {
      model: { embeddingDim: 64, layers: 3, initialDeviation: 0.1, l2Weight: 1e-4 },
      training: officialTraining,
    } satisfies Preset<LightGcnOptions>,
    /** Best of the same part of the grid: `npm run bench -- --only tune`. */
    recommended: {
      model: { embeddingDim: 64, layers: 3, initialDeviation: 0.1, l2Weight: 1e-2 },
      training: smallDataTraining,
    } satisfies Preset<LightGcnOptions>,
    /** Best on validation of the few settings tried on ml-latest-small; denser data wants less L2. */
    movieLens: {
      model: { embeddingDim: 64, layers: 3, initialDeviation: 0.1, l2Weight: 1e-3 },
      training: { ...smallDataTraining, learningRate: 2e-3 },
    } satisfies Preset<LightGcnOptions>,
  },
} as const
