import { DisposedError, ShapeMismatchError, yieldToEventLoop } from '@gnnrec/graph'
import { isLive } from '@gnnrec/ops'
import type { HostTensor } from '@gnnrec/serving/model-folder'
import type { Tensor, Variable } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { checkStepSettings } from './gradients.js'
import type { Optimizer, OptimizerState, OptimizerStepSettings } from './optimizer.js'

/** The arrays that an optimizer remembers of one parameter. */
export interface Slot<Name extends string> {
  /** Arrays of the parameter's shape. */
  readonly arrays: Readonly<Record<Name, Variable>>
  /** Number of the current step, from 1. */
  steps: number
}

/** One parameter in one step. */
export interface ParameterStep<Name extends string> {
  readonly name: string
  readonly parameter: Variable
  readonly gradient: Tensor
  readonly slot: Slot<Name>
  readonly settings: OptimizerStepSettings
}

/** An optimizer that remembers some arrays of the shape of each parameter. */
export abstract class SlotOptimizer<Name extends string> implements Optimizer {
  readonly #owner: string
  readonly #names: readonly Name[]
  readonly #initial: number
  readonly #slots = new Map<string, Slot<Name>>()

  /**
   * @param owner - name of the class, for messages
   * @param names - names of the arrays that are remembered
   * @param initial - value that they are filled with at first
   */
  protected constructor(owner: string, names: readonly Name[], initial = 0) {
    this.#owner = owner
    this.#names = names
    this.#initial = initial
  }

  /**
   * Number of arrays that are remembered of each parameter.
   *
   * @internal
   */
  get arraysPerParameter(): number {
    return this.#names.length
  }

  /**
   * Moves one parameter and what is remembered of it; runs in a `tf.tidy`.
   *
   * @internal
   */
  protected abstract update(step: ParameterStep<Name>): void

  /**
   * Moves the parameters. A parameter without a gradient keeps its count of steps, too.
   *
   * @throws DisposedError when what is remembered was freed from outside
   */
  step(
    parameters: Readonly<Record<string, Variable>>,
    gradients: Readonly<Record<string, Tensor>>,
    settings: OptimizerStepSettings,
  ): void {
    checkStepSettings(this.#owner, settings)
    for (const [name, parameter] of Object.entries(parameters)) {
      const gradient = gradients[name]
      if (gradient === undefined) continue
      const slot = this.#slots.get(name) ?? this.#add(name, parameter, 0)
      this.#checkUsable(name, slot)
      slot.steps++
      tf.tidy(() => this.update({ name, parameter, gradient, slot, settings }))
    }
  }

  async state(): Promise<OptimizerState> {
    const tensors = new Map<string, HostTensor>()
    const steps: Record<string, number> = {}
    for (const [parameter, slot] of this.#slots) {
      this.#checkUsable(parameter, slot)
      steps[parameter] = slot.steps
      for (const name of this.#names) {
        const variable = slot.arrays[name]
        // tfjs's CPU backends hand out the values themselves.
        const data = (await variable.data<'float32'>()).slice()
        // Each may be large.
        await yieldToEventLoop()
        tensors.set(`${name}/${parameter}`, { shape: [...variable.shape], data })
      }
    }
    return { tensors, steps }
  }

  restore(state: OptimizerState, parameters: Readonly<Record<string, Variable>>): void {
    this.#checkFits(state, parameters)
    this.dispose()
    for (const [name, steps] of Object.entries(state.steps)) {
      this.#add(name, parameters[name], steps, (array) => {
        const { data } = state.tensors.get(`${array}/${name}`) as HostTensor
        return tf.tensor(data.slice() as Float32Array, parameters[name].shape, 'float32')
      })
    }
  }

  /** Frees what is remembered; the next step starts anew. */
  dispose(): void {
    for (const { arrays } of this.#slots.values()) tf.dispose(arrays)
    this.#slots.clear()
  }

  #add(
    name: string,
    parameter: Variable,
    steps: number,
    initialOf: (array: Name) => Tensor = () => tf.fill(parameter.shape, this.#initial),
  ): Slot<Name> {
    const arrays = {} as Record<Name, Variable>
    for (const array of this.#names) {
      const initial = initialOf(array)
      // A `tf.tidy` around the step must not free the array.
      arrays[array] = tf.keep(tf.variable(initial, false))
      initial.dispose()
    }
    const slot = { arrays, steps }
    this.#slots.set(name, slot)
    return slot
  }

  #checkUsable(parameter: string, { arrays }: Slot<Name>): void {
    if (this.#names.every((name) => isLive(arrays[name]))) return
    throw new DisposedError(
      `What ${this.#owner} remembers of '${parameter}' was freed from outside, as tf.disposeVariables() and tf.engine().reset() do; make a new optimizer.`,
    )
  }

  #checkFits(state: OptimizerState, parameters: Readonly<Record<string, Variable>>): void {
    for (const name of Object.keys(state.steps)) {
      const parameter = parameters[name]
      if (!parameter) throw this.#doesNotFit(`it has '${name}', which the model lacks`)
      for (const array of this.#names) {
        const saved = state.tensors.get(`${array}/${name}`)
        const isFloats = saved?.data instanceof Float32Array
        if (isFloats && String(saved.shape) === String(parameter.shape)) continue
        const got = saved ? `the shape [${saved.shape}]` : 'no values'
        throw this.#doesNotFit(`'${array}/${name}' has ${got}; needed is [${parameter.shape}]`)
      }
    }
    const known = new Set(
      Object.keys(state.steps).flatMap((name) => this.#names.map((array) => `${array}/${name}`)),
    )
    const foreign = [...state.tensors.keys()].find((name) => !known.has(name))
    if (foreign !== undefined) throw this.#doesNotFit(`'${foreign}' has no number of steps`)
  }

  #doesNotFit(problem: string): ShapeMismatchError {
    return new ShapeMismatchError(
      `This is not a state of ${this.#owner} for these parameters: ${problem}.`,
    )
  }
}
