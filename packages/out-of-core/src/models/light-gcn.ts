import { BipartiteGraph, fromRecords, InvalidOptionsError } from '@gnnrec/graph'
import { LightGcn, type LightGcnOptions } from '@gnnrec/models'
import { BlockedGraphFilter } from '../propagation/graph-filter.js'
import type { BatchLossSettings } from './batch-loss.js'
import type { ResolvedModel } from './resolve-model.js'

/** A graph of one edge, on which a model checks its options without tables to speak of. */
export function oneEdge(): BipartiteGraph {
  return BipartiteGraph.fromInteractions(fromRecords([{ user: 0, item: 0 }]))
}

/** @throws InvalidOptionsError when an option is misspelt, out of range or not possible in blocks */
export function resolveLightGcn(options: LightGcnOptions): ResolvedModel {
  const model = new LightGcn(oneEdge(), options)
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
    architecture: 'LightGcn',
    options: settings,
    propagation: ({ workspace }) => new BlockedGraphFilter(workspace, weights),
  }
}
