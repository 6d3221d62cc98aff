import { type Batch, type BipartiteGraph, InvalidOptionsError, TimeSlice } from '@gnnrec/graph'
import {
  type BatchForward,
  type BatchTensors,
  batchL2,
  Dgr,
  type DgrOptions,
  type DgrRegularization,
  desmoothedFilter,
  type NeighbourTables,
  type NeighbourTermSettings,
  neighbourRows,
  neighbourTables,
  neighbourTerms,
  type PrepareOptions,
  type SmoothProjection,
  type WeightedTerms,
} from '@gnnrec/models'
import { BlockedGraphFilter } from '../propagation/graph-filter.js'
import type { NodeIndices, NodeTables, NodeValues } from '../propagation/node-tables.js'
import { propagateOnce } from '../propagation/propagate-once.js'
import { BlockedSmoothDirection } from '../propagation/smooth-direction.js'
import type { PropagationWorkspace } from '../propagation/workspace.js'
import { addRows } from './add-rows.js'
import { BatchLoss, type BatchLossSettings } from './batch-loss.js'
import type { BlockedPropagation, PropagationParts } from './blocked-propagation.js'
import { oneEdge, type ResolvedModel } from './resolved-model.js'

type DgrSettings = BatchLossSettings &
  NeighbourTermSettings & {
    readonly layers: number
    readonly desmoothing: readonly number[]
    readonly projection: SmoothProjection
    readonly regularization: DgrRegularization
    readonly l2Weight: number
  }

/** @throws InvalidOptionsError when an option is misspelt, out of range or not possible in blocks */
export function resolveDgr(options: DgrOptions): ResolvedModel {
  const model = new Dgr(oneEdge(), options)
  const settings = model.options as DgrSettings
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
    loss: (graph) => new DgrLoss(graph, settings),
    propagation: (parts) => new DgrPropagation(parts, settings),
  }
}

/** `Dgr`'s loss; see there. */
class DgrLoss extends BatchLoss {
  readonly #settings: DgrSettings
  #tables: NeighbourTables | undefined
  /** The tables' rows of a batch's positives, of which items are places among the other items. */
  #ofBatch: NeighbourTables | undefined

  constructor(graph: BipartiteGraph, settings: DgrSettings) {
    super(graph, settings)
    this.#settings = settings
  }

  override otherItems({ positives }: Batch): Int32Array {
    if (!this.#tables) return super.otherItems({ positives } as Batch)
    // Items are numbered as they come.
    const places = new Map<number, number>()
    const placeOf = (item: number) => {
      const place = places.get(item) ?? places.size
      places.set(item, place)
      return place
    }
    const { neighbours } = this.#settings
    this.#ofBatch = {
      nearest: neighbourRows(this.#tables.nearest, positives, neighbours, placeOf),
      marginal: neighbourRows(this.#tables.marginal, positives, neighbours, placeOf),
    }
    return Int32Array.from(places.keys())
  }

  protected override async computeOnce({ signal }: PrepareOptions): Promise<void> {
    const { neighbourWeight, marginalWeight, neighbours } = this.#settings
    if (neighbourWeight === 0 && marginalWeight === 0) return
    this.#tables = await neighbourTables(this.graph, neighbours, new TimeSlice(signal))
  }

  protected override weightedTerms(
    forward: BatchForward,
    batch: Batch,
    indices: BatchTensors,
  ): WeightedTerms {
    const terms = super.weightedTerms(forward, batch, indices)
    if (!this.#ofBatch) return terms
    const final = { users: forward.final.users, items: this.otherRows }
    const samples = Int32Array.from(batch.positives, (_, sample) => sample)
    return { ...terms, ...neighbourTerms(final, samples, this.#ofBatch, this.#settings) }
  }

  protected override l2Term(forward: BatchForward, batch: Batch): WeightedTerms {
    const { regularization, l2Weight } = this.#settings
    if (regularization === 'layer-zero') return super.l2Term(forward, batch)
    const { users, positives, negatives } = forward.final
    const value = batchL2([users, positives, negatives], batch.users.length ** 2, 'mean-norms')
    return { l2: { value, weight: l2Weight } }
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

  constructor({ workspace, graph }: PropagationParts, { desmoothing, projection }: DgrSettings) {
    this.#desmoothing = desmoothing
    this.#share = projection === 'exact' ? 1 : 0.5
    const { weights, smoothWeight } = desmoothedFilter(desmoothing, this.#share)
    this.#workspace = workspace
    this.#weight = smoothWeight
    this.#filter = new BlockedGraphFilter(workspace, weights)
    if (desmoothing.some((a) => a > 0)) this.#smooth = new BlockedSmoothDirection(workspace, graph)
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
