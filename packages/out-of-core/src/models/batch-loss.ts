import type { Batch, BipartiteGraph } from '@gnnrec/graph'
import {
  type BatchForward,
  RankingModel,
  type ResolvedRankingOptions,
  type ScoreRule,
} from '@gnnrec/models'
import { scatterAddRows } from '@gnnrec/ops'
import type { NamedTensorMap, Scalar, Tensor2D, Variable } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import type { NodeValues } from '../propagation/node-tables.js'
import type { BatchNodes } from './batch-nodes.js'

/** Rows of a batch: of each side's distinct nodes, row-major. */
export interface BatchValues {
  /** Final embeddings. */
  readonly final: NodeValues
  /** What L2 acts on. */
  readonly regularized: NodeValues
}

/** What a batch gives. */
export interface BatchResult {
  readonly loss: number
  readonly lossTerms: Readonly<Record<string, number>>
  /** Gradients in the rows, where the loss reaches them. */
  readonly gradients: { readonly final: NodeValues; readonly regularized: NodeValues | undefined }
  /** Gradients of {@link BatchLoss.parameters}; to be disposed of. */
  readonly dense: NamedTensorMap
}

/** Settings of a ranking model in full. */
export type BatchLossSettings = ResolvedRankingOptions & {
  readonly embeddingDim: number
} & Readonly<Record<string, unknown>>

const groups = ['final', 'regularized'] as const
const columns = ['users', 'positives', 'negatives', 'others'] as const

/** Rows of a batch as variables. */
type RowVariables = Readonly<Record<(typeof columns)[number], Variable & Tensor2D>>

/**
 * The loss of a model on rows that come from elsewhere: the code that models in memory run, on the rows
 * of a batch as its parameters.
 */
export class BatchLoss extends RankingModel {
  readonly #dim: number
  #rows: { readonly final: RowVariables; readonly regularized: RowVariables } | undefined

  constructor(graph: BipartiteGraph, settings: BatchLossSettings) {
    super(graph, settings)
    this.#dim = settings.embeddingDim
    this.addLossParameters()
  }

  /** How scores follow from embeddings. */
  get rule(): ScoreRule {
    return this.scoreRule()
  }

  /** Whether negatives belong to the nodes of a batch. */
  get looksAtNegatives(): boolean {
    return this.usesNegatives
  }

  /** Further items that the loss of a batch looks at; distinct. */
  otherItems(_batch: Batch): Int32Array {
    return new Int32Array(0)
  }

  /** Final embeddings of {@link otherItems}, in their order. */
  protected get otherRows(): Tensor2D {
    return (this.#rows as { readonly final: RowVariables }).final.others
  }

  /** A number per item that is added to its scores, if there is one. */
  async bias(): Promise<Float32Array | undefined> {
    const bias = tf.tidy(() => {
      const own = this.itemBias()
      return own && tf.clone(own)
    })
    if (!bias) return undefined
    const values = await bias.data<'float32'>()
    bias.dispose()
    return values
  }

  override forward(): never {
    throw new Error('The tables of this model are in files.')
  }

  override layerOutputs(): never {
    throw new Error('The layers of this model are in files.')
  }

  protected override batchForward(): BatchForward {
    return this.#rows as BatchForward
  }

  /** Loss and gradients of a batch, whose rows are those of its distinct nodes. */
  async gradients(batch: Batch, nodes: BatchNodes, values: BatchValues): Promise<BatchResult> {
    const rows = this.#variables(nodes, values)
    const variables = groups.flatMap((group) => columns.map((column) => rows[group][column]))
    this.#rows = rows
    let terms: Readonly<Record<string, Scalar>> = {}
    try {
      const dense = Object.values(this.parameters())
      const { value, grads } = tf.variableGrads(() => {
        const loss = this.lossTerms(batch, { training: true })
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
      this.#rows = undefined
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

/** Gradients of the rows, summed by node in the order of the batch; undefined where none has one. */
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
