import { parseOptions } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { decayedGradient } from './gradients.js'
import { type ParameterStep, SlotOptimizer } from './slot-optimizer.js'

/** Options of {@link Sgd}. */
export interface SgdOptions {
  /**
   * Share μ of the last step that is added to the next, in [0, 1).
   *
   * @defaultValue 0
   */
  momentum?: number
  /**
   * True to look ahead along the momentum, which must then be > 0.
   *
   * @defaultValue false
   */
  nesterov?: boolean
}

const schema = z
  .strictObject({
    momentum: z.number().min(0).lt(1).default(0),
    nesterov: z.boolean().default(false),
  })
  .refine(({ momentum, nesterov }) => momentum > 0 || !nesterov, {
    path: ['nesterov'],
    error: 'expected a momentum > 0 beside it',
  })

/**
 * Stochastic gradient descent as in PyTorch, with g the gradient, weight decay λ x included:
 *
 *     plain:     x ← x - η g
 *     momentum:  b ← μ b + g,   x ← x - η b        (Nesterov: x ← x - η (g + μ b))
 *
 * Without momentum it remembers nothing.
 *
 * @example
 * ```ts
 * import { useBackend } from '@gnnrec/ops'
 * import { Sgd } from '@gnnrec/train'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('simd')
 * const x = tf.variable(tf.tensor1d([1, -2]))
 * const gradient = tf.tensor1d([0.5, -0.5])
 * const optimizer = new Sgd({ momentum: 0.9 })
 * optimizer.step({ x }, { x: gradient }, { learningRate: 0.1 })
 * console.log(await x.data())
 * optimizer.dispose()
 * ```
 */
export class Sgd extends SlotOptimizer<'momentum'> {
  readonly #options: z.output<typeof schema>

  /** @throws InvalidOptionsError when an option is misspelt or out of range */
  constructor(options: SgdOptions = {}) {
    const parsed = parseOptions('Sgd', schema, options)
    super('Sgd', parsed.momentum > 0 ? ['momentum'] : [])
    this.#options = parsed
  }

  /** @internal */
  protected override update({
    name,
    parameter,
    gradient,
    slot,
    settings,
  }: ParameterStep<'momentum'>) {
    const { learningRate } = settings
    const { momentum, nesterov } = this.#options
    const { gradient: decayed, scale } = decayedGradient(name, parameter, gradient, settings)
    if (momentum === 0) {
      parameter.assign(tf.sub(parameter, tf.mul(decayed, scale * learningRate)))
      return
    }
    const scaled = scale === 1 ? decayed : tf.mul(decayed, scale)
    const buffer = slot.arrays.momentum
    buffer.assign(tf.add(tf.mul(buffer, momentum), scaled))
    const direction = nesterov ? tf.add(scaled, tf.mul(buffer, momentum)) : buffer
    parameter.assign(tf.sub(parameter, tf.mul(direction, learningRate)))
  }
}
