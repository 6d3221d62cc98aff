import type { HostTensor } from '@gnnrec/serving/model-folder'
import type { Tensor, Variable } from '@tensorflow/tfjs-core'

/** Settings of one step of an optimizer. */
export interface OptimizerStepSettings {
  /** Learning rate, a finite number >= 0. */
  readonly learningRate: number
  /**
   * Factor on all gradients, for clipping; a finite number.
   *
   * @defaultValue 1
   */
  readonly gradientScale?: number
  /**
   * Weight decay by parameter name. All optimizers but {@link AdamW} couple it: the decay times the parameter is
   * added to the gradient, after `gradientScale`, as in PyTorch.
   *
   * @defaultValue no decay
   */
  readonly weightDecay?: ReadonlyMap<string, number>
}

/** The memory of an optimizer, as arrays outside any backend. */
export interface OptimizerState {
  /** Arrays of the parameter's shape, by `what/parameter`: `'first/userEmbeddings'`. */
  readonly tensors: ReadonlyMap<string, HostTensor>
  /** Steps taken so far, by parameter. */
  readonly steps: Readonly<Record<string, number>>
}

/** An algorithm that moves parameters along their gradients. */
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
  /** Copies what is remembered; {@link restore} takes it back. */
  state(): Promise<OptimizerState>
  /**
   * Goes on from a state, whatever was remembered before.
   *
   * @throws ShapeMismatchError when an array is missing, has another shape than its parameter or no number of steps
   */
  restore(state: OptimizerState, parameters: Readonly<Record<string, Variable>>): void
  /** Frees what is remembered; the next step starts anew. */
  dispose(): void
}
