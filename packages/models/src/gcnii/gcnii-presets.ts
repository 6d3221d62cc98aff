import {
  gowallaTraining,
  officialTraining,
  smallDataTraining,
} from '../training/common-training.js'
import { predecessorPresets } from '../training/predecessor.js'
import type { Preset } from '../training/training-settings.js'
import type { GcniiOptions } from './gcnii-options.js'

const movieLens = {
  model: {
    embeddingDim: 64,
    layers: 3,
    activation: 'identity',
    head: 'none',
    initialResidual: 0.5,
    l2Weight: 3e-3,
  },
  training: { ...smallDataTraining, learningRate: 2e-3, weightDecay: { conv: 0.01 } },
} satisfies Preset<GcniiOptions>

/** Settings of `Gcnii` that go together, by name. */
export const gcniiPresets = {
  /** The official code's decay of dense weights; nobody has published settings, and these are not tuned. */
  default: {
    model: {
      embeddingDim: 64,
      layers: 4,
      initialResidual: 0.1,
      identityDecay: 0.5,
      l2Weight: 1e-4,
    },
    training: { ...officialTraining, weightDecay: { conv: 0.01, head: 5e-4 } },
  } satisfies Preset<GcniiOptions>,
  /** Without ReLU and head. */
  linear: {
    model: {
      embeddingDim: 64,
      layers: 4,
      initialResidual: 0.1,
      identityDecay: 0.5,
      activation: 'identity',
      head: 'none',
      l2Weight: 1e-4,
    },
    training: { ...officialTraining, weightDecay: { conv: 0.01 } },
  } satisfies Preset<GcniiOptions>,
  /** Best on validation NDCG@20 of MovieTweetings: `npm run bench -- --only tune --model gcnii`. */
  recommended: {
    model: {
      embeddingDim: 64,
      layers: 4,
      initialResidual: 0.5,
      activation: 'identity',
      head: 'none',
      l2Weight: 1e-2,
    },
    training: { ...smallDataTraining, weightDecay: { conv: 0.01 } },
  } satisfies Preset<GcniiOptions>,
  /** The better of two settings on validation NDCG@20 of ml-latest-small; no search has chosen it. */
  movieLens,
  /** The same as for MovieLens; nobody has searched further. */
  bookCrossing: movieLens,
  /** LightGCN's L2 for MovieLens, and enough epochs of large batches; nobody has searched further. */
  gowalla: {
    model: {
      embeddingDim: 64,
      layers: 2,
      activation: 'identity',
      head: 'none',
      l2Weight: 1e-3,
    },
    training: { ...gowallaTraining, weightDecay: { conv: 0.01 } },
  } satisfies Preset<GcniiOptions>,
  ...predecessorPresets<GcniiOptions>({ layers: 3 }),
} as const
