import { globalNorm } from '@gnnrec/ops'
import type { Tensor } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'

/**
 * Factor that brings a gradient of this global norm down to `maxNorm`, and 1 below it, as PyTorch's
 * `clip_grad_norm_` has it: min(1, maxNorm / (norm + 1e-6)).
 */
export function clipFactor(norm: number, maxNorm: number): number {
  return Math.min(1, maxNorm / (norm + 1e-6))
}

/**
 * Brings every number of the gradients into -limit..limit, as PyTorch's `clip_grad_value_`. The
 * gradients are disposed of and replaced in their record.
 *
 * @returns whether one was outside
 */
export function clipValues(gradients: Record<string, Tensor>, limit: number): boolean {
  const before = globalNorm(Object.values(gradients))
  for (const [name, gradient] of Object.entries(gradients)) {
    gradients[name] = tf.clipByValue(gradient, -limit, limit)
    gradient.dispose()
  }
  return globalNorm(Object.values(gradients)) < before
}
