import type { Tensor, Variable } from '@tensorflow/tfjs-core'

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
