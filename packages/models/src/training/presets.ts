import type { BprMfOptions } from '../bpr-mf/bpr-mf.js'
import type { DgrOptions } from '../dgr/dgr-options.js'
import type { GcniiOptions } from '../gcnii/gcnii-options.js'
import type { GroupShuffleOptions } from '../group-shuffle/group-shuffle-options.js'
import type { LayerGcnOptions } from '../layer-gcn/layer-gcn-options.js'
import type { LightGcnOptions } from '../light-gcn/light-gcn-options.js'
import type { SvdGcnOptions } from '../svd-gcn/svd-gcn-options.js'
import { predecessor, predecessorOriginal } from './predecessor.js'
import { svdGcnPaper } from './svd-gcn-paper.js'
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

/** SVD-GCN has no embeddings to start: what the predecessor had of its name is nearest to this. */
const predecessorSvdGcn = {
  variant: 'B',
  degreeRegularization: 0,
  filterExponent: 0,
  embeddingDim: 64,
} as const

/** The predecessor's settings with what a model needs besides. */
function predecessorPresets<Options extends object>(model: Options) {
  return {
    predecessor: { ...predecessor, model: { ...predecessor.model, ...model } },
    predecessorOriginal: {
      ...predecessorOriginal,
      model: { ...predecessorOriginal.model, ...model },
    },
  }
}

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
    ...predecessorPresets<BprMfOptions>({}),
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
    /**
     * Above the paper's accuracy in a hundredth of its epochs: a softmax over the batch's items instead
     * of one drawn negative, layer 0 left out of the mean, no L2. What differs, why, and what it gives
     * on other sets: `npm run bench -- --only fast` and `gowalla-paper`.
     */
    fast: {
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
    } satisfies Preset<LightGcnOptions>,
    ...predecessorPresets<LightGcnOptions>({ layers: 3 }),
  },
  dgr: {
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
    /** Best on validation NDCG@20 of MovieTweetings: `npm run bench -- --only tune --model Dgr`. */
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
    ...predecessorPresets<DgrOptions>({
      layers: 3,
      regularization: 'layer-zero',
      initialization: 'normal',
    }),
  },
  gcnii: {
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
    /** Best on validation NDCG@20 of MovieTweetings: `npm run bench -- --only tune --model Gcnii`. */
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
    ...predecessorPresets<GcniiOptions>({ layers: 3 }),
  },
  layerGcn: {
    /** Official settings by data set (enoche/ImRec). */
    paper: {
      mooc: layerGcnPaper(0.1, 1e-3),
      games: layerGcnPaper(0.2, 1e-3),
      food: layerGcnPaper(0.1, 1e-2),
      yelp: layerGcnPaper(0.2, 1e-3),
    },
    /** Best on validation NDCG@20 of MovieTweetings: `npm run bench -- --only tune --model LayerGcn`. */
    recommended: {
      model: { embeddingDim: 64, layers: 3, edgePruning: 0.2, l2Weight: 3e-2 },
      training: smallDataTraining,
    } satisfies Preset<LayerGcnOptions>,
    ...predecessorPresets<LayerGcnOptions>({
      layers: 3,
      loss: { name: 'bpr', reduction: 'mean' },
      l2Convention: 'mean-squares',
      initialization: 'normal',
    }),
  },
  svdGcn: {
    paper: svdGcnPaper,
    /**
     * Best on validation NDCG@20 of MovieTweetings, without training; it is the filter that depends on
     * the data: `npm run bench -- --only tune --model SvdGcn`.
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
  },
  groupShuffle: {
    /** LightGCN's training; nobody has published settings, and these are not tuned. */
    default: {
      model: { embeddingDim: 64, layers: 3, blockSize: 8, initialResidual: 0.1, l2Weight: 1e-4 },
      training: officialTraining,
    } satisfies Preset<GroupShuffleOptions>,
    /** Best on validation NDCG@20 of MovieTweetings: `npm run bench -- --only tune --model GroupShuffle`. */
    recommended: {
      model: { embeddingDim: 64, layers: 3, blockSize: 8, initialResidual: 0.3, l2Weight: 1e-2 },
      training: smallDataTraining,
    } satisfies Preset<GroupShuffleOptions>,
    ...predecessorPresets<GroupShuffleOptions>({
      layers: 3,
      blockSize: 8,
      factors: 1,
      orthogonalMap: 'exponential',
      shuffle: 'random',
    }),
  },
} as const
