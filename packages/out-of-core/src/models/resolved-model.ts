import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
import type {
  DgrOptions,
  LayerGcnOptions,
  LightGcnOptions,
  ResolvedEmbeddingOptions,
} from '@gnnrec/models'
import type { BatchLoss } from './batch-loss.js'
import type { BlockedPropagation, PropagationParts } from './blocked-propagation.js'

/** A model that trains in blocks, and its options. */
export type OutOfCoreModelSettings =
  | {
      readonly architecture: 'light-gcn'
      /** Options of `LightGcn` with one layer at least and without `edgeDropout`. */
      readonly options?: LightGcnOptions
    }
  | {
      readonly architecture: 'layer-gcn'
      /** Options of `LayerGcn`; drawing the edges of an epoch takes 28 bytes an edge besides `maxMemory`. */
      readonly options?: LayerGcnOptions
    }
  | {
      readonly architecture: 'dgr'
      /**
       * Options of `Dgr` with one layer at least; the tables of neighbouring items take 16 bytes an item
       * and neighbour besides `maxMemory`.
       */
      readonly options?: DgrOptions
    }

/** A model with its options in full. */
export interface ResolvedModel {
  readonly architecture: OutOfCoreModelSettings['architecture']
  readonly options: ResolvedEmbeddingOptions
  /** Number of tables of all nodes that a step needs while it runs. */
  readonly spareTables: number
  /** Number of pairs of rows that the loss of a sample looks at besides its own. */
  readonly pairsPerSample?: number
  /** @throws InvalidOptionsError when the options do not fit the graph */
  checkGraph?(graph: BipartiteGraph): void
  loss(graph: BipartiteGraph): BatchLoss
  propagation(parts: PropagationParts): BlockedPropagation
}

/** Makes a graph of one edge, on which a model checks its options without large tables. */
export function oneEdge(): BipartiteGraph {
  return BipartiteGraph.fromInteractions(fromRecords([{ user: 0, item: 0 }]))
}
