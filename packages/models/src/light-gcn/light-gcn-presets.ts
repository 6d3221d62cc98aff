import { officialTraining, smallDataTraining } from '../training/common-training.js'
import { predecessorPresets } from '../training/predecessor.js'
import type { Preset } from '../training/training-settings.js'
import type { LightGcnOptions } from './light-gcn-options.js'

const fast = {
  model: {
    embeddingDim: 64,
    layers: 3,
    layerWeights: [0, 1 / 3, 1 / 3, 1 / 3],
    initialDeviation: 0.01,
    l2Weight: 0,
    loss: {
      name: 'sampled-softmax',
      temperature: 'auto',
      logQ: false,
      popularityWeight: 1,
    },
  },
  training: {
    epochs: 8,
    batchSize: 2048,
    learningRate: 6e-3,
    schedule: { name: 'cosine', per: 'step' },
    sampling: 'interaction-shuffle',
  },
} as const satisfies Preset<LightGcnOptions>

/** Settings of `LightGcn` that go together, by name. */
export const lightGcnPresets = {
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
  /**
   * Above the paper's accuracy in a hundredth of its epochs: a softmax over the batch's items instead
   * of one drawn negative, layer 0 left out of the mean, no L2. What differs, why, and what it gives
   * on other sets: `npm run bench -- --only fast` and `gowalla-paper`.
   */
  fast,
  /** The same as `fast`, which was also tried on Book-Crossing: `npm run bench -- --only fast`. */
  bookCrossing: fast,
  /** The same as `fast`, which was chosen on Gowalla. */
  gowalla: fast,
  ...predecessorPresets<LightGcnOptions>({ layers: 3 }),
} as const
