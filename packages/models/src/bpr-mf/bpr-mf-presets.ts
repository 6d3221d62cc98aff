import {
  gowallaTraining,
  officialTraining,
  smallDataTraining,
} from '../training/common-training.js'
import { predecessorBprMf, predecessorOriginal } from '../training/predecessor.js'
import type { Preset } from '../training/training-settings.js'
import type { BprMfOptions } from './bpr-mf-options.js'

const movieLens = {
  model: { embeddingDim: 64, initialDeviation: 0.1, l2Weight: 1e-2 },
  training: { ...smallDataTraining, learningRate: 2e-3 },
} satisfies Preset<BprMfOptions>

/** Settings of `BprMf` that go together, by name. */
export const bprMfPresets = {
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
  movieLens,
  /** The same as for MovieLens; `npm run bench -- --only fast --dataset book-crossing` tries it. */
  bookCrossing: movieLens,
  /** The same options, and enough epochs of large batches; nobody has searched further. */
  gowalla: {
    model: movieLens.model,
    training: gowallaTraining,
  } satisfies Preset<BprMfOptions>,
  predecessor: predecessorBprMf,
  predecessorOriginal,
} as const
