import { type BipartiteGraph, InvalidOptionsError } from '@gnnrec/graph'
import type { DgrOptions, LayerGcnOptions, LightGcnOptions } from '@gnnrec/models'
import type { BatchLoss, BatchLossSettings } from './batch-loss.js'
import type { BlockedPropagation, PropagationParts } from './blocked-propagation.js'
import { resolveDgr } from './dgr.js'
import { resolveLayerGcn } from './layer-gcn.js'
import { resolveLightGcn } from './light-gcn.js'

/** A model that trains in blocks, and its options. */
export type OutOfCoreModelSettings =
  | {
      readonly architecture: 'LightGcn'
      /** Options of `LightGcn` with one layer at least and without `edgeDropout`. */
      readonly options?: LightGcnOptions
    }
  | {
      readonly architecture: 'LayerGcn'
      /** Options of `LayerGcn`; drawing the edges of an epoch takes 28 bytes an edge besides `maxMemory`. */
      readonly options?: LayerGcnOptions
    }
  | {
      readonly architecture: 'Dgr'
      /**
       * Options of `Dgr` with one layer at least; the tables of neighbouring items take 16 bytes an item
       * and neighbour besides `maxMemory`.
       */
      readonly options?: DgrOptions
    }

/** A model with its options in full. */
export interface ResolvedModel {
  readonly architecture: OutOfCoreModelSettings['architecture']
  readonly options: BatchLossSettings
  /** Pairs of rows that the loss of a sample looks at besides its own. */
  readonly pairsPerSample?: number
  /** @throws InvalidOptionsError when the options do not fit the graph */
  checkGraph?(graph: BipartiteGraph): void
  loss(graph: BipartiteGraph): BatchLoss
  propagation(parts: PropagationParts): BlockedPropagation
}

/**
 * Options are checked by the model itself, on a graph of one edge.
 *
 * @throws InvalidOptionsError when an option is misspelt, out of range or not possible in blocks
 */
export function resolveModel({
  architecture,
  options = {},
}: OutOfCoreModelSettings): ResolvedModel {
  switch (architecture) {
    case 'LightGcn':
      return resolveLightGcn(options)
    case 'Dgr':
      return resolveDgr(options)
    case 'LayerGcn':
      return resolveLayerGcn(options)
    default:
      throw new InvalidOptionsError(
        `model: got the architecture ${JSON.stringify(architecture)}; expected 'LightGcn', 'LayerGcn' or 'Dgr'.`,
      )
  }
}
