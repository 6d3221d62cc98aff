import { parseOptions } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'
import { decayedGradient } from './gradients.js'
import { type ParameterStep, SlotOptimizer } from './slot-optimizer.js'

/** Options of {@link Sgd}. */
export interface SgdOptions {
  /** μ, in [0, 1): how much of the last step goes on. @defaultValue 0 */
  momentum?: number
  /** Looks ahead along the momentum; only with some. @defaultValue false */
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
 * Stochastic gradient descent as PyTorch has it, with g the gradient, weight decay λ x included:
 *
 *     plain:     x ← x - η g
 *     momentum:  b ← μ b + g,   x ← x - η b        (Nesterov: x ← x - η (g + μ b))
 *
 * Without momentum it remembers nothing.
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
