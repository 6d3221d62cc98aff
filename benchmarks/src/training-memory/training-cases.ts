import type { BipartiteGraph } from '@gnnrec/graph'
import {
  BprMf,
  Dgr,
  Gcnii,
  type GraphModel,
  GroupShuffle,
  LayerGcn,
  LightGcn,
  presets,
  SvdGcn,
  type TrainingSettings,
} from '@gnnrec/models'
import type { TrainingMemoryOptions } from '@gnnrec/train'

/** A training whose memory is estimated and measured. */
export interface TrainingCase {
  readonly name: string
  readonly counts: { readonly users: number; readonly items: number; readonly edges: number }
  readonly threads: number
  readonly model: (graph: BipartiteGraph) => GraphModel
  readonly training: TrainingMemoryOptions['training']
}

const small = { users: 20_000, items: 15_000, edges: 500_000 }
const medium = { users: 60_000, items: 40_000, edges: 2_000_000 }
const large = { users: 200_000, items: 150_000, edges: 6_000_000 }
const dense = { users: 100_000, items: 10_000, edges: 10_000_000 }

const lightGcn = (graph: BipartiteGraph) => new LightGcn(graph, presets.lightGcn.paper.model)
const fast = (graph: BipartiteGraph) => new LightGcn(graph, presets.lightGcn.fast.model)
const bprMf = (graph: BipartiteGraph) => new BprMf(graph, presets.bprMf.paper.model)

export const trainingCases: readonly TrainingCase[] = [
  trainingCase('LightGCN-3, small', small, lightGcn, presets.lightGcn.paper.training),
  trainingCase('LightGCN-3, medium', medium, lightGcn, presets.lightGcn.paper.training),
  trainingCase('LightGCN-3, large', large, lightGcn, presets.lightGcn.paper.training),
  trainingCase('LightGCN-3, dense', dense, lightGcn, presets.lightGcn.paper.training),
  trainingCase('LightGCN-3, large, 1 thread', large, lightGcn, presets.lightGcn.paper.training, 1),
  trainingCase('LightGCN fast, medium', medium, fast, presets.lightGcn.fast.training),
  trainingCase('LightGCN fast, large', large, fast, presets.lightGcn.fast.training),
  trainingCase('LightGCN-2 of 128, batches of 8192', medium, lightGcn128, {
    ...presets.lightGcn.paper.training,
    batchSize: 8192,
  }),
  trainingCase('BPR-MF, medium', medium, bprMf, presets.bprMf.paper.training),
  trainingCase('BPR-MF, large, lazy Adam', large, bprMf, {
    ...presets.bprMf.paper.training,
    optimizer: { name: 'lazy-adam' },
  }),
  trainingCase('BPR-MF, large, SGD', large, bprMf, {
    ...presets.bprMf.paper.training,
    optimizer: { name: 'sgd' },
  }),
  trainingCase('LayerGCN-4, medium', medium, layerGcn, presets.layerGcn.paper.yelp.training),
  trainingCase('LayerGCN-4, large', large, layerGcn, presets.layerGcn.paper.yelp.training),
  trainingCase(
    'GCNII-4, medium',
    medium,
    (graph) => new Gcnii(graph, presets.gcnii.default.model),
    presets.gcnii.default.training,
  ),
  trainingCase(
    'DGR-3, medium',
    medium,
    (graph) => new Dgr(graph, presets.dgr.paper.model),
    presets.dgr.paper.training,
  ),
  trainingCase(
    'GroupShuffle-3, large',
    large,
    (graph) => new GroupShuffle(graph, presets.groupShuffle.default.model),
    presets.groupShuffle.default.training,
  ),
  trainingCase('SVD-GCN-M, small', small, svdGcnM, presets.svdGcn.paper.gowalla.m.training),
  trainingCase(
    'SVD-GCN-B of 16 vectors, medium',
    medium,
    (graph) => new SvdGcn(graph, { variant: 'B', rank: 16 }),
    presets.svdGcn.paper.gowalla.b.training,
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

function svdGcnM(graph: BipartiteGraph): SvdGcn {
  return new SvdGcn(graph, presets.svdGcn.paper.gowalla.m.model)
}

function lightGcn128(graph: BipartiteGraph): LightGcn {
  return new LightGcn(graph, { embeddingDim: 128, layers: 2 })
}

function layerGcn(graph: BipartiteGraph): LayerGcn {
  return new LayerGcn(graph, presets.layerGcn.paper.yelp.model)
}
