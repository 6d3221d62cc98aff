import { InvalidOptionsError, parseOptions } from '@gnnrec/graph'
import { applyAdam } from '@gnnrec/graph/ops'
import type { Tensor, Variable } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'

/** Options of {@link Adam}; the defaults are those of the paper and of PyTorch. */
export interface AdamOptions {
  /** Decay of the mean of gradients, in [0, 1). @defaultValue 0.9 */
  beta1?: number
  /** Decay of the mean of squared gradients, in [0, 1). @defaultValue 0.999 */
  beta2?: number
  /** Added to the root of the squared gradients, > 0. @defaultValue 1e-8 */
  epsilon?: number
}

/** Settings of one {@link Adam.step}. */
export interface AdamStepSettings {
  /** Finite, >= 0. */
  readonly learningRate: number
  /** Factor on all gradients, for clipping. @defaultValue 1 */
  readonly gradientScale?: number
}

/** What Adam remembers of one parameter. */
interface Slot {
  readonly first: Variable
  readonly second: Variable
  steps: number
}

const schema = z.strictObject({
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.999),
  epsilon: z.number().positive().default(1e-8),
})

/**
 * Adam (Kingma & Ba, https://arxiv.org/abs/1412.6980) as PyTorch has it: bias-corrected, ε outside
 * the corrected root, no weight decay.
 *
 *     m ← β₁ m + (1 - β₁) g,   v ← β₂ v + (1 - β₂) g²
 *     x ← x - η · m / (1 - β₁ᵗ) / (√(v / (1 - β₂ᵗ)) + ε)
 *
 * It is dense: a row with no gradient in a step still moves on by its momentum.
 */
export class Adam {
  readonly #options: z.output<typeof schema>
  readonly #slots = new Map<string, Slot>()

  /** @throws InvalidOptionsError when an option is misspelt or out of range */
  constructor(options: AdamOptions = {}) {
    this.#options = parseOptions('Adam', schema, options)
  }

  /**
   * Moves the parameters, in place. A parameter without a gradient of its name stays as it is and
   * its count of steps too.
   *
   * @throws InvalidOptionsError when a number is not finite or the rate is negative
   */
  step(
    parameters: Readonly<Record<string, Variable>>,
    gradients: Readonly<Record<string, Tensor>>,
    { learningRate, gradientScale = 1 }: AdamStepSettings,
  ): void {
    if (!(learningRate >= 0 && Number.isFinite(learningRate) && Number.isFinite(gradientScale))) {
      throw new InvalidOptionsError(
        `Adam.step: got learningRate ${learningRate} and gradientScale ${gradientScale}; expected finite numbers, the rate >= 0.`,
      )
    }
    for (const [name, parameter] of Object.entries(parameters)) {
      const gradient = gradients[name]
      if (gradient === undefined) continue
      const slot = this.#slot(name, parameter)
      slot.steps++
      const step = slot.steps
      applyAdam(parameter, gradient, slot, { ...this.#options, learningRate, gradientScale, step })
    }
  }

  /** Frees the moments; the next step starts anew. */
  dispose(): void {
    for (const { first, second } of this.#slots.values()) tf.dispose([first, second])
    this.#slots.clear()
  }

  #slot(name: string, parameter: Variable): Slot {
    let slot = this.#slots.get(name)
    if (slot === undefined) {
      slot = { first: zeros(parameter), second: zeros(parameter), steps: 0 }
      this.#slots.set(name, slot)
    }
    return slot
  }
}

/** A variable that no `tf.tidy` around the step takes away. */
function zeros(like: Variable): Variable {
  const initial = tf.zerosLike(like)
  const variable = tf.keep(tf.variable(initial, false))
  initial.dispose()
  return variable
}
