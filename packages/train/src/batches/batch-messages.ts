import {
  BipartiteGraph,
  type EpochBatch,
  IdMap,
  type RngState,
  SampledGraph,
  SparseMatrix,
} from '@gnnrec/graph'
import type { SampledPropagation } from '@gnnrec/models'
import type { BatchSettings } from './batch-source.js'

/** The settings and data with which a thread draws batches; plain data. */
export interface BatchWork extends Omit<BatchSettings, 'graph' | 'propagation'> {
  readonly propagation: Omit<SampledPropagation, 'otherItems'> | undefined
  /** Further items that the loss reads; undefined if there are none. */
  readonly otherItems: ReturnType<NonNullable<SampledPropagation['otherItems']>>
  readonly rng: RngState
  readonly userCount: number
  readonly itemCount: number
  readonly userIndex: Int32Array
  readonly itemIndex: Int32Array
  /** The weight of each edge; undefined in a graph without weights. */
  readonly weight: Float32Array | undefined
}

/** A request to the thread. */
export type BatchRequest =
  | { readonly type: 'prepare' }
  | { readonly type: 'batch'; readonly epoch: number; readonly step: number }

/** A reply of the thread; replies come in the order of requests. */
export type BatchReply =
  | { readonly type: 'prepared' }
  | {
      readonly type: 'batch'
      /** First batch from the step on; null at the end of the epoch. */
      readonly batch: PackedBatch | null
      readonly skippedDraws: number
    }
  | { readonly type: 'error'; readonly code: string | undefined; readonly message: string }

interface PackedMatrix {
  readonly rows: number
  readonly columns: number
  readonly rowPointers: Int32Array
  readonly columnIndices: Int32Array
  readonly values: Float32Array
}

interface PackedStep {
  readonly toUsers: PackedMatrix
  readonly toItems: PackedMatrix
}

/** A batch as plain arrays. */
export interface PackedBatch extends Omit<EpochBatch, 'sampled'> {
  readonly sampled: {
    readonly users: Int32Array
    readonly items: Int32Array
    /** Distinct operators; a subgraph has one for all of its steps. */
    readonly operators: readonly PackedStep[]
    /** Place of the operator of each step. */
    readonly steps: readonly number[]
  }
}

/** Packs the settings and data that a thread needs. */
export function packWork(
  { graph, propagation: sampled, ...settings }: BatchSettings,
  rng: RngState,
): BatchWork {
  const { otherItems, ...propagation } = sampled ?? {}
  const { userCount, itemCount, interactions } = graph
  const { pointers, items, weights } = interactions
  const userIndex = new Int32Array(items.length)
  for (let user = 0; user < userCount; user++) {
    userIndex.fill(user, pointers[user], pointers[user + 1])
  }
  return {
    ...settings,
    rng,
    userCount,
    itemCount,
    userIndex,
    itemIndex: items,
    weight: weights,
    propagation: sampled && (propagation as Omit<SampledPropagation, 'otherItems'>),
    otherItems: otherItems?.(),
  }
}

/** Unpacks the settings that a thread draws batches with. */
export function settingsOfWork({ propagation, otherItems, ...work }: BatchWork): BatchSettings {
  return {
    ...work,
    graph: graphOfWork(work),
    propagation: propagation && { ...propagation, otherItems: () => otherItems },
  }
}

/** Makes the graph of a thread, whose ids are indices and whose nodes and edges are those of the model's graph. */
function graphOfWork({
  userCount,
  itemCount,
  userIndex,
  itemIndex,
  weight,
}: Pick<BatchWork, 'userCount' | 'itemCount' | 'userIndex' | 'itemIndex' | 'weight'>) {
  const indices = (count: number) => IdMap.from(Array.from({ length: count }, (_, index) => index))
  const table = {
    users: indices(userCount),
    items: indices(itemCount),
    userIndex,
    itemIndex,
    ...(weight && { weight }),
  }
  return BipartiteGraph.fromInteractions(table, { weights: weight ? 'counts' : 'none' })
}

/** Packs a batch, and lists the buffers that move with it to the other thread. */
export function packBatch({ sampled, ...batch }: EpochBatch & { readonly sampled: SampledGraph }): {
  readonly packed: PackedBatch
  readonly transfer: ArrayBuffer[]
} {
  const different = [...new Set(sampled.steps)]
  const pack = ({ rows, columns, rowPointers, columnIndices, values }: SparseMatrix) => ({
    rows,
    columns,
    rowPointers,
    columnIndices,
    values,
  })
  const operators = different.map(({ toUsers, toItems }) => ({
    toUsers: pack(toUsers),
    toItems: pack(toItems),
  }))
  const arrays = [
    sampled.users,
    sampled.items,
    batch.users,
    batch.positives,
    batch.negatives,
    ...operators.flatMap(({ toUsers, toItems }) =>
      [toUsers, toItems].flatMap(({ rowPointers, columnIndices, values }) => [
        rowPointers,
        columnIndices,
        values,
      ]),
    ),
  ]
  return {
    packed: {
      ...batch,
      sampled: {
        users: sampled.users,
        items: sampled.items,
        operators,
        steps: sampled.steps.map((step) => different.indexOf(step)),
      },
    },
    transfer: [...new Set(arrays.map(({ buffer }) => buffer as ArrayBuffer))],
  }
}

/** Unpacks a batch that came from the other thread. */
export function unpackBatch({ sampled, ...batch }: PackedBatch): EpochBatch {
  const { users, items, operators, steps } = sampled
  const made = operators.map(({ toUsers, toItems }) => ({
    toUsers: SparseMatrix.fromCsr(toUsers),
    toItems: SparseMatrix.fromCsr(toItems),
  }))
  return {
    ...batch,
    sampled: new SampledGraph(
      { users, items },
      steps.map((place) => made[place]),
    ),
  }
}
