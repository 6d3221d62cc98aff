import type { Tensor, Variable } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { checkAlike, checkTensor } from '../checks.js'
import type { AdamStep } from '../kernels/kernel-interface.js'
import { activeKernels } from '../kernels/op-kernels.js'

/** Settings of one {@link applyAdam} step. */
export interface AdamSettings {
  readonly learningRate: number
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  /** Number of this step, from 1. */
  readonly step: number
  /** Factor on the gradient, for clipping. */
  readonly gradientScale: number
}

/** What Adam remembers of a parameter; both start as zeros of its shape. */
export interface AdamMoments {
  readonly first: Variable
  readonly second: Variable
}

/**
 * One Adam step, in place and in one pass (Kingma & Ba, https://arxiv.org/abs/1412.6980, with ε
 * outside the bias-corrected root, as PyTorch has it).
 *
 * Other tensors that share the parameter's values (its initial tensor, a clone) keep theirs.
 *
 * @throws ShapeMismatchError when the tensors are not all float32 and of one shape
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
 * {@link applyAdam} on the rows (of the first axis) whose gradient has a number other than 0; the
 * other rows and their moments stay as they are. `step` counts the steps of the whole parameter, as
 * PyTorch's `SparseAdam` does.
 *
 * @throws ShapeMismatchError when the tensors are not all float32 and of one shape
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
 * √(Σ x²) over all tensors together, in double precision and in a fixed order.
 *
 * @throws ShapeMismatchError when one is not float32
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

/** Gives a variable values of its own if it shares them, as it does with its initial tensor. */
function ownValues(variable: Variable): void {
  // 0 says that the values are still on another backend, which tells nothing about who shares them.
  if (tf.backend().refCount(variable.dataId) === 1) return
  const copy = tf.add(variable, 0)
  variable.assign(copy)
  copy.dispose()
}
