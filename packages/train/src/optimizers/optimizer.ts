import { InvalidOptionsError } from '@gnnrec/graph'
import type { OptimizerSettings } from '@gnnrec/models'
import type { Tensor, Variable } from '@tensorflow/tfjs-core'
import { Adam } from './adam.js'
import { Sgd } from './sgd.js'

/** Settings of one {@link Optimizer.step}. */
export interface OptimizerStepSettings {
  /** Finite, >= 0. */
  readonly learningRate: number
  /** Factor on all gradients, for clipping; finite. @defaultValue 1 */
  readonly gradientScale?: number
  /**
   * Coupled weight decay by parameter name: so many times the parameter is added to its gradient,
   * after `gradientScale`, as PyTorch has it. @defaultValue none
   */
  readonly weightDecay?: ReadonlyMap<string, number>
}

/** What moves parameters along their gradients. */
export interface Optimizer {
  /**
   * Moves the parameters, in place. A parameter without a gradient of its name stays as it is.
   *
   * @throws InvalidOptionsError when a number is not finite or the rate is negative
   */
  step(
    parameters: Readonly<Record<string, Variable>>,
    gradients: Readonly<Record<string, Tensor>>,
    settings: OptimizerStepSettings,
  ): void
  /** Frees what is remembered; the next step starts anew. */
  dispose(): void
}

/**
 * The optimiser that the data of a preset describes.
 *
 * @throws InvalidOptionsError when the name is unknown or a setting is misspelt or out of range
 */
export function optimizerFrom(settings: OptimizerSettings): Optimizer {
  const { name, ...options } = settings
  if (name === 'adam') return new Adam(options)
  if (name === 'sgd' && Object.keys(options).length === 0) return new Sgd()
  throw new InvalidOptionsError(
    `Got the optimizer ${JSON.stringify(settings)}; expected { name: 'adam', beta1?, beta2?, epsilon? } or { name: 'sgd' }.`,
  )
}
