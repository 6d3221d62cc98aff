import {
  gowallaTraining,
  officialTraining,
  smallDataTraining,
} from '../training/common-training.js'
import { predecessorPresets } from '../training/predecessor.js'
import type { Preset } from '../training/training-settings.js'
import type { GroupShuffleOptions } from './group-shuffle-options.js'

const movieLens = {
  model: { embeddingDim: 64, layers: 2, blockSize: 8, initialResidual: 0.1, l2Weight: 1e-3 },
  training: { ...smallDataTraining, learningRate: 2e-3 },
} satisfies Preset<GroupShuffleOptions>

/** Settings of `GroupShuffle` that go together, by name. */
export const groupShufflePresets = {
  /** LightGCN's training; nobody has published settings, and these are not tuned. */
  default: {
    model: { embeddingDim: 64, layers: 3, blockSize: 8, initialResidual: 0.1, l2Weight: 1e-4 },
    training: officialTraining,
  } satisfies Preset<GroupShuffleOptions>,
  /** Best on validation NDCG@20 of MovieTweetings: `npm run bench -- --only tune --model group-shuffle`. */
  recommended: {
    model: { embeddingDim: 64, layers: 3, blockSize: 8, initialResidual: 0.3, l2Weight: 1e-2 },
    training: smallDataTraining,
  } satisfies Preset<GroupShuffleOptions>,
  /** LightGCN's L2 and learning rate for MovieLens; nobody has searched further. */
  movieLens,
  /** The same as for MovieLens; nobody has searched further. */
  bookCrossing: movieLens,
  /** The same options, and enough epochs of large batches; nobody has searched further. */
  gowalla: {
    model: movieLens.model,
    training: gowallaTraining,
  } satisfies Preset<GroupShuffleOptions>,
  ...predecessorPresets<GroupShuffleOptions>({
    layers: 3,
    blockSize: 8,
    factors: 1,
    orthogonalMap: 'exponential',
    shuffle: 'random',
  }),
} as const
