import { parseOptions } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { decayedGradient } from './gradients.js'
import { type ParameterStep, SlotOptimizer } from './slot-optimizer.js'

/** Options of {@link Adagrad}; the defaults are those of PyTorch. */
export interface AdagradOptions {
  /**
   * Initial value of the sums of squared gradients, >= 0.
   *
   * @defaultValue 0
   */
  initialAccumulator?: number
  /**
   * Number ε > 0 that is added to the root of the sums.
   *
   * @defaultValue 1e-10
   */
  epsilon?: number
}

const schema = z.strictObject({
  initialAccumulator: z.number().min(0).default(0),
  epsilon: z.number().positive().default(1e-10),
})

/**
 * Adagrad (Duchi, Hazan & Singer 2011, https://jmlr.org/papers/v12/duchi11a.html) as in PyTorch,
 * with g the gradient, weight decay λ x included:
 *
 *     s ← s + g²,   x ← x - η · g / (√s + ε)
 *
 * A row with no gradient in a step does not move.
 *
 * @example
 * ```ts
 * import { useBackend } from '@gnnrec/ops'
 * import { Adagrad } from '@gnnrec/train'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('simd')
 * const x = tf.variable(tf.tensor1d([1, -2]))
 * const gradient = tf.tensor1d([0.5, -0.5])
 * const optimizer = new Adagrad()
 * optimizer.step({ x }, { x: gradient }, { learningRate: 0.1 })
 * console.log(await x.data())
 * optimizer.dispose()
 * ```
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
