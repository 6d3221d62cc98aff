import { gatherRows, rowDot } from '@gnnrec/ops'
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import type { LossInput } from './ranking-loss.js'

/** Computes dot products, plus biases if there are any, of a batch: positives [B], negatives [B · n]. */
export function rankingScores({
  users,
  positives,
  negatives,
  negativesPerPositive,
  bias,
}: LossInput): { positives: Tensor1D; negatives: Tensor1D } {
  const own = rowDot(users, positives)
  const other = rowDot(repeatRows(users, negativesPerPositive), negatives)
  if (!bias) return { positives: own, negatives: other }
  return { positives: tf.add(own, bias.positives), negatives: tf.add(other, bias.negatives) }
}

/** Repeats each row `times` times, one after the other. */
function repeatRows(rows: Tensor2D, times: number): Tensor2D {
  if (times === 1) return rows
  const index = Int32Array.from({ length: rows.shape[0] * times }, (_, i) => Math.floor(i / times))
  return gatherRows(rows, tf.tensor1d(index, 'int32'))
}
