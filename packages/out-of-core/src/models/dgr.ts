import { InvalidOptionsError } from '@gnnrec/graph'
import { Dgr, DgrObjective, type DgrOptions } from '@gnnrec/models'
import { BlockedGraphFilter } from '../propagation/graph-filter.js'
import type { NodeIndices, NodeTables, NodeValues } from '../propagation/node-tables.js'
import { propagateOnce } from '../propagation/propagate-once.js'
import { BlockedSmoothDirection } from '../propagation/smooth-direction.js'
import type { PropagationWorkspace } from '../propagation/workspace.js'
import { addRows } from './add-rows.js'
import { BatchLoss } from './batch-loss.js'
import type { BlockedPropagation, PropagationParts } from './blocked-propagation.js'
import { oneEdge, type ResolvedModel } from './resolved-model.js'

type DgrSettings = Dgr['options']

/**
 * Checks the options of DGR.
 *
 * @throws InvalidOptionsError when an option is misspelt, out of range or not possible in blocks
 */
export function resolveDgr(options: DgrOptions): ResolvedModel {
  const model = new Dgr(oneEdge(), options)
  const settings = model.options
  model.dispose()
  if (settings.layers < 1) {
    throw new InvalidOptionsError(
      'model: got dgr with layers 0, which has nothing to propagate; expected an integer >= 1.',
    )
  }
  return {
    architecture: 'dgr',
    options: settings,
    spareTables: 4,
    pairsPerSample: 2 * settings.neighbours,
    loss: (graph) => new BatchLoss(new DgrObjective(graph, settings), settings.embeddingDim),
    propagation: (parts) => new DgrPropagation(parts, settings),
  }
}

/** A polynomial of Â of the embeddings, with more or less of the smooth direction. */
class DgrPropagation implements BlockedPropagation {
  readonly #workspace: PropagationWorkspace
  readonly #filter: BlockedGraphFilter
  readonly #smooth: BlockedSmoothDirection | undefined
  readonly #weight: number
  readonly #desmoothing: readonly number[]
  readonly #share: number

  constructor({ workspace, graph }: PropagationParts, settings: DgrSettings) {
    const { desmoothing } = settings
    this.#desmoothing = desmoothing
    const { weights, smoothWeight, share } = Dgr.filter(settings)
    this.#share = share
    this.#workspace = workspace
    this.#weight = smoothWeight
    this.#filter = new BlockedGraphFilter(workspace, weights)
    if (desmoothing.some((a) => a !== 0))
      this.#smooth = new BlockedSmoothDirection(workspace, graph)
  }

  forward(tables: NodeTables, out: NodeTables, signal?: AbortSignal): Promise<void> {
    return this.#withBase(tables, (base) => this.#filter.forward(base, out, signal))
  }

  forwardRows(tables: NodeTables, rows: NodeIndices, signal?: AbortSignal): Promise<NodeValues> {
    return this.#withBase(tables, (base) => this.#filter.forwardRows(base, rows, signal))
  }

  async gradient(
    rows: NodeIndices,
    gradients: NodeValues,
    direct: NodeValues | undefined,
    signal?: AbortSignal,
  ): Promise<NodeTables> {
    const { cache } = this.#workspace.operator
    const found = await this.#filter.gradient(rows, gradients, signal)
    const along = this.#smooth?.alongBack(found, this.#weight)
    // In the order in which the tape of a model in memory adds them.
    if (direct) addRows(cache, found, rows, direct)
    if (along) this.#smooth?.add(found, along, found)
    return found
  }

  get layers(): number {
    return this.#desmoothing.length
  }

  async layer(
    layer: number,
    x: NodeTables,
    _tables: NodeTables,
    out: NodeTables,
    signal?: AbortSignal,
  ): Promise<void> {
    const a = this.#desmoothing[layer - 1]
    await propagateOnce(this.#workspace, x, out, 1 + a, signal)
    if (!this.#smooth || a === 0) return
    this.#smooth.add(out, this.#smooth.along(out, (-a * this.#share) / (1 + a)), out)
  }

  close(): void {
    this.#smooth?.close()
  }

  async #withBase<Result>(
    tables: NodeTables,
    compute: (base: NodeTables) => Promise<Result>,
  ): Promise<Result> {
    if (!this.#smooth) return compute(tables)
    const { borrow, giveBack } = this.#workspace
    const base = borrow()
    try {
      this.#smooth.add(tables, this.#smooth.along(tables, this.#weight), base)
      return await compute(base)
    } finally {
      giveBack(base)
    }
  }
}
