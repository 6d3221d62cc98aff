import { gatherRows, gatherRowsPair, type NodeRows, type NodeTensors } from '@gnnrec/ops'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import type { BatchTensors } from './batch-tensors.js'

/**
 * Rows of users [B, d], positives [B, d] and negatives [B · n, d] of a batch; n is 0 if the loss does
 * not look at negatives.
 */
export interface BatchRows {
  /** Rows of the users [B, d]. */
  readonly users: Tensor2D
  /** Rows of the positives [B, d]. */
  readonly positives: Tensor2D
  /** Rows of the negatives [B · n, d]. */
  readonly negatives: Tensor2D
}

/** The rows that the loss of a batch is computed from. */
export interface BatchForward {
  /** Final embeddings, which the loss ranks by. */
  readonly final: BatchRows
  /** The rows that L2 acts on. */
  readonly regularized: BatchRows
  /**
   * Final embeddings of all users [userCount, d] and items [itemCount, d]. A model that computes the batch's
   * rows alone makes them when they are asked for; undefined where there are none.
   */
  readonly tables?: NodeTensors
  /** The tables that `final` and `regularized` are both looked up in, if they are the same rows. */
  readonly shared?: NodeTensors
  /** Final embeddings [n, d] of those `otherItems` of the objective that are at hand. */
  readonly others?: { readonly items: Int32Array; readonly rows: Tensor2D }
}

/** The rows of a batch in one pair of tables, which are looked up when somebody asks for them. */
export class SharedRows implements BatchForward {
  readonly shared: NodeTensors
  readonly #indices: BatchTensors
  #rows: BatchRows | undefined

  constructor(tables: NodeTensors, indices: BatchTensors) {
    this.shared = tables
    this.#indices = indices
  }

  get tables(): NodeTensors {
    return this.shared
  }

  get final(): BatchRows {
    this.#rows ??= gatherBatch(this.shared, this.#indices)
    return this.#rows
  }

  get regularized(): BatchRows {
    return this.final
  }
}

/** Looks up the rows of a batch. */
export function gatherBatch(tables: NodeTensors, indices: BatchTensors): BatchRows {
  const users = gatherRows(tables.users, indices.users)
  // Together, so that both gradients are summed into one table.
  const [positives, negatives] = gatherRowsPair(tables.items, indices.positives, indices.negatives)
  return { users, positives, negatives }
}

/** Returns the nodes of a batch, positives before negatives. */
export function batchNodes({ users, positives, negatives }: BatchTensors): NodeRows {
  return { users, items: tf.concat([positives, negatives]) }
}

/** Splits the rows of {@link batchNodes} into those of the batch. */
export function splitBatchNodes(
  { users, items }: NodeTensors,
  { positives, negatives }: BatchTensors,
): BatchRows {
  const count = positives.size
  const [positiveRows, negativeRows] = gatherRowsPair(
    items,
    tf.range(0, count, 1, 'int32'),
    tf.range(count, count + negatives.size, 1, 'int32'),
  )
  return { users, positives: positiveRows, negatives: negativeRows }
}
