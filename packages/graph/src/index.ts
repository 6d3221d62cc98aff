export type {
  Batch,
  BatchIteratorOptions,
  EpochBatch,
  SamplingStrategy,
} from './batches/batch-iterator.js'
export { BatchIterator } from './batches/batch-iterator.js'
export type {
  NegativeDistribution,
  NegativeSamplerOptions,
  NegativeSource,
} from './batches/negative-sampler.js'
export { NegativeSampler } from './batches/negative-sampler.js'
export {
  BackendUnavailableError,
  GnnRecError,
  InvalidInteractionsError,
  InvalidOptionsError,
  InvalidPointerError,
  NonFiniteError,
  NotConvergedError,
  OutOfMemoryError,
  ShapeMismatchError,
  UnknownIdError,
} from './errors.js'
export type {
  AroundBatchesOptions,
  AroundSampler,
} from './graph-samplers/around-batches.js'
export { AroundBatches } from './graph-samplers/around-batches.js'
export type { ClusterSamplerOptions } from './graph-samplers/cluster-sampler.js'
export { ClusterSampler } from './graph-samplers/cluster-sampler.js'
export { SamplerNotPreparedError } from './graph-samplers/errors.js'
export type { LayerSamplerOptions } from './graph-samplers/layer-sampler.js'
export { LayerSampler } from './graph-samplers/layer-sampler.js'
export type { FanOut, NeighbourSamplerOptions } from './graph-samplers/neighbour-sampler.js'
export { NeighbourSampler } from './graph-samplers/neighbour-sampler.js'
export type { SampledPropagationOptions } from './graph-samplers/propagation.js'
export type { NodeSets, SampleAddress, SampledStep } from './graph-samplers/sampled-graph.js'
export { SampledGraph } from './graph-samplers/sampled-graph.js'
export type { Subgraph, SubgraphSampler } from './graph-samplers/subgraph.js'
export type { SubgraphBatchesOptions } from './graph-samplers/subgraph-batches.js'
export { SubgraphBatches } from './graph-samplers/subgraph-batches.js'
export type { WalkNeighbourSamplerOptions } from './graph-samplers/walk-neighbour-sampler.js'
export { WalkNeighbourSampler } from './graph-samplers/walk-neighbour-sampler.js'
export type { WalkSubgraphSamplerOptions } from './graph-samplers/walk-subgraph-sampler.js'
export { WalkSubgraphSampler } from './graph-samplers/walk-subgraph-sampler.js'
export type { Id } from './ids/id-map.js'
export { IdMap } from './ids/id-map.js'
export type { InteractionLists } from './interactions/interaction-lists.js'
export { interactionLists } from './interactions/interaction-lists.js'
export type {
  InteractionColumns,
  InteractionRecord,
  InteractionTable,
  OwnId,
} from './interactions/interaction-table.js'
export { fromColumns, fromRecords, rowCount, selectRows } from './interactions/interaction-table.js'
export type { Split, SplitMethod } from './interactions/split.js'
export { createSplit, isSplit, splitRows } from './interactions/split.js'
export { TimeSlice } from './interactions/time-slice.js'
export { BipartiteGraph } from './matrices/bipartite-graph.js'
export type {
  AdjacencyOptions,
  BiadjacencyOptions,
  Normalization,
} from './matrices/normalization.js'
export type { Coordinates, CsrArrays, SparseMatrixTraits } from './matrices/sparse-matrix.js'
export { SparseMatrix } from './matrices/sparse-matrix.js'
export { parseOptions } from './options.js'
export type { RngState } from './random/rng.js'
export { Rng } from './random/rng.js'
export type { RankedRows, Ranker } from './ranking/ranker.js'
export type { TopK } from './ranking/top-k.js'
export { topK } from './ranking/top-k.js'
export type { PanelProducts } from './truncated-svd/gram-operator.js'
export type { MatrixRows, PanelMatrix } from './truncated-svd/panels.js'
export { multiplyPanel } from './truncated-svd/panels.js'
export type { PanelSvd, TruncatedSvd, TruncatedSvdOptions } from './truncated-svd/truncated-svd.js'
export { panelRows, panelSvd, truncatedSvd } from './truncated-svd/truncated-svd.js'
export { yieldToEventLoop } from './yield-to-event-loop.js'
