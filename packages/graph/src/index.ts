export type {
  Batch,
  BatchIteratorOptions,
  EpochBatch,
} from './batches/batch-iterator.js'
export { BatchIterator } from './batches/batch-iterator.js'
export type {
  NegativeDistribution,
  NegativeSamplerOptions,
} from './batches/negative-sampler.js'
export { NegativeSampler } from './batches/negative-sampler.js'
export type { SamplingStrategy } from './batches/sampling-strategy.js'
export {
  BackendUnavailableError,
  CallbackError,
  DisposedError,
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
export * as samplers from './graph-samplers/index.js'
export { SampledGraph } from './graph-samplers/sampled-graph.js'
export type { Id } from './ids/id-map.js'
export { IdMap } from './ids/id-map.js'
export { checkInteractions } from './interactions/check-interactions.js'
export type { InteractionLists } from './interactions/interaction-lists.js'
export { interactionLists } from './interactions/interaction-lists.js'
export type {
  InteractionColumns,
  InteractionRecord,
  InteractionTable,
} from './interactions/interaction-table.js'
export { fromColumns, fromRecords, rowCount, selectRows } from './interactions/interaction-table.js'
export type { Split, SplitMethod } from './interactions/split.js'
export { createSplit, isSplit, splitRows } from './interactions/split.js'
export { TimeSlice } from './interactions/time-slice.js'
export { BipartiteGraph } from './matrices/bipartite-graph.js'
export type { BipartiteGraphOptions } from './matrices/graph-options.js'
export type { AdjacencyOptions, BiadjacencyOptions } from './matrices/normalization.js'
export { SparseMatrix } from './matrices/sparse-matrix.js'
export { parseOptions } from './options.js'
export { printableText } from './printable-text.js'
export type { RngState } from './random/rng.js'
export { Rng } from './random/rng.js'
export type { RankedRows, Ranker } from './ranking/ranker.js'
export type { TopK } from './ranking/top-k.js'
export { topK } from './ranking/top-k.js'
export { sizeLimits } from './size-limits.js'
export type { TruncatedSvdOptions } from './truncated-svd/panel-svd.js'
export type { TruncatedSvd } from './truncated-svd/truncated-svd.js'
export { truncatedSvd } from './truncated-svd/truncated-svd.js'
export { yieldToEventLoop } from './yield-to-event-loop.js'
