import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import type { RankingLoss } from './ranking-loss.js'
import { rankingScores } from './ranking-scores.js'

/**
 * Bayesian personalized ranking: mean (or sum) over samples and negatives of softplus(s⁻ - s⁺)
 * (Rendle et al., UAI 2009, https://arxiv.org/abs/1205.2618). Softplus is -ln σ(s⁺ - s⁻) in a form
 * that is stable in both tails.
 *
 * @param positiveScores - [B]
 * @param negativeScores - [B · n], the n negatives of a sample beside each other
 *
 * @example
 * ```ts
 * import { losses } from '@gnnrec/models'
 * import { useBackend } from '@gnnrec/ops'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('cpu')
 * const loss = losses.bpr(tf.tensor1d([2, 1]), tf.tensor1d([0.5, 1]))
 * console.log(loss.dataSync()[0])
 * ```
 */
export function bprLoss(
  positiveScores: Tensor1D,
  negativeScores: Tensor1D,
  reduction: 'mean' | 'sum' = 'mean',
): Scalar {
  const samples = positiveScores.shape[0]
  const margins =
    negativeScores.shape[0] === samples
      ? tf.sub(negativeScores, positiveScores)
      : tf.sub(tf.reshape(negativeScores, [samples, -1]), tf.reshape(positiveScores, [samples, 1]))
  return bprOfMargins(margins, reduction)
}

/** {@link bprLoss} of the differences s⁻ - s⁺. */
export function bprOfMargins(margins: Tensor, reduction: 'mean' | 'sum' = 'mean'): Scalar {
  const losses = tf.softplus(margins)
  return reduction === 'mean' ? tf.mean(losses) : tf.sum(losses)
}

/** {@link bprLoss} as a part of a model. */
export function bpr(reduction: 'mean' | 'sum', itemBias: boolean): RankingLoss {
  return {
    scoreRule: { similarity: 'dot', scale: 1 },
    itemBias,
    usesNegatives: true,
    terms(input) {
      const { positives, negatives } = rankingScores(input)
      return { bpr: { value: bprLoss(positives, negatives, reduction), weight: 1 } }
    },
  }
}
