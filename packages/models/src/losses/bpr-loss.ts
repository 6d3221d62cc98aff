import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'

/**
 * Bayesian personalised ranking: mean over samples and negatives of softplus(s⁻ - s⁺)
 * (Rendle et al., UAI 2009, https://arxiv.org/abs/1205.2618). Softplus is -ln σ(s⁺ - s⁻) in a form
 * that is stable in both tails.
 *
 * @param positiveScores - [B]
 * @param negativeScores - [B · n], the n negatives of a sample beside each other
 */
export function bprLoss(positiveScores: Tensor1D, negativeScores: Tensor1D): Scalar {
  const samples = positiveScores.shape[0]
  if (negativeScores.shape[0] === samples) {
    return tf.mean(tf.softplus(tf.sub(negativeScores, positiveScores)))
  }
  const margins = tf.sub(
    tf.reshape(negativeScores, [samples, -1]),
    tf.reshape(positiveScores, [samples, 1]),
  )
  return tf.mean(tf.softplus(margins))
}
