import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import type { RankingLoss } from './ranking-loss.js'
import { rankingScores } from './ranking-scores.js'

/** Settings of {@link bceLoss}. */
export interface BceOptions {
  /** @defaultValue 'mean' */
  readonly reduction?: 'mean' | 'sum'
  /** Weight of a negative beside a positive, > 0. @defaultValue 1 */
  readonly negativeWeight?: number
}

/**
 * Binary cross-entropy with label 1 for positives and 0 for negatives, on scores before the sigmoid:
 *
 *     (Σ softplus(-s⁺) + negativeWeight · Σ softplus(s⁻)) / (B + B · n)
 *
 * for the mean, and without the division for the sum (He et al., Neural Collaborative Filtering, WWW
 * 2017, https://arxiv.org/abs/1708.05031, equation 7). The mean is over samples and negatives alike;
 * it is not divided by the sum of the weights. `negativeWeight` 1/n makes both labels count the same.
 *
 * @param positiveScores - [B]
 * @param negativeScores - [B · n]
 *
 * @example
 * ```ts
 * import { losses } from '@gnnrec/models'
 * import { useBackend } from '@gnnrec/ops'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('cpu')
 * const loss = losses.bce(tf.tensor1d([2]), tf.tensor1d([-1, 0.5]), { negativeWeight: 0.5 })
 * console.log(loss.dataSync()[0])
 * ```
 */
export function bceLoss(
  positiveScores: Tensor1D,
  negativeScores: Tensor1D,
  { reduction = 'mean', negativeWeight = 1 }: BceOptions = {},
): Scalar {
  const positive = tf.sum<Scalar>(tf.softplus(tf.neg(positiveScores)))
  const negative = tf.sum<Scalar>(tf.softplus(negativeScores))
  const sum = tf.add<Scalar>(positive, tf.mul(negative, negativeWeight))
  const count = positiveScores.size + negativeScores.size
  return reduction === 'mean' ? tf.mul(sum, 1 / count) : sum
}

/** {@link bceLoss} as a part of a model. */
export function bce(options: BceOptions, itemBias: boolean): RankingLoss {
  return {
    scoreRule: { similarity: 'dot', scale: 1 },
    itemBias,
    usesNegatives: true,
    terms(input) {
      const { positives, negatives } = rankingScores(input)
      return { bce: { value: bceLoss(positives, negatives, options), weight: 1 } }
    },
  }
}
