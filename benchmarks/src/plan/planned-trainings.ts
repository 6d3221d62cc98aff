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
import type { GraphCounts, PlannedTraining } from '@gnnrec/train'

/** A training whose memory is estimated and measured. */
export interface PlannedCase {
  readonly name: string
  readonly counts: GraphCounts
  readonly threads: number
  readonly model: (graph: BipartiteGraph) => GraphModel
  readonly training: PlannedTraining
}

const small = { users: 20_000, items: 15_000, edges: 500_000 }
const medium = { users: 60_000, items: 40_000, edges: 2_000_000 }
const large = { users: 200_000, items: 150_000, edges: 6_000_000 }
const dense = { users: 100_000, items: 10_000, edges: 10_000_000 }

const lightGcn = (graph: BipartiteGraph) => new LightGcn(graph, presets.lightGcn.paper.model)
const fast = (graph: BipartiteGraph) => new LightGcn(graph, presets.lightGcn.fast.model)
const bprMf = (graph: BipartiteGraph) => new BprMf(graph, presets.bprMf.paper.model)

export const plannedCases: readonly PlannedCase[] = [
  planned('LightGCN-3, small', small, lightGcn, presets.lightGcn.paper.training),
  planned('LightGCN-3, medium', medium, lightGcn, presets.lightGcn.paper.training),
  planned('LightGCN-3, large', large, lightGcn, presets.lightGcn.paper.training),
  planned('LightGCN-3, dense', dense, lightGcn, presets.lightGcn.paper.training),
  planned('LightGCN-3, large, 1 thread', large, lightGcn, presets.lightGcn.paper.training, 1),
  planned('LightGCN fast, medium', medium, fast, presets.lightGcn.fast.training),
  planned('LightGCN fast, large', large, fast, presets.lightGcn.fast.training),
  planned('LightGCN-2 of 128, batches of 8192', medium, lightGcn128, {
    ...presets.lightGcn.paper.training,
    batchSize: 8192,
  }),
  planned('BPR-MF, medium', medium, bprMf, presets.bprMf.paper.training),
  planned('BPR-MF, large, lazy Adam', large, bprMf, {
    ...presets.bprMf.paper.training,
    optimizer: { name: 'lazy-adam' },
  }),
  planned('BPR-MF, large, SGD', large, bprMf, {
    ...presets.bprMf.paper.training,
    optimizer: { name: 'sgd' },
  }),
  planned('LayerGCN-4, medium', medium, layerGcn, presets.layerGcn.paper.yelp.training),
  planned('LayerGCN-4, large', large, layerGcn, presets.layerGcn.paper.yelp.training),
  planned(
    'GCNII-4, medium',
    medium,
    (graph) => new Gcnii(graph, presets.gcnii.default.model),
    presets.gcnii.default.training,
  ),
  planned(
    'DGR-3, medium',
    medium,
    (graph) => new Dgr(graph, presets.dgr.paper.model),
    presets.dgr.paper.training,
  ),
  planned(
    'GroupShuffle-3, large',
    large,
    (graph) => new GroupShuffle(graph, presets.groupShuffle.default.model),
    presets.groupShuffle.default.training,
  ),
  planned('SVD-GCN-M, small', small, svdGcnM, presets.svdGcn.paper.gowalla.m.training),
  planned(
    'SVD-GCN-B of 16 vectors, medium',
    medium,
    (graph) => new SvdGcn(graph, { variant: 'B', rank: 16 }),
    presets.svdGcn.paper.gowalla.b.training,
  ),
]

function planned(
  name: string,
  counts: GraphCounts,
  model: PlannedCase['model'],
  { earlyStopping, evaluateEvery, ...training }: TrainingSettings,
  threads = 2,
): PlannedCase {
  return { name, counts, threads, model, training: { ...training, metrics: ['ndcg@20'] } }
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
