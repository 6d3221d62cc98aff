import { parseOptions } from '@gnnrec/graph'
import { applyAdam, applyRowAdam } from '@gnnrec/ops'
import type { Tensor, Variable } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { decayedGradient } from './gradients.js'
import { type ParameterStep, SlotOptimizer } from './slot-optimizer.js'

/** Options of {@link LazyAdam}; the defaults are those of the paper and of PyTorch. */
export interface LazyAdamOptions {
  /**
   * Decay β₁ of the mean of gradients, in [0, 1).
   *
   * @defaultValue 0.9
   */
  beta1?: number
  /**
   * Decay β₂ of the mean of squared gradients, in [0, 1).
   *
   * @defaultValue 0.999
   */
  beta2?: number
  /**
   * Number ε > 0 that is added to the root of the squared gradients.
   *
   * @defaultValue 1e-8
   */
  epsilon?: number
}

/** Options of {@link Adam} and {@link AdamW}; the defaults are those of the paper and of PyTorch. */
export interface AdamOptions extends LazyAdamOptions {
  /**
   * True to divide by the largest mean of squared gradients so far (AMSGrad, Reddi et al.,
   * https://arxiv.org/abs/1904.09237), at the cost of one more array and a slower step.
   *
   * @defaultValue false
   */
  amsgrad?: boolean
}

const lazyShape = {
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.999),
  epsilon: z.number().positive().default(1e-8),
}
const lazySchema = z.strictObject(lazyShape)
const schema = z.strictObject({ ...lazyShape, amsgrad: z.boolean().default(false) })

type AdamArray = 'first' | 'second' | 'largestSecond'

/**
 * Adam (Kingma & Ba, https://arxiv.org/abs/1412.6980) as in PyTorch: bias-corrected, with ε outside the corrected
 * root. Weight decay, if any, is coupled: it is added to the gradient.
 *
 *     m ← β₁ m + (1 - β₁) g,   v ← β₂ v + (1 - β₂) g²
 *     x ← x - η · m / (1 - β₁ᵗ) / (√(v / (1 - β₂ᵗ)) + ε)
 *
 * It is dense: a row with no gradient in a step still moves on by its momentum; see {@link LazyAdam}.
 *
 * @example
 * ```ts
 * import { useBackend } from '@gnnrec/ops'
 * import { Adam } from '@gnnrec/train'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('simd')
 * const x = tf.variable(tf.tensor1d([1, -2]))
 * const gradient = tf.tensor1d([0.5, -0.5])
 * const optimizer = new Adam()
 * optimizer.step({ x }, { x: gradient }, { learningRate: 0.1 })
 * console.log(await x.data())
 * optimizer.dispose()
 * ```
 */
export class Adam extends SlotOptimizer<AdamArray> {
  readonly #options: z.output<typeof schema>

  /** @throws InvalidOptionsError when an option is misspelt or out of range */
  constructor(options: AdamOptions = {}, owner = 'Adam') {
    const parsed = parseOptions(owner, schema, options)
    super(owner, parsed.amsgrad ? ['first', 'second', 'largestSecond'] : ['first', 'second'])
    this.#options = parsed
  }

  /** @internal */
  protected override update({
    name,
    parameter,
    gradient,
    slot,
    settings,
  }: ParameterStep<AdamArray>) {
    const { learningRate } = settings
    const decayed = this.decay(name, parameter, gradient, settings)
    const { amsgrad, ...options } = this.#options
    const numbers = { ...options, learningRate, gradientScale: decayed.scale, step: slot.steps }
    if (amsgrad) applyAmsgrad(parameter, decayed.gradient, slot.arrays, numbers)
    else applyAdam(parameter, decayed.gradient, slot.arrays, numbers)
  }

  /**
   * Applies weight decay, and returns the gradient to go on with and the factor still to be applied.
   *
   * @internal
   */
  protected decay(...step: Parameters<typeof decayedGradient>): {
    gradient: Tensor
    scale: number
  } {
    return decayedGradient(...step)
  }
}

/**
 * AdamW (Loshchilov & Hutter, https://arxiv.org/abs/1711.05101) as in PyTorch: {@link Adam} whose
 * weight decay is decoupled from the gradient, so that it does not pass through the moments: x ← (1 -
 * η λ) x before each step, with λ the decay of the parameter's group.
 *
 * @example
 * ```ts
 * import { useBackend } from '@gnnrec/ops'
 * import { AdamW } from '@gnnrec/train'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('simd')
 * const x = tf.variable(tf.tensor1d([1, -2]))
 * const gradient = tf.tensor1d([0, 0])
 * const optimizer = new AdamW()
 * const weightDecay = new Map([['x', 0.5]])
 * optimizer.step({ x }, { x: gradient }, { learningRate: 0.1, weightDecay })
 * console.log(await x.data()) // 5 % smaller
 * optimizer.dispose()
 * ```
 */
export class AdamW extends Adam {
  /** @throws InvalidOptionsError when an option is misspelt or out of range */
  constructor(options: AdamOptions = {}) {
    super(options, 'AdamW')
  }

  /** @internal */
  protected override decay(...[name, parameter, gradient, settings]: Parameters<Adam['decay']>) {
    const { learningRate, gradientScale: scale = 1, weightDecay } = settings
    const decay = weightDecay?.get(name) ?? 0
    if (decay !== 0) parameter.assign(tf.mul(parameter, 1 - learningRate * decay))
    return { gradient, scale }
  }
}

/**
 * {@link Adam} by rows: only the rows of a table that have a gradient in the step are changed, as in PyTorch's
 * `SparseAdam`; t counts the steps of the table.
 *
 * It differs from dense Adam in rows that are absent from a step. There Adam lets m and v decay and
 * moves the row on along m; here the row and its moments stand still until it comes again, and then
 * start from moments that are as old as its last visit. So a rare row moves less after a visit, and its
 * v remembers old gradients for longer. Where every row has a gradient, as on most graphs in the models
 * that propagate over them, both are the same; it is meant for `BprMf`, whose batches touch few rows. A
 * regularizer in the loss acts on a row only when the row has a gradient.
 *
 * It is no faster: gradients are whole tables, and finding the rows takes longer than the dense step does.
 *
 * @example
 * ```ts
 * import { useBackend } from '@gnnrec/ops'
 * import { LazyAdam } from '@gnnrec/train'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('simd')
 * const x = tf.variable(tf.tensor1d([1, -2]))
 * const gradient = tf.tensor1d([0.5, -0.5])
 * const optimizer = new LazyAdam()
 * optimizer.step({ x }, { x: gradient }, { learningRate: 0.1 })
 * console.log(await x.data())
 * optimizer.dispose()
 * ```
 */
export class LazyAdam extends SlotOptimizer<'first' | 'second'> {
  readonly #options: z.output<typeof lazySchema>

  /** @throws InvalidOptionsError when an option is misspelt or out of range */
  constructor(options: LazyAdamOptions = {}) {
    super('LazyAdam', ['first', 'second'])
    this.#options = parseOptions('LazyAdam', lazySchema, options)
  }

  /** @internal */
  protected override update(step: ParameterStep<'first' | 'second'>) {
    const { name, parameter, gradient, slot, settings } = step
    const decayed = decayedGradient(name, parameter, gradient, settings)
    applyRowAdam(parameter, decayed.gradient, slot.arrays, {
      ...this.#options,
      learningRate: settings.learningRate,
      gradientScale: decayed.scale,
      step: slot.steps,
    })
  }
}

/** Applies a step of Adam with the largest v so far in the root. */
function applyAmsgrad(
  parameter: Variable,
  gradient: Tensor,
  { first, second, largestSecond }: Readonly<Record<AdamArray, Variable>>,
  { beta1, beta2, epsilon, learningRate, gradientScale, step }: Parameters<typeof applyAdam>[3],
): void {
  const scaled = tf.mul(gradient, gradientScale)
  first.assign(tf.add(tf.mul(first, beta1), tf.mul(scaled, 1 - beta1)))
  second.assign(tf.add(tf.mul(second, beta2), tf.mul(tf.square(scaled), 1 - beta2)))
  largestSecond.assign(tf.maximum(largestSecond, second))
  const root = tf.mul(tf.sqrt(largestSecond), 1 / Math.sqrt(1 - beta2 ** step))
  const stepSize = learningRate / (1 - beta1 ** step)
  parameter.assign(tf.sub(parameter, tf.mul(tf.div(first, tf.add(root, epsilon)), stepSize)))
}
