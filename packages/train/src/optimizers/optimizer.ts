import type { HostTensor } from '@gnnrec/serving/model-folder'
import type { Tensor, Variable } from '@tensorflow/tfjs-core'

/** Settings of one {@link Optimizer.step}. */
export interface OptimizerStepSettings {
  /** Finite, >= 0. */
  readonly learningRate: number
  /** Factor on all gradients, for clipping; finite. @defaultValue 1 */
  readonly gradientScale?: number
  /**
   * Weight decay by parameter name. All but {@link AdamW} couple it: so many times the parameter is
   * added to its gradient, after `gradientScale`, as PyTorch has it. @defaultValue none
   */
  readonly weightDecay?: ReadonlyMap<string, number>
}

/** What an optimiser remembers, outside any backend. */
export interface OptimizerState {
  /** Arrays of the parameter's shape, by `what/parameter`: `'first/userEmbeddings'`. */
  readonly tensors: ReadonlyMap<string, HostTensor>
  /** Steps taken so far, by parameter. */
  readonly steps: Readonly<Record<string, number>>
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
  /** A copy of what is remembered; {@link restore} takes it back. */
  state(): Promise<OptimizerState>
  /**
   * Goes on from a state, whatever was remembered before.
   *
   * @throws ShapeMismatchError when an array is missing or has another shape than its parameter
   */
  restore(state: OptimizerState, parameters: Readonly<Record<string, Variable>>): void
  /** Frees what is remembered; the next step starts anew. */
  dispose(): void
}
