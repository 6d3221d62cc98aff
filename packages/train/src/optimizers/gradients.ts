import { InvalidOptionsError } from '@gnnrec/graph'
import type { Tensor, Variable } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import type { OptimizerStepSettings } from './optimizer.js'

/**
 * Checks the numbers of a step.
 *
 * @throws InvalidOptionsError when a number is not finite or the rate is negative
 */
export function checkStepSettings(
  owner: string,
  { learningRate, gradientScale = 1 }: OptimizerStepSettings,
): void {
  if (learningRate >= 0 && Number.isFinite(learningRate) && Number.isFinite(gradientScale)) return
  throw new InvalidOptionsError(
    `${owner}.step: got learningRate ${learningRate} and gradientScale ${gradientScale}; expected finite numbers, the rate >= 0.`,
  )
}

/**
 * Adds coupled weight decay to a gradient. Where there is none, scaling is left to the step itself: the result
 * has the factor that is still to be applied.
 */
export function decayedGradient(
  name: string,
  parameter: Variable,
  gradient: Tensor,
  { gradientScale = 1, weightDecay }: OptimizerStepSettings,
): { gradient: Tensor; scale: number } {
  const decay = weightDecay?.get(name) ?? 0
  if (decay === 0) return { gradient, scale: gradientScale }
  const decayed = tf.add(tf.mul(gradient, gradientScale), tf.mul(parameter, decay))
  return { gradient: decayed, scale: 1 }
}
