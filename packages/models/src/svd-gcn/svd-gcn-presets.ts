import { predecessor, predecessorOriginal } from '../training/predecessor.js'
import type { Preset } from '../training/training-settings.js'
import type { SvdGcnOptions } from './svd-gcn-options.js'
import { svdGcnPaper } from './svd-gcn-paper.js'

/** SVD-GCN has no embeddings to start: what the predecessor had of its name is nearest to this. */
const predecessorSvdGcn = {
  variant: 'B',
  degreeRegularization: 0,
  filterExponent: 0,
  embeddingDim: 64,
} as const

/** Settings for ratings that are denser than those of MovieTweetings. */
const spectralPreset = {
  model: { variant: 'S', rank: 60, degreeRegularization: 2, filterExponent: 2 },
  training: svdGcnPaper.gowalla.s.training,
} as const satisfies Preset<SvdGcnOptions>

/** Settings of `SvdGcn` that go together, by name. */
export const svdGcnPresets = {
  paper: svdGcnPaper,
  /**
   * Best on validation NDCG@20 of MovieTweetings, without training; it is the filter that depends on
   * the data: `npm run bench -- --only tune --model svd-gcn`.
   */
  recommended: {
    model: { variant: 'S', rank: 30, degreeRegularization: 8, filterExponent: 3 },
    training: svdGcnPaper.gowalla.s.training,
  } satisfies Preset<SvdGcnOptions>,
  /** Settings of the study of models for denser ratings, without training; nobody has searched further. */
  movieLens: spectralPreset,
  /** The same as for MovieLens; nobody has searched further. */
  bookCrossing: spectralPreset,
  /** The same as for MovieLens; nobody has searched further. */
  gowalla: spectralPreset,
  predecessor: {
    ...predecessor,
    model: { ...predecessorSvdGcn, l2Weight: predecessor.model.l2Weight },
  } satisfies Preset<SvdGcnOptions>,
  predecessorOriginal: {
    ...predecessorOriginal,
    model: { ...predecessorSvdGcn, l2Weight: predecessorOriginal.model.l2Weight },
  } satisfies Preset<SvdGcnOptions>,
} as const
