import {
  gowallaTraining,
  officialTraining,
  smallDataTraining,
} from '../training/common-training.js'
import { predecessorPresets } from '../training/predecessor.js'
import type { Preset } from '../training/training-settings.js'
import type { DgrOptions } from './dgr-options.js'

const movieLens = {
  model: {
    embeddingDim: 64,
    layers: 2,
    desmoothing: [0.1, 1.1],
    neighbourWeight: 1e-4,
    marginalWeight: 5e-6,
    regularization: 'layer-zero',
    l2Weight: 1e-3,
  },
  training: { ...smallDataTraining, learningRate: 2e-3 },
} satisfies Preset<DgrOptions>

/** Settings of `Dgr` that go together, by name. */
export const dgrPresets = {
  /** Official settings for ML-1M with LightGCN as backbone (me-sonandme/DGR). */
  paper: {
    model: {
      embeddingDim: 64,
      layers: 3,
      desmoothing: [0.1, 1.1, 0],
      neighbourWeight: 1e-2,
      marginalWeight: 5e-6,
      l2Weight: 1e-4,
    },
    training: { ...officialTraining, epochs: 600, sampling: 'interaction-shuffle' },
  } satisfies Preset<DgrOptions>,
  /** Best on validation NDCG@20 of MovieTweetings: `npm run bench -- --only tune --model dgr`. */
  recommended: {
    model: {
      embeddingDim: 64,
      layers: 3,
      desmoothing: [0.1, 1.1, 0],
      neighbourWeight: 1e-2,
      marginalWeight: 5e-6,
      regularization: 'layer-zero',
      l2Weight: 1e-2,
    },
    training: smallDataTraining,
  } satisfies Preset<DgrOptions>,
  /** LightGCN's L2 and learning rate for MovieLens; nobody has searched further. */
  movieLens,
  /** The same as for MovieLens; nobody has searched further. */
  bookCrossing: movieLens,
  /** The same options, and enough epochs of large batches; nobody has searched further. */
  gowalla: {
    model: movieLens.model,
    training: gowallaTraining,
  } satisfies Preset<DgrOptions>,
  ...predecessorPresets<DgrOptions>({
    layers: 3,
    regularization: 'layer-zero',
    initialization: 'normal',
  }),
} as const
