import {
  BprMf,
  Dgr,
  Gcnii,
  GroupShuffle,
  LayerGcn,
  LightGcn,
  type ModelSettings,
  SvdGcn,
  type TrainingSettings,
} from '@gnnrec/models'
import type { TrainingMemoryOptions } from '@gnnrec/train'

/** A training whose memory is estimated and measured. */
export interface TrainingCase {
  readonly name: string
  readonly counts: { readonly users: number; readonly items: number; readonly edges: number }
  readonly threads: number
  readonly model: ModelSettings
  readonly training: TrainingMemoryOptions['training']
}

const small = { users: 20_000, items: 15_000, edges: 500_000 }
const medium = { users: 60_000, items: 40_000, edges: 2_000_000 }
const large = { users: 200_000, items: 150_000, edges: 6_000_000 }
const dense = { users: 100_000, items: 10_000, edges: 10_000_000 }

const lightGcn = { architecture: 'light-gcn', options: LightGcn.presets.paper.model }
const fast = { architecture: 'light-gcn', options: LightGcn.presets.fast.model }
const bprMf = { architecture: 'bpr-mf', options: BprMf.presets.paper.model }

const svdGcnM = { architecture: 'svd-gcn', options: SvdGcn.presets.paper.gowalla.m.model }
const lightGcn128 = { architecture: 'light-gcn', options: { embeddingDim: 128, layers: 2 } }
const layerGcn = { architecture: 'layer-gcn', options: LayerGcn.presets.paper.yelp.model }

export const trainingCases: readonly TrainingCase[] = [
  trainingCase('LightGCN-3, small', small, lightGcn, LightGcn.presets.paper.training),
  trainingCase('LightGCN-3, medium', medium, lightGcn, LightGcn.presets.paper.training),
  trainingCase('LightGCN-3, large', large, lightGcn, LightGcn.presets.paper.training),
  trainingCase('LightGCN-3, dense', dense, lightGcn, LightGcn.presets.paper.training),
  trainingCase('LightGCN-3, large, 1 thread', large, lightGcn, LightGcn.presets.paper.training, 1),
  trainingCase('LightGCN fast, medium', medium, fast, LightGcn.presets.fast.training),
  trainingCase('LightGCN fast, large', large, fast, LightGcn.presets.fast.training),
  trainingCase('LightGCN-2 of 128, batches of 8192', medium, lightGcn128, {
    ...LightGcn.presets.paper.training,
    batchSize: 8192,
  }),
  trainingCase('BPR-MF, medium', medium, bprMf, BprMf.presets.paper.training),
  trainingCase('BPR-MF, large, lazy Adam', large, bprMf, {
    ...BprMf.presets.paper.training,
    optimizer: { name: 'lazy-adam' },
  }),
  trainingCase('BPR-MF, large, SGD', large, bprMf, {
    ...BprMf.presets.paper.training,
    optimizer: { name: 'sgd' },
  }),
  trainingCase('LayerGCN-4, medium', medium, layerGcn, LayerGcn.presets.paper.yelp.training),
  trainingCase('LayerGCN-4, large', large, layerGcn, LayerGcn.presets.paper.yelp.training),
  trainingCase(
    'GCNII-4, medium',
    medium,
    { architecture: 'gcnii', options: Gcnii.presets.default.model },
    Gcnii.presets.default.training,
  ),
  trainingCase(
    'DGR-3, medium',
    medium,
    { architecture: 'dgr', options: Dgr.presets.paper.model },
    Dgr.presets.paper.training,
  ),
  trainingCase(
    'GroupShuffle-3, large',
    large,
    { architecture: 'group-shuffle', options: GroupShuffle.presets.default.model },
    GroupShuffle.presets.default.training,
  ),
  trainingCase('SVD-GCN-M, small', small, svdGcnM, SvdGcn.presets.paper.gowalla.m.training),
  trainingCase(
    'SVD-GCN-B of 16 vectors, medium',
    medium,
    { architecture: 'svd-gcn', options: { variant: 'B', rank: 16 } },
    SvdGcn.presets.paper.gowalla.b.training,
  ),
]

function trainingCase(
  name: string,
  counts: TrainingCase['counts'],
  model: TrainingCase['model'],
  { earlyStopping, evaluateEvery, ...training }: TrainingSettings,
  threads = 2,
): TrainingCase {
  return {
    name,
    counts,
    threads,
    model,
    training: { ...training, metrics: ['ndcg@20'], guards: false },
  }
}
