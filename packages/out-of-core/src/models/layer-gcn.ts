import { join } from 'node:path'
import {
  type BipartiteGraph,
  type InteractionLists,
  InvalidOptionsError,
  type Rng,
} from '@gnnrec/graph'
import { LayerGcn, type LayerGcnOptions, RankingObjective } from '@gnnrec/models'
import type { BlockTable } from '../cache/block-table.js'
import { removeFolder } from '../files/folders.js'
import { type BlockedOperator, openOperator } from '../operator/blocked-operator.js'
import { sides } from '../operator/sides.js'
import { BlockedCosineRefine, cosineFloor } from '../propagation/cosine-refine.js'
import type { NodeIndices, NodeTables, NodeValues } from '../propagation/node-tables.js'
import { propagateOnce } from '../propagation/propagate-once.js'
import { addRows } from './add-rows.js'
import { BatchLoss } from './batch-loss.js'
import type { BlockedPropagation, PropagationParts } from './blocked-propagation.js'
import { oneEdge, type ResolvedModel } from './resolved-model.js'

type LayerGcnSettings = LayerGcn['options']

/**
 * Checks the options of LayerGCN.
 *
 * @throws InvalidOptionsError when an option is misspelt or out of range
 */
export function resolveLayerGcn(options: LayerGcnOptions): ResolvedModel {
  // Pruning would leave nothing of the one edge, so the other options are checked without it.
  const { edgePruning = 0.1, ...others } = options
  const model = new LayerGcn(oneEdge(), {
    ...others,
    edgePruning: edgePruning > 0 && edgePruning < 1 ? 0 : edgePruning,
  })
  const settings: LayerGcnSettings = { ...model.options, edgePruning }
  model.dispose()
  return {
    architecture: 'layer-gcn',
    options: settings,
    // Products of all layers; for the gradient those of two layers, of the sum, of layer 0, and the result.
    spareTables: settings.layers + 5,
    checkGraph({ edgeCount }) {
      if (Math.floor(edgeCount * (1 - edgePruning)) > 0) return
      throw new InvalidOptionsError(
        `model: got layer-gcn with edgePruning ${edgePruning}, which keeps no edge of ${edgeCount}; choose less, or 0 for the whole graph.`,
      )
    },
    loss: (graph) => new BatchLoss(new RankingObjective(graph, settings), settings.embeddingDim),
    propagation: (parts) => new LayerGcnPropagation(parts, settings),
  }
}

/** The refined layers; in training they use the edges that were drawn for the epoch. */
class LayerGcnPropagation implements BlockedPropagation {
  readonly #parts: PropagationParts
  readonly #settings: LayerGcnSettings
  readonly #refine: BlockedCosineRefine
  #pruned: BlockedOperator | undefined

  constructor(parts: PropagationParts, settings: LayerGcnSettings) {
    this.#parts = parts
    this.#settings = settings
    this.#refine = new BlockedCosineRefine(parts.workspace, settings.layers)
  }

  async beginEpoch(epoch: number, rng: Rng, signal?: AbortSignal): Promise<void> {
    const { graph, workspace, folder } = this.#parts
    if (this.#settings.edgePruning === 0) return
    this.close()
    const edges = LayerGcn.drawEdges(graph, this.#settings, epoch, rng)
    const { cache, layout } = workspace.operator
    const { userCount, itemCount } = graph
    const pruned = { userCount, itemCount, interactions: listsOfEdges(graph, edges) }
    const files = { folder: join(folder, 'pruned'), signal }
    this.#pruned = await openOperator(cache, pruned, layout, files)
  }

  forward(tables: NodeTables, out: NodeTables, signal?: AbortSignal): Promise<void> {
    return this.#refine.forward(this.#parts.workspace.operator, tables, out, signal)
  }

  forwardRows(tables: NodeTables, rows: NodeIndices, signal?: AbortSignal): Promise<NodeValues> {
    return this.#refine.forwardRows(this.#operator, tables, rows, signal)
  }

  async gradient(
    rows: NodeIndices,
    gradients: NodeValues,
    direct: NodeValues | undefined,
    signal?: AbortSignal,
  ): Promise<NodeTables> {
    const found = await this.#refine.gradient(this.#operator, rows, gradients, signal)
    if (direct) addRows(this.#operator.cache, found, rows, direct)
    return found
  }

  get layers(): number {
    return this.#settings.layers
  }

  async layer(
    _layer: number,
    x: NodeTables,
    tables: NodeTables,
    out: NodeTables,
    signal?: AbortSignal,
  ): Promise<void> {
    await propagateOnce(this.#parts.workspace, x, out, 1, signal)
    for (const side of sides) scaleByCosines(out[side], tables[side])
  }

  close(): void {
    this.#refine.forget()
    this.#pruned?.close()
    this.#pruned = undefined
    removeFolder(join(this.#parts.folder, 'pruned'))
  }

  get #operator(): BlockedOperator {
    return this.#pruned ?? this.#parts.workspace.operator
  }
}

/** Multiplies each row by its cosine with that of layer 0. */
function scaleByCosines(rows: BlockTable, layerZero: BlockTable): void {
  const { columns } = rows.shape
  for (let block = 0; block < rows.blockCount; block++) {
    rows.withValues(block, 'change', (y) => {
      layerZero.withValues(block, 'read', (e) => {
        for (let start = 0; start < y.length; start += columns) {
          let [product, ofY, ofE] = [0, 0, 0]
          for (let at = start; at < start + columns; at++) {
            product += y[at] * e[at]
            ofY += y[at] * y[at]
            ofE += e[at] * e[at]
          }
          const cosine = product / Math.max(Math.sqrt(ofY * ofE), cosineFloor)
          for (let at = start; at < start + columns; at++) y[at] *= cosine
        }
      })
    })
  }
}

/** Lists each user's items by the given edges, which are numbered by user, then item. */
function listsOfEdges(
  { userCount, interactions }: BipartiteGraph,
  edges: Int32Array,
): InteractionLists {
  const pointers = new Int32Array(userCount + 1)
  let place = 0
  for (let user = 0; user < userCount; user++) {
    const end = interactions.pointers[user + 1]
    while (place < edges.length && edges[place] < end) place++
    pointers[user + 1] = place
  }
  return { pointers, items: edges.map((edge) => interactions.items[edge]) }
}
