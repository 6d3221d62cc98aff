import { type Batch, type BipartiteGraph, TimeSlice } from '@gnnrec/graph'
import { batchL2 } from '../losses/batch-l2.js'
import type { WeightedTerms } from '../losses/ranking-loss.js'
import type { OtherItems, PrepareOptions } from '../model-contract.js'
import type { BatchForward } from '../objective/batch-rows.js'
import type { BatchTensors } from '../objective/batch-tensors.js'
import { type ObjectiveSettings, RankingObjective } from '../objective/ranking-objective.js'
import { NotPreparedError } from '../parameters/errors.js'
import type { DgrRegularization } from './dgr-options.js'
import { neighbourRows } from './neighbour-rows.js'
import { type NeighbourTables, neighbourTables } from './neighbour-tables.js'
import { type NeighbourTermSettings, neighbourTerms } from './neighbour-terms.js'

/** Settings of a {@link DgrObjective} in full; see `DgrOptions`. */
export type DgrObjectiveSettings = ObjectiveSettings &
  NeighbourTermSettings & {
    /** Form of the L2 term. */
    readonly regularization: DgrRegularization
    /** Weight of the L2 term, >= 0. */
    readonly l2Weight: number
  }

/**
 * The objective of `Dgr`: a ranking loss, the L2 term of `regularization`, and two sums over neighbouring
 * items, which {@link prepare} finds unless both have the weight 0.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { Dgr, DgrObjective } from '@gnnrec/models'
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'Alien' },
 *     { user: 'ann', item: 'Brazil' },
 *     { user: 'bob', item: 'Brazil' },
 *   ]),
 * )
 * const objective = new DgrObjective(graph, new Dgr(graph, { neighbours: 1 }).options)
 * await objective.prepare()
 * const positives = Int32Array.of(0)
 * console.log(objective.otherItems({ users: positives, positives, negatives: positives }))
 * ```
 */
export class DgrObjective extends RankingObjective {
  readonly #settings: DgrObjectiveSettings
  #tables: NeighbourTables | undefined

  constructor(graph: BipartiteGraph, settings: DgrObjectiveSettings) {
    super(graph, settings)
    this.#settings = settings
  }

  /** Finds the neighbouring items that the loss needs. Lets the event loop run about every 30 ms. */
  override async prepare({ signal }: PrepareOptions = {}): Promise<void> {
    if (!this.#needsTables || this.#tables) return
    const { neighbours } = this.#settings
    this.#tables = await neighbourTables(this.graph, neighbours, new TimeSlice(signal))
  }

  get #needsTables(): boolean {
    const { neighbourWeight, marginalWeight } = this.#settings
    return neighbourWeight > 0 || marginalWeight > 0
  }

  override otherItems({ positives }: Batch): Int32Array {
    if (!this.#tables) return new Int32Array(0)
    const found = new Set<number>()
    this.#rowsOf(this.#tables, positives, (item) => {
      found.add(item)
      return item
    })
    return Int32Array.from(found).sort()
  }

  /** Returns the items of both tables side by side, for each item as a positive; undefined until they are found. */
  neighbourItems(): OtherItems | undefined {
    if (!this.#tables) return undefined
    const { neighbours } = this.#settings
    const perItem = 2 * neighbours
    const items = new Int32Array(this.graph.itemCount * perItem).fill(-1)
    for (const [part, table] of [this.#tables.nearest, this.#tables.marginal].entries()) {
      for (let entry = 0; entry < table.items.length; entry++) {
        if (table.weights[entry] === 0) continue
        const [item, column] = [Math.floor(entry / neighbours), entry % neighbours]
        items[item * perItem + part * neighbours + column] = table.items[entry]
      }
    }
    return { perItem, items }
  }

  /** @throws NotPreparedError before {@link prepare}, unless the weights of neighbours are 0 */
  protected override checkPrepared(): void {
    if (!this.#needsTables || this.#tables) return
    throw new NotPreparedError(
      'dgr has not found its neighbouring items yet: call await model.prepare() before loss (Trainer does so), after loading as well.',
    )
  }

  override terms(rows: BatchForward, batch: Batch, indices: BatchTensors): WeightedTerms {
    return {
      ...this.rankingTerms(rows.final, batch, indices),
      ...this.l2Term(rows, batch),
      ...(this.#tables && this.#neighbourTerms(this.#tables, rows, batch)),
    }
  }

  protected override l2Term(rows: BatchForward, batch: Batch): WeightedTerms {
    const { regularization, l2Weight } = this.#settings
    if (regularization === 'layer-zero') return super.l2Term(rows, batch)
    const { users, positives, negatives } = rows.final
    const squaredSize = batch.users.length ** 2
    const value = batchL2([users, positives, negatives], squaredSize, 'mean-norms')
    return { l2: { value, weight: l2Weight } }
  }

  #neighbourTerms(
    tables: NeighbourTables,
    { final: { users }, others, tables: whole }: BatchForward,
    { positives }: Batch,
  ): WeightedTerms {
    if (!others) {
      const items = whole?.items
      if (!items) throw new Error('The rows of a batch have neither other items nor whole tables.')
      return neighbourTerms({ users, items }, positives, tables, this.#settings)
    }
    const { items, rows } = others
    const places = new Map(Array.from(items, (item, place) => [item, place]))
    const samples = Int32Array.from(positives, (_, sample) => sample)
    const ofBatch = this.#rowsOf(tables, positives, (item) => places.get(item))
    return neighbourTerms({ users, items: rows }, samples, ofBatch, this.#settings)
  }

  #rowsOf(
    { nearest, marginal }: NeighbourTables,
    positives: Int32Array,
    placeOf: (item: number) => number | undefined,
  ): NeighbourTables {
    const { neighbours } = this.#settings
    return {
      nearest: neighbourRows(nearest, positives, neighbours, placeOf),
      marginal: neighbourRows(marginal, positives, neighbours, placeOf),
    }
  }
}
