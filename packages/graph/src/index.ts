export type {
  Batch,
  BatchIteratorOptions,
  EpochBatch,
  SamplingStrategy,
} from './batch-iterator.js'
export { BatchIterator } from './batch-iterator.js'
export { BipartiteGraph } from './bipartite-graph.js'
export {
  BackendUnavailableError,
  GnnRecError,
  InvalidInteractionsError,
  InvalidOptionsError,
  NonFiniteError,
  NotConvergedError,
  ShapeMismatchError,
  UnknownIdError,
} from './errors.js'
export type { Id } from './id-map.js'
export { IdMap } from './id-map.js'
export type { InteractionLists } from './interaction-lists.js'
export { interactionLists } from './interaction-lists.js'
export type {
  InteractionColumns,
  InteractionRecord,
  InteractionTable,
  OwnId,
} from './interaction-table.js'
export { fromColumns, fromRecords, rowCount, selectRows } from './interaction-table.js'
export type {
  NegativeDistribution,
  NegativeSamplerOptions,
  NegativeSource,
} from './negative-sampler.js'
export { NegativeSampler } from './negative-sampler.js'
export type { AdjacencyOptions, BiadjacencyOptions, Normalization } from './normalization.js'
export { parseOptions } from './options.js'
export type { RankedRows, Ranker } from './ranker.js'
export type { RngState } from './rng.js'
export { Rng } from './rng.js'
export type {
  AroundBatchesOptions,
  AroundSampler,
} from './sampled/around-batches.js'
export { AroundBatches } from './sampled/around-batches.js'
export type { ClusterSamplerOptions } from './sampled/cluster-sampler.js'
export { ClusterSampler } from './sampled/cluster-sampler.js'
export { SamplerNotPreparedError } from './sampled/errors.js'
export type { LayerSamplerOptions } from './sampled/layer-sampler.js'
export { LayerSampler } from './sampled/layer-sampler.js'
export type { FanOut, NeighbourSamplerOptions } from './sampled/neighbour-sampler.js'
export { NeighbourSampler } from './sampled/neighbour-sampler.js'
export type { SampledPropagationOptions } from './sampled/propagation.js'
export type { NodeSets, SampleAddress, SampledStep } from './sampled/sampled-graph.js'
export { SampledGraph } from './sampled/sampled-graph.js'
export type { Subgraph, SubgraphSampler } from './sampled/subgraph.js'
export type { SubgraphBatchesOptions } from './sampled/subgraph-batches.js'
export { SubgraphBatches } from './sampled/subgraph-batches.js'
export type { WalkNeighbourSamplerOptions } from './sampled/walk-neighbour-sampler.js'
export { WalkNeighbourSampler } from './sampled/walk-neighbour-sampler.js'
export type { WalkSubgraphSamplerOptions } from './sampled/walk-subgraph-sampler.js'
export { WalkSubgraphSampler } from './sampled/walk-subgraph-sampler.js'
export type { Coordinates, CsrArrays, SparseMatrixTraits } from './sparse-matrix.js'
export { SparseMatrix } from './sparse-matrix.js'
export type { Split, SplitMethod } from './split.js'
export { createSplit, splitRows } from './split.js'
export { TimeSlice } from './time-slice.js'
export type { TopK } from './top-k.js'
export { topK } from './top-k.js'
export type { PanelProducts } from './truncated-svd/gram-operator.js'
export type { MatrixRows, PanelMatrix } from './truncated-svd/panels.js'
export { multiplyPanel } from './truncated-svd/panels.js'
export type { PanelSvd, TruncatedSvd, TruncatedSvdOptions } from './truncated-svd/truncated-svd.js'
export { panelRows, panelSvd, truncatedSvd } from './truncated-svd/truncated-svd.js'
export { yieldToEventLoop } from './yield-to-event-loop.js'
