import { parseOptions } from '@gnnrec/graph'
import { applyAdam } from '@gnnrec/graph/ops'
import type { Tensor, Variable } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { checkStepSettings, decayedGradient } from './gradients.js'
import type { Optimizer, OptimizerStepSettings } from './optimizer.js'

/** Options of {@link Adam}; the defaults are those of the paper and of PyTorch. */
export interface AdamOptions {
  /** Decay of the mean of gradients, in [0, 1). @defaultValue 0.9 */
  beta1?: number
  /** Decay of the mean of squared gradients, in [0, 1). @defaultValue 0.999 */
  beta2?: number
  /** Added to the root of the squared gradients, > 0. @defaultValue 1e-8 */
  epsilon?: number
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
 * the corrected root, weight decay (if any) coupled: added to the gradient.
 *
 *     m ← β₁ m + (1 - β₁) g,   v ← β₂ v + (1 - β₂) g²
 *     x ← x - η · m / (1 - β₁ᵗ) / (√(v / (1 - β₂ᵗ)) + ε)
 *
 * It is dense: a row with no gradient in a step still moves on by its momentum.
 */
export class Adam implements Optimizer {
  readonly #options: z.output<typeof schema>
  readonly #slots = new Map<string, Slot>()

  /** @throws InvalidOptionsError when an option is misspelt or out of range */
  constructor(options: AdamOptions = {}) {
    this.#options = parseOptions('Adam', schema, options)
  }

  /** Moves the parameters; the count of steps of one without a gradient stays too. */
  step(
    parameters: Readonly<Record<string, Variable>>,
    gradients: Readonly<Record<string, Tensor>>,
    settings: OptimizerStepSettings,
  ): void {
    checkStepSettings('Adam', settings)
    const { learningRate } = settings
    for (const [name, parameter] of Object.entries(parameters)) {
      const gradient = gradients[name]
      if (gradient === undefined) continue
      const slot = this.#slot(name, parameter)
      slot.steps++
      const step = slot.steps
      tf.tidy(() => {
        const decayed = decayedGradient(name, parameter, gradient, settings)
        const numbers = { ...this.#options, learningRate, gradientScale: decayed.scale, step }
        applyAdam(parameter, decayed.gradient, slot, numbers)
      })
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
