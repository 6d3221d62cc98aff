import { type Batch, type BipartiteGraph, ShapeMismatchError, UnknownIdError } from '@gnnrec/graph'
import { ensureBackendSync } from '@gnnrec/ops'
import type { Tensor1D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'

/** The indices of a batch as int32 tensors. */
export interface BatchTensors {
  readonly users: Tensor1D
  readonly positives: Tensor1D
  readonly negatives: Tensor1D
}

/** Makes the tensors of a batch. */
export function batchTensors({ users, positives, negatives }: Batch): BatchTensors {
  ensureBackendSync()
  return {
    users: tf.tensor1d(users, 'int32'),
    positives: tf.tensor1d(positives, 'int32'),
    negatives: tf.tensor1d(negatives, 'int32'),
  }
}

/**
 * @throws ShapeMismatchError when the batch is empty or its columns do not fit each other
 * @throws UnknownIdError when an index is not one of the graph
 */
export function checkBatch(batch: Batch, { userCount, itemCount }: BipartiteGraph): void {
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
