import { parseOptions } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { decayedGradient } from './gradients.js'
import { type ParameterStep, SlotOptimizer } from './slot-optimizer.js'

/** Options of {@link Adagrad}; the defaults are those of PyTorch. */
export interface AdagradOptions {
  /** What the sums of squared gradients start from, >= 0. @defaultValue 0 */
  initialAccumulator?: number
  /** Added to the root of the sums, > 0. @defaultValue 1e-10 */
  epsilon?: number
}

const schema = z.strictObject({
  initialAccumulator: z.number().min(0).default(0),
  epsilon: z.number().positive().default(1e-10),
})

/**
 * Adagrad (Duchi, Hazan & Singer 2011, https://jmlr.org/papers/v12/duchi11a.html) as PyTorch has it,
 * with g the gradient, weight decay λ x included:
 *
 *     s ← s + g²,   x ← x - η · g / (√s + ε)
 *
 * A row with no gradient in a step does not move.
 */
export class Adagrad extends SlotOptimizer<'sum'> {
  readonly #epsilon: number

  /** @throws InvalidOptionsError when an option is misspelt or out of range */
  constructor(options: AdagradOptions = {}) {
    const { initialAccumulator, epsilon } = parseOptions('Adagrad', schema, options)
    super('Adagrad', ['sum'], initialAccumulator)
    this.#epsilon = epsilon
  }

  /** @internal */
  protected override update({ name, parameter, gradient, slot, settings }: ParameterStep<'sum'>) {
    const { gradient: decayed, scale } = decayedGradient(name, parameter, gradient, settings)
    const scaled = scale === 1 ? decayed : tf.mul(decayed, scale)
    const { sum } = slot.arrays
    sum.assign(tf.add(sum, tf.square(scaled)))
    const root = tf.add(tf.sqrt(sum), this.#epsilon)
    parameter.assign(tf.sub(parameter, tf.mul(tf.div(scaled, root), settings.learningRate)))
  }
}
