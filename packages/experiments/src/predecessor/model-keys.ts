import type { JsonValue } from '../definition/experiment-definition.js'

/** The option that a key of a file stands for, or the reason why the key has no effect. */
type KeyMeaning = { readonly option: string } | { readonly ignored: string }

/** A model of the predecessor and its counterpart here. */
export interface PredecessorModel {
  /** Name of the model in the registry. */
  readonly model: string
  /** Options that bring the model as near to the predecessor's as possible. */
  readonly options: Readonly<Record<string, JsonValue>>
  /** Meanings of the keys of the section `model`. */
  readonly keys: Readonly<Record<string, KeyMeaning>>
}

const option = (name: string): KeyMeaning => ({ option: name })
const ignored = (reason: string): KeyMeaning => ({ ignored: reason })

const embedding = {
  embedding_dim: option('embeddingDim'),
  init_scale: option('initialDeviation'),
}
const noDropout = ignored('the model has no dropout on layers, neither in its paper nor here')
const layered = { ...embedding, n_layers: option('layers') }

/** The models of the predecessor by the `model_name` of their files. */
export const predecessorModels: Readonly<Record<string, PredecessorModel>> = {
  bpr_mf: {
    model: 'bpr-mf',
    options: {},
    keys: { ...embedding, n_layers: ignored('matrix factorization has no layers') },
  },
  lightgcn: {
    model: 'light-gcn',
    options: {},
    keys: { ...layered, dropout: noDropout },
  },
  gcnii: {
    model: 'gcnii',
    options: {},
    keys: {
      ...layered,
      alpha: option('initialResidual'),
      dropout: option('dropout'),
      beta: ignored('a second residual, from the layer before, which GCNII does not have'),
    },
  },
  dgr: {
    model: 'dgr',
    options: { regularization: 'layer-zero', initialization: 'normal' },
    keys: {
      ...layered,
      dropout: noDropout,
      lambda_reg: ignored('it belongs to a residual that has nothing in common with DGR'),
    },
  },
  svd_gcn: {
    model: 'svd-gcn',
    options: { variant: 'B', degreeRegularization: 0, filterExponent: 0 },
    keys: {
      embedding_dim: option('embeddingDim'),
      rank: option('rank'),
      n_layers: ignored('SVD-GCN has no layers'),
      dropout: noDropout,
      init_scale: ignored('SVD-GCN has no initial embeddings'),
    },
  },
  layergcn: {
    model: 'layer-gcn',
    options: {
      loss: { name: 'bpr', reduction: 'mean' },
      l2Convention: 'mean-squares',
      initialization: 'normal',
    },
    keys: {
      ...layered,
      dropout: noDropout,
      alpha: ignored('it belongs to a gate between layers, which LayerGCN does not have'),
    },
  },
  groupshuffle_gnn: {
    model: 'group-shuffle',
    options: { factors: 1, orthogonalMap: 'exponential', shuffle: 'random' },
    keys: {
      ...layered,
      block_size: option('blockSize'),
      dropout: option('dropout'),
      residual_alpha: option('initialResidual'),
    },
  },
}
