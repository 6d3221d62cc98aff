import { BipartiteGraph, fromRecords, InvalidOptionsError } from '@gnnrec/graph'
import { LightGcn, type LightGcnOptions } from '@gnnrec/models'
import { BlockedGraphFilter } from '../propagation/graph-filter.js'
import type { PropagationWorkspace } from '../propagation/workspace.js'
import type { BatchLossSettings } from './batch-loss.js'
import type { BlockedPropagation } from './blocked-propagation.js'

/** A model that trains in blocks, and its options. */
export type OutOfCoreModelSettings = {
  readonly architecture: 'LightGcn'
  /** Options of `LightGcn` with one layer at least and without `edgeDropout`. */
  readonly options?: LightGcnOptions
}

/** A model with its options in full. */
export interface ResolvedModel {
  readonly architecture: OutOfCoreModelSettings['architecture']
  readonly options: BatchLossSettings
  propagation(workspace: PropagationWorkspace): BlockedPropagation
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
  if (architecture !== 'LightGcn') {
    throw new InvalidOptionsError(
      `model: got the architecture ${JSON.stringify(architecture)}; expected 'LightGcn'.`,
    )
  }
  const graph = BipartiteGraph.fromInteractions(fromRecords([{ user: 0, item: 0 }]))
  const model = new LightGcn(graph, options)
  const settings = model.options as BatchLossSettings & {
    readonly layers: number
    readonly layerWeights?: readonly number[]
    readonly edgeDropout: number
  }
  model.dispose()
  if (settings.layers < 1) {
    throw new InvalidOptionsError(
      'model: got LightGcn with layers 0, which has nothing to propagate; expected an integer >= 1.',
    )
  }
  if (settings.edgeDropout > 0) {
    throw new InvalidOptionsError(
      `model: got LightGcn with edgeDropout ${settings.edgeDropout}, which would rewrite the graph's files in each step; expected 0.`,
    )
  }
  const { layers } = settings
  const weights = settings.layerWeights ?? new Array<number>(layers + 1).fill(1 / (layers + 1))
  return {
    architecture,
    options: settings,
    propagation: (workspace) => new BlockedGraphFilter(workspace, weights),
  }
}
