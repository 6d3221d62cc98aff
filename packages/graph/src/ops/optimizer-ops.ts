import type { KernelBackend, Tensor, Variable } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { type AdamStep, activeKernels } from './kernels/op-kernels.js'

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

/**
 * One Adam step, in place and in one pass (Kingma & Ba, https://arxiv.org/abs/1412.6980, with ε
 * outside the bias-corrected root, as PyTorch has it). The moments start as zeros of the
 * parameter's shape.
 */
export function applyAdam(
  parameter: Variable,
  gradient: Tensor,
  moments: { readonly first: Variable; readonly second: Variable },
  settings: AdamSettings,
): void {
  const { learningRate, beta1, beta2, epsilon, step, gradientScale } = settings
  const numbers: AdamStep = {
    gradientScale,
    beta1,
    beta2,
    stepSize: learningRate / (1 - beta1 ** step),
    inverseRoot: 1 / Math.sqrt(1 - beta2 ** step),
    epsilon,
  }
  for (const changed of [parameter, moments.first, moments.second]) ownValues(changed)
  activeKernels().adam(activeBackend(), parameter, gradient, moments.first, moments.second, numbers)
}

/** √(Σ x²) over all tensors together, in double precision and in a fixed order. */
export function globalNorm(tensors: readonly Tensor[]): number {
  const kernels = activeKernels()
  let sum = 0
  for (const tensor of tensors) sum += kernels.squaredNorm(activeBackend(), tensor)
  return Math.sqrt(sum)
}

/** Gives a variable values of its own if it shares them, as it does with its initial tensor. */
function ownValues(variable: Variable): void {
  if (activeBackend().refCount(variable.dataId) <= 1) return
  const copy = tf.add(variable, 0)
  variable.assign(copy)
  copy.dispose()
}

function activeBackend(): KernelBackend {
  return tf.backend()
}
