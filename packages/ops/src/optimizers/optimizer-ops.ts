import type { Tensor, Variable } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { checkAlike, checkTensor } from '../checks.js'
import type { AdamStep } from '../kernels/kernel-interface.js'
import { activeKernels } from '../kernels/op-kernels.js'

/** Settings of one {@link applyAdam} step. */
export interface AdamSettings {
  /** The step size, > 0. */
  readonly learningRate: number
  /** Decay of the first moment, in [0, 1). */
  readonly beta1: number
  /** Decay of the second moment, in [0, 1). */
  readonly beta2: number
  /** A number > 0 that keeps divisions finite. */
  readonly epsilon: number
  /** The number of this step, from 1. */
  readonly step: number
  /** A factor on the gradient, for clipping. */
  readonly gradientScale: number
}

/** The state of Adam for a parameter: two variables of its shape that start as zeros. */
interface AdamMoments {
  /** Moving average of gradients. */
  readonly first: Variable
  /** Moving average of squared gradients. */
  readonly second: Variable
}

/**
 * Makes one Adam step, in place and in one pass (Kingma & Ba, https://arxiv.org/abs/1412.6980, with ε
 * outside the bias-corrected root, as in PyTorch).
 *
 * Other tensors that share the parameter's values (its initial tensor, a clone) keep their values.
 *
 * @throws ShapeMismatchError when the tensors are not all float32 and of one shape
 * @example
 * ```ts
 * import { applyAdam, useBackend } from '@gnnrec/ops'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('simd')
 * const parameter = tf.variable(tf.ones<tf.Rank.R2>([2, 2]))
 * const moments = { first: tf.variable(tf.zeros([2, 2])), second: tf.variable(tf.zeros([2, 2])) }
 * applyAdam(parameter, tf.tensor2d([1, 1, 0, 0], [2, 2]), moments, {
 *   learningRate: 0.1,
 *   beta1: 0.9,
 *   beta2: 0.999,
 *   epsilon: 1e-8,
 *   step: 1,
 *   gradientScale: 1,
 * })
 * console.log(await parameter.data()) // [ 0.9, 0.9, 1, 1 ]
 * ```
 */
export function applyAdam(
  parameter: Variable,
  gradient: Tensor,
  moments: AdamMoments,
  settings: AdamSettings,
): void {
  runAdam('applyAdam', 'adam', parameter, gradient, moments, settings)
}

/**
 * Makes an Adam step as {@link applyAdam} on the rows (of the first axis) whose gradient has a number other
 * than 0. The other rows and their moments do not change. `step` counts the steps of the whole parameter,
 * as in PyTorch's `SparseAdam`.
 *
 * @throws ShapeMismatchError when the tensors are not all float32 and of one shape
 * @example
 * ```ts
 * import { applyRowAdam, useBackend } from '@gnnrec/ops'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('simd')
 * const parameter = tf.variable(tf.ones<tf.Rank.R2>([2, 2]))
 * const moments = { first: tf.variable(tf.zeros([2, 2])), second: tf.variable(tf.zeros([2, 2])) }
 * applyRowAdam(parameter, tf.tensor2d([1, 1, 0, 0], [2, 2]), moments, {
 *   learningRate: 0.1,
 *   beta1: 0.9,
 *   beta2: 0.999,
 *   epsilon: 1e-8,
 *   step: 1,
 *   gradientScale: 1,
 * })
 * console.log(await parameter.data()) // [ 0.9, 0.9, 1, 1 ]
 * ```
 */
export function applyRowAdam(
  parameter: Variable,
  gradient: Tensor,
  moments: AdamMoments,
  settings: AdamSettings,
): void {
  runAdam('applyRowAdam', 'rowAdam', parameter, gradient, moments, settings)
}

function runAdam(
  owner: string,
  kernel: 'adam' | 'rowAdam',
  parameter: Variable,
  gradient: Tensor,
  { first, second }: AdamMoments,
  { learningRate, beta1, beta2, epsilon, step, gradientScale }: AdamSettings,
): void {
  for (const other of [gradient, first, second]) checkAlike(owner, parameter, other)
  const numbers: AdamStep = {
    gradientScale,
    beta1,
    beta2,
    stepSize: learningRate / (1 - beta1 ** step),
    inverseRoot: 1 / Math.sqrt(1 - beta2 ** step),
    epsilon,
  }
  const kernels = activeKernels()
  for (const changed of [parameter, first, second]) ownValues(changed)
  kernels[kernel](tf.backend(), parameter, gradient, first, second, numbers)
}

/**
 * Computes √(Σ x²) over all tensors together, in double precision and in a fixed order.
 *
 * @throws ShapeMismatchError when a tensor is not float32
 * @example
 * ```ts
 * import { globalNorm, useBackend } from '@gnnrec/ops'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('simd')
 * console.log(globalNorm([tf.tensor1d([3]), tf.tensor1d([4])])) // 5
 * ```
 */
export function globalNorm(tensors: readonly Tensor[]): number {
  const kernels = activeKernels()
  let sum = 0
  for (const tensor of tensors) {
    checkTensor('globalNorm', tensor, 'float32', tensor.shape)
    sum += kernels.squaredNorm(tf.backend(), tensor)
  }
  return Math.sqrt(sum)
}

/** Gives a variable its own values if it shares them, for instance with its initial tensor. */
function ownValues(variable: Variable): void {
  // A count of 0 means that the values are still on another backend; they may be shared there.
  if (tf.backend().refCount(variable.dataId) === 1) return
  const copy = tf.add(variable, 0)
  variable.assign(copy)
  copy.dispose()
}
