import type { Batch, BipartiteGraph, SamplingStrategy } from '@gnnrec/graph'
import type {
  BatchForward,
  PrepareOptions,
  RankingObjective,
  ScoreRule,
  TensorDescription,
} from '@gnnrec/models'
import { scatterAddRows } from '@gnnrec/ops'
import type { HostTensor } from '@gnnrec/serving/model-folder'
import type { NamedTensorMap, Scalar, Tensor2D, Variable } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import type { NodeValues } from '../propagation/node-tables.js'
import type { BatchNodes } from './batch-nodes.js'

/** Rows of the distinct nodes of a batch, row-major. */
export interface BatchValues {
  /** Final embeddings. */
  readonly final: NodeValues
  /** Embeddings that the L2 term acts on. */
  readonly regularized: NodeValues
}

/** Loss and gradients of a batch. */
export interface BatchResult {
  readonly loss: number
  readonly lossTerms: Readonly<Record<string, number>>
  /** Gradients in the rows; undefined where the loss does not reach them. */
  readonly gradients: { readonly final: NodeValues; readonly regularized: NodeValues | undefined }
  /** Gradients of {@link BatchLoss.parameters}; to be disposed of. */
  readonly dense: NamedTensorMap
}

const groups = ['final', 'regularized'] as const
const columns = ['users', 'positives', 'negatives', 'others'] as const

/** Rows of a batch as variables. */
type RowVariables = Readonly<Record<(typeof columns)[number], Variable & Tensor2D>>

/** Loss and gradients of the objective of a model on rows that come from files. */
export class BatchLoss {
  readonly #objective: RankingObjective
  readonly #dim: number

  constructor(objective: RankingObjective, embeddingDim: number) {
    this.#objective = objective
    this.#dim = embeddingDim
  }

  get graph(): BipartiteGraph {
    return this.#objective.graph
  }

  /** The formula of a score from embeddings. */
  get rule(): ScoreRule {
    return this.#objective.scoreRule
  }

  /** True when negatives belong to the nodes of a batch. */
  get looksAtNegatives(): boolean {
    return this.#objective.usesNegatives
  }

  /** The strategy that batches have to be drawn by; any strategy if undefined. */
  get requiredSampling(): SamplingStrategy | undefined {
    return this.#objective.requiredSampling
  }

  /** Computes what the objective needs once. */
  prepare(options: PrepareOptions): Promise<void> {
    return this.#objective.prepare(options)
  }

  /** Returns further items that the loss of a batch looks at; distinct. */
  otherItems(batch: Batch): Int32Array {
    return this.#objective.otherItems(batch)
  }

  /** Returns the trained tensors of the objective itself by name. */
  parameters(): Readonly<Record<string, Variable>> {
    return this.#objective.tensors.variables()
  }

  /** Lists {@link parameters}; needs no backend. */
  describe(): { readonly tensors: readonly TensorDescription[] } {
    return { tensors: this.#objective.tensors.describe() }
  }

  /** Returns copies of {@link parameters}. */
  weights(): Map<string, HostTensor> {
    return this.#objective.tensors.weights()
  }

  /** Sets {@link parameters}. */
  restoreWeights(weights: ReadonlyMap<string, HostTensor>): void {
    this.#objective.tensors.restoreWeights(weights)
  }

  /** Returns a number per item that is added to its scores, if there is one. */
  async bias(): Promise<Float32Array | undefined> {
    const bias = tf.tidy(() => {
      const own = this.#objective.itemBias()
      return own && tf.clone(own)
    })
    if (!bias) return undefined
    const values = await bias.data<'float32'>()
    bias.dispose()
    return values
  }

  /** Frees {@link parameters}. */
  dispose(): void {
    this.#objective.tensors.dispose()
  }

  /** Computes loss and gradients of a batch from the rows of its distinct nodes. */
  async gradients(batch: Batch, nodes: BatchNodes, values: BatchValues): Promise<BatchResult> {
    const rows = this.#variables(nodes, values)
    const variables = groups.flatMap((group) => columns.map((column) => rows[group][column]))
    const { final, regularized } = rows
    const others = { items: this.otherItems(batch), rows: final.others }
    const forward: BatchForward = { final, regularized, others }
    let terms: Readonly<Record<string, Scalar>> = {}
    try {
      const dense = Object.values(this.parameters())
      const { value, grads } = tf.variableGrads(() => {
        const loss = this.#objective.lossTerms(batch, () => forward)
        terms = loss.terms
        for (const term of Object.values(terms)) tf.keep(term)
        return loss.total
      }, [...variables, ...dense])
      const loss = (await value.data())[0]
      const lossTerms: Record<string, number> = {}
      for (const [name, term] of Object.entries(terms)) lossTerms[name] = (await term.data())[0]
      const gradients = {
        final: (await sumByNode(nodes, grads, rows.final, this.#dim)) as NodeValues,
        regularized: await sumByNode(nodes, grads, rows.regularized, this.#dim),
      }
      const ofDense: NamedTensorMap = {}
      for (const [name, variable] of Object.entries(this.parameters())) {
        const gradient = grads[variable.name]
        if (gradient) ofDense[name] = gradient
      }
      tf.dispose([value, ...variables.flatMap(({ name }) => (grads[name] ? [grads[name]] : []))])
      return { loss, lossTerms, gradients, dense: ofDense }
    } finally {
      tf.dispose([terms, variables])
    }
  }

  #variables(nodes: BatchNodes, values: BatchValues) {
    const group = (name: (typeof groups)[number]): RowVariables => {
      const variable = (column: (typeof columns)[number]) => {
        const isWanted = column !== 'others' || name === 'final'
        const places = isWanted ? nodes.places[column] : new Int32Array(0)
        const from = values[name][column === 'users' ? 'users' : 'items']
        const initial = tf.tensor2d(take(from, places, this.#dim), [places.length, this.#dim])
        const made = tf.variable(initial) as Variable & Tensor2D
        initial.dispose()
        return made
      }
      return {
        users: variable('users'),
        positives: variable('positives'),
        negatives: variable('negatives'),
        others: variable('others'),
      }
    }
    return { final: group('final'), regularized: group('regularized') }
  }
}

/** Sums the gradients of rows by node, in the order of the batch; undefined when there is none. */
async function sumByNode(
  nodes: BatchNodes,
  grads: NamedTensorMap,
  rows: RowVariables,
  dim: number,
): Promise<NodeValues | undefined> {
  const of = (column: (typeof columns)[number]) => grads[rows[column].name] as Tensor2D | undefined
  if (columns.every((column) => !of(column))) return undefined
  const sums = tf.tidy(() => {
    const gradient = (column: (typeof columns)[number]) => of(column) ?? tf.zerosLike(rows[column])
    const users = scatterAddRows(
      gradient('users'),
      tf.tensor1d(nodes.places.users, 'int32'),
      nodes.rows.users.length,
    )
    const ofPairs = scatterAddRows(
      tf.concat([gradient('positives'), gradient('negatives')]),
      tf.concat([
        tf.tensor1d(nodes.places.positives, 'int32'),
        tf.tensor1d(nodes.places.negatives, 'int32'),
      ]),
      nodes.rows.items.length,
    )
    const others = of('others')
    if (!others || nodes.places.others.length === 0) return { users, items: ofPairs }
    const indices = tf.tensor1d(nodes.places.others, 'int32')
    const ofOthers = scatterAddRows(others, indices, nodes.rows.items.length)
    return { users, items: tf.add<Tensor2D>(ofPairs, ofOthers) }
  })
  try {
    const [users, items] = await Promise.all([
      sums.users.data<'float32'>(),
      sums.items.data<'float32'>(),
    ])
    if (users.length !== nodes.rows.users.length * dim) throw new Error('Rows of another width.')
    return { users, items }
  } finally {
    tf.dispose(sums)
  }
}

function take(rows: Float32Array, places: Int32Array, dim: number): Float32Array {
  const taken = new Float32Array(places.length * dim)
  for (let at = 0; at < places.length; at++) {
    taken.set(rows.subarray(places[at] * dim, (places[at] + 1) * dim), at * dim)
  }
  return taken
}
