import type { Batch, BipartiteGraph } from '@gnnrec/graph'
import { Rng, ShapeMismatchError, UnknownIdError } from '@gnnrec/graph'
import { gatherRows, gatherRowsPair, type NodeTensors, rowDot } from '@gnnrec/graph/ops'
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { type ForwardOptions, GraphModel, type LossTerms } from './graph-model.js'
import { batchL2 } from './losses/batch-l2.js'
import { bprLoss } from './losses/bpr-loss.js'

/** Settings of an {@link EmbeddingModel}, defaults filled in. */
export interface ResolvedEmbeddingOptions {
  readonly embeddingDim: number
  readonly initialDeviation: number
  readonly l2Weight: number
  readonly seed: number | string
}

/** Rows of users, positives and negatives of a batch from one pair of tables. */
interface BatchRows {
  readonly users: Tensor2D
  readonly positives: Tensor2D
  readonly negatives: Tensor2D
}

/**
 * A model whose parameters are one free embedding per user and per item (layer 0), trained with
 * BPR on what {@link forward} makes of them and L2 on the batch's rows of layer 0:
 *
 *     loss = mean softplus(s⁻ - s⁺) + l2Weight · ½/B · Σ_b (‖p_u‖² + ‖q_i‖² + ‖q_j‖²)
 */
export abstract class EmbeddingModel extends GraphModel {
  readonly #settings: ResolvedEmbeddingOptions

  protected constructor(
    graph: BipartiteGraph,
    settings: ResolvedEmbeddingOptions & Readonly<Record<string, unknown>>,
  ) {
    super(graph, settings)
    this.#settings = settings
    const rng = Rng.fromSeed(settings.seed).fork('init')
    this.#addTable('userEmbeddings', graph.userCount, rng.fork('users'))
    this.#addTable('itemEmbeddings', graph.itemCount, rng.fork('items'))
  }

  /** The free embeddings: users [userCount, d] and items [itemCount, d]. */
  protected get layerZero(): NodeTensors {
    const { userEmbeddings, itemEmbeddings } = this.parameters()
    return { users: userEmbeddings as Tensor2D, items: itemEmbeddings as Tensor2D }
  }

  /**
   * @inheritDoc
   * @throws ShapeMismatchError when the batch is empty or its columns do not fit each other
   * @throws UnknownIdError when an index is not one of the graph
   */
  override lossTerms(batch: Batch, { training = true }: ForwardOptions = {}): LossTerms {
    const perPositive = checkBatch(batch, this.graph)
    return tf.tidy(() => {
      const indices = {
        users: tf.tensor1d(batch.users, 'int32'),
        positives: tf.tensor1d(batch.positives, 'int32'),
        negatives: tf.tensor1d(batch.negatives, 'int32'),
      }
      const layerZero = this.layerZero
      const final = this.forwardBatch({ training })
      const rows = gatherBatch(final, indices)
      const isLayerZero = final.users === layerZero.users
      const ownRows = isLayerZero ? rows : gatherBatch(layerZero, indices)
      const negativeUsers = repeatRows(rows.users, perPositive)
      const bpr = bprLoss(rowDot(rows.users, rows.positives), rowDot(negativeUsers, rows.negatives))
      const { users, positives, negatives } = ownRows
      const l2 = batchL2([users, positives, negatives], batch.users.length)
      const total = tf.add(bpr, tf.mul(l2, this.#settings.l2Weight)) as tf.Scalar
      return { total, terms: { bpr, l2 } }
    })
  }

  /** {@link forward} for {@link lossTerms}, which may return layer 0 itself. */
  protected abstract forwardBatch(options: ForwardOptions): NodeTensors

  #addTable(name: string, rows: number, rng: Rng): void {
    const { embeddingDim, initialDeviation } = this.#settings
    const values = new Float32Array(rows * embeddingDim)
    rng.fillNormal(values, initialDeviation)
    this.addParameter(name, values, [rows, embeddingDim])
  }
}

function gatherBatch(
  tables: NodeTensors,
  indices: { users: Tensor1D; positives: Tensor1D; negatives: Tensor1D },
): BatchRows {
  const users = gatherRows(tables.users, indices.users)
  const [positives, negatives] = gatherRowsPair(tables.items, indices.positives, indices.negatives)
  return { users, positives, negatives }
}

/** Each row `times` times, one after the other. */
function repeatRows(rows: Tensor2D, times: number): Tensor2D {
  if (times === 1) return rows
  const index = Int32Array.from({ length: rows.shape[0] * times }, (_, i) => Math.floor(i / times))
  return gatherRows(rows, tf.tensor1d(index, 'int32'))
}

/** @returns negatives per positive */
function checkBatch(batch: Batch, { userCount, itemCount }: BipartiteGraph): number {
  const { users, positives, negatives } = batch
  const perPositive = negatives.length / users.length
  const fits = positives.length === users.length && Number.isInteger(perPositive) && perPositive > 0
  if (!fits) {
    throw new ShapeMismatchError(
      `Got a batch of ${users.length} users, ${positives.length} positives and ${negatives.length} negatives; expected B, B and B · n with B, n >= 1.`,
    )
  }
  checkIndices('users', users, userCount)
  checkIndices('positives', positives, itemCount)
  checkIndices('negatives', negatives, itemCount)
  return perPositive
}

function checkIndices(column: keyof Batch, indices: Int32Array, bound: number): void {
  for (let place = 0; place < indices.length; place++) {
    const index = indices[place]
    if (index >= 0 && index < bound) continue
    throw new UnknownIdError(
      index,
      `The batch has the index ${index} at ${column}[${place}]; the graph has 0..${bound - 1}.`,
    )
  }
}
