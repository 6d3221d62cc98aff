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
  predecessor: {
    ...predecessor,
    model: { ...predecessorSvdGcn, l2Weight: predecessor.model.l2Weight },
  } satisfies Preset<SvdGcnOptions>,
  predecessorOriginal: {
    ...predecessorOriginal,
    model: { ...predecessorSvdGcn, l2Weight: predecessorOriginal.model.l2Weight },
  } satisfies Preset<SvdGcnOptions>,
} as const
