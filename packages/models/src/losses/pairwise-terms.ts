import type { Batch } from '@gnnrec/graph'
import { type NodeTensors, pairwiseMargins } from '@gnnrec/ops'
import type { Scalar } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import type { BatchTensors } from '../objective/batch-tensors.js'
import { type L2Convention, l2Factor } from './batch-l2.js'
import { bprOfMargins } from './bpr-loss.js'
import type { LossSettings } from './loss-settings.js'
import type { WeightedTerms } from './ranking-loss.js'

/** Settings that decide about {@link pairwiseTerms}; see `RankingOptions`. */
interface PairwiseSettings {
  readonly loss?: LossSettings
  readonly l2Weight?: number
  readonly l2Convention?: L2Convention
}

/**
 * Computes BPR and L2 of a batch on the rows of two tables by one operator that does not copy the rows: the
 * terms of `bprLoss` and `batchL2`, but for the order of sums.
 *
 * @returns undefined for other settings: another loss, a bias, several negatives, or L2 by norms
 */
export function pairwiseTerms(
  tables: NodeTensors,
  { users, positives, negatives }: BatchTensors,
  batch: Batch,
  { loss = { name: 'bpr' }, l2Weight = 0, l2Convention = 'mean-squares' }: PairwiseSettings,
): WeightedTerms | undefined {
  if (loss.name !== 'bpr' || loss.itemBias || l2Convention === 'mean-norms') return undefined
  if (batch.negatives.length !== batch.users.length) return undefined
  const rows = { ...tables, userRows: users, positives, negatives }
  const { margins, squares } = pairwiseMargins(rows)
  const l2 = tf.mul<Scalar>(tf.sum(squares), l2Factor(l2Convention, batch.users.length))
  return {
    bpr: { value: bprOfMargins(margins, loss.reduction), weight: 1 },
    l2: { value: l2, weight: l2Weight },
  }
}
