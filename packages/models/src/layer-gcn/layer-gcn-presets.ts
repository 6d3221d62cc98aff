import { gowallaTraining, smallDataTraining } from '../training/common-training.js'
import { predecessorPresets } from '../training/predecessor.js'
import type { Preset } from '../training/training-settings.js'
import type { LayerGcnOptions } from './layer-gcn-options.js'

/** LayerGCN's settings in ImRec, which differ by data set in two numbers. */
function layerGcnPaper(edgePruning: number, l2Weight: number): Preset<LayerGcnOptions> {
  return {
    model: { embeddingDim: 64, layers: 4, edgePruning, l2Weight },
    training: {
      epochs: 1000,
      batchSize: 2048,
      learningRate: 1e-3,
      sampling: 'interaction-shuffle',
      earlyStopping: { metric: 'recall@20', patience: 50 },
    },
  }
}

const movieLens = {
  model: { embeddingDim: 64, layers: 2, edgePruning: 0.1, l2Weight: 1e-3 },
  training: { ...smallDataTraining, learningRate: 2e-3 },
} satisfies Preset<LayerGcnOptions>

/** Settings of `LayerGcn` that go together, by name. */
export const layerGcnPresets = {
  /** Official settings by data set (enoche/ImRec). */
  paper: {
    mooc: layerGcnPaper(0.1, 1e-3),
    games: layerGcnPaper(0.2, 1e-3),
    food: layerGcnPaper(0.1, 1e-2),
    yelp: layerGcnPaper(0.2, 1e-3),
  },
  /** Best on validation NDCG@20 of MovieTweetings: `npm run bench -- --only tune --model layer-gcn`. */
  recommended: {
    model: { embeddingDim: 64, layers: 3, edgePruning: 0.2, l2Weight: 3e-2 },
    training: smallDataTraining,
  } satisfies Preset<LayerGcnOptions>,
  /** LightGCN's L2 and learning rate for MovieLens; nobody has searched further. */
  movieLens,
  /** The same as for MovieLens; nobody has searched further. */
  bookCrossing: movieLens,
  /** The same options, and enough epochs of large batches; nobody has searched further. */
  gowalla: {
    model: movieLens.model,
    training: gowallaTraining,
  } satisfies Preset<LayerGcnOptions>,
  ...predecessorPresets<LayerGcnOptions>({
    layers: 3,
    loss: { name: 'bpr', reduction: 'mean' },
    l2Convention: 'mean-squares',
    initialization: 'normal',
  }),
} as const
