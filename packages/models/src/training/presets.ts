import type { BprMfOptions } from '../bpr-mf/bpr-mf.js'
import type { LightGcnOptions } from '../light-gcn/light-gcn-options.js'
import type { Preset } from './training-settings.js'

const officialTraining = {
  epochs: 1000,
  batchSize: 2048,
  learningRate: 1e-3,
  sampling: 'user-uniform',
} as const

/** Settings that go together, by model and name. */
export const presets = {
  bprMf: {
    /** Defaults of LightGCN-PyTorch's `PureMF`, initial deviation 1 included. */
    paper: {
      model: { embeddingDim: 64, initialDeviation: 1, l2Weight: 1e-4 },
      training: officialTraining,
    } satisfies Preset<BprMfOptions>,
  },
  lightGcn: {
    /** Official settings for Gowalla and Yelp2018 (gusye1234/LightGCN-PyTorch). */
    paper: {
      model: { embeddingDim: 64, layers: 3, initialDeviation: 0.1, l2Weight: 1e-4 },
      training: officialTraining,
    } satisfies Preset<LightGcnOptions>,
  },
} as const
