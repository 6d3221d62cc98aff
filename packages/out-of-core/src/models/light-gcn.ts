import { InvalidOptionsError } from '@gnnrec/graph'
import { LightGcn, type LightGcnOptions, RankingObjective } from '@gnnrec/models'
import { BlockedGraphFilter } from '../propagation/graph-filter.js'
import { propagateOnce } from '../propagation/propagate-once.js'
import type { PropagationWorkspace } from '../propagation/workspace.js'
import { addRows } from './add-rows.js'
import { BatchLoss } from './batch-loss.js'
import type { BlockedPropagation } from './blocked-propagation.js'
import { oneEdge, type ResolvedModel } from './resolved-model.js'

/**
 * Checks the options of LightGCN.
 *
 * @throws InvalidOptionsError when an option is misspelt, out of range or not possible in blocks
 */
export function resolveLightGcn(options: LightGcnOptions): ResolvedModel {
  const model = new LightGcn(oneEdge(), options)
  const { options: settings, layerWeights: weights } = model
  model.dispose()
  if (settings.layers < 1) {
    throw new InvalidOptionsError(
      'model: got light-gcn with layers 0, which has nothing to propagate; expected an integer >= 1.',
    )
  }
  if (settings.edgeDropout > 0) {
    throw new InvalidOptionsError(
      `model: got light-gcn with edgeDropout ${settings.edgeDropout}, which would rewrite the graph's files in each step; expected 0.`,
    )
  }
  return {
    architecture: 'light-gcn',
    options: settings,
    spareTables: 3,
    loss: (graph) => new BatchLoss(new RankingObjective(graph, settings), settings.embeddingDim),
    propagation: ({ workspace }) => filterPropagation(workspace, weights),
  }
}

/** Makes the propagation of a model from a filter of layers. */
function filterPropagation(
  workspace: PropagationWorkspace,
  weights: readonly number[],
): BlockedPropagation {
  const filter = new BlockedGraphFilter(workspace, weights)
  return {
    forward: (tables, out, signal) => filter.forward(tables, out, signal),
    forwardRows: (tables, rows, signal) => filter.forwardRows(tables, rows, signal),
    async gradient(rows, gradients, direct, signal) {
      const found = await filter.gradient(rows, gradients, signal)
      if (direct) addRows(workspace.operator.cache, found, rows, direct)
      return found
    },
    layers: weights.length - 1,
    layer: (_layer, x, _tables, out, signal) => propagateOnce(workspace, x, out, 1, signal),
  }
}
