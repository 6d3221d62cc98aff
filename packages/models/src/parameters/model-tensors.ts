import { DisposedError, OutOfMemoryError, ShapeMismatchError } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { ensureBackendSync, isLive } from '@gnnrec/ops'
import { SerializationError } from '@gnnrec/serving'
import type { HostTensor } from '@gnnrec/serving/model-folder'
import type { Tensor, Variable } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { ownValues } from '../own-values.js'
import { disposedError, NotPreparedError } from './errors.js'
import { checkTensorBytes } from './model-memory.js'

/**
 * The role of a tensor in a model: a table with one trained row per user or item, another trained
 * tensor, or a fixed one that is saved along.
 */
type TensorRole = 'embeddings' | 'dense' | 'buffer'

/** One tensor of a model, as `describe()` lists it. */
export interface TensorDescription {
  readonly name: string
  readonly role: TensorRole
  readonly shape: readonly number[]
  /** Count of its numbers. */
  readonly count: number
  readonly bytes: number
}

interface Parameter {
  readonly role: 'embeddings' | 'dense'
  readonly shape: readonly number[]
  /** Values of a parameter that has no variable yet, or a function that makes them. */
  initial: InitialValues | undefined
  variable: Variable | undefined
}

interface Buffer {
  readonly shape: readonly number[]
  readonly type: typeof Float32Array | typeof Int32Array
  /** Undefined until it is computed. */
  data: Float32Array | Int32Array | undefined
}

type BufferData = Float32Array | Int32Array

/** The model, or other object, that tensors belong to. */
interface Owner {
  /** Its name, for errors. */
  readonly name: string
  isDisposed: boolean
}

/** Initial values of a parameter, or a function that makes them when they are first needed. */
export type InitialValues = Float32Array | (() => Float32Array)

/** The parameters and buffers of one model by name, in the order of their making. */
export class ModelTensors {
  readonly #parameters = new Map<string, Parameter>()
  readonly #buffers = new Map<string, Buffer>()
  #owner: Owner

  /** @param owner - name of the owner, for errors */
  constructor(owner: string) {
    this.#owner = { name: owner, isDisposed: false }
  }

  /** True when {@link dispose} was called. */
  get isDisposed(): boolean {
    return this.#owner.isDisposed
  }

  /** @throws DisposedError when the tensors were freed, here or by TensorFlow.js */
  checkUsable(): void {
    if (this.#owner.isDisposed) throw disposedError(this.#owner.name)
    for (const [name, { variable, initial }] of this.#parameters) {
      if (variable ? isLive(variable) : initial) continue
      throw new DisposedError(
        `The values of '${name}' of this ${this.#owner.name} were freed from outside, as tf.disposeVariables() and tf.engine().reset() do; make a new one, or load a saved one.`,
      )
    }
  }

  /** @throws ModelTooLargeError when the tensors so far would take more than the memory of the machine */
  addParameter(
    name: string,
    values: InitialValues,
    shape: readonly number[],
    role: Parameter['role'],
  ): void {
    this.#parameters.set(name, { role, shape, initial: values, variable: undefined })
    this.#checkBytes()
  }

  /**
   * Takes up the parameters of another. Both have them from then on, belong to the owner of these, and are disposed
   * of together.
   *
   * @throws ModelTooLargeError when the tensors so far would take more than the memory of the machine
   */
  share(others: ModelTensors): void {
    for (const [name, parameter] of others.#parameters) this.#parameters.set(name, parameter)
    others.#owner = this.#owner
    this.#checkBytes()
  }

  /** @throws ModelTooLargeError when the tensors so far would take more than the memory of the machine */
  addBuffer(name: string, data: BufferData, shape: readonly number[]): void {
    const type = data instanceof Float32Array ? Float32Array : Int32Array
    this.#buffers.set(name, { shape, type, data })
    this.#checkBytes()
  }

  /**
   * Adds a buffer of float32 whose values are set later.
   *
   * @throws ModelTooLargeError when the tensors so far would take more than the memory of the machine
   */
  addComputedBuffer(name: string, shape: readonly number[]): void {
    this.#buffers.set(name, { shape, type: Float32Array, data: undefined })
    this.#checkBytes()
  }

  #checkBytes(): void {
    const bytes = this.describe().reduce((sum, tensor) => sum + tensor.bytes, 0)
    checkTensorBytes(this.#owner.name, bytes)
  }

  /** @throws ShapeMismatchError when the values do not fill the shape */
  setBuffer(name: string, data: Float32Array): void {
    this.checkUsable()
    const buffer = this.#bufferOf(name)
    checkWeight(name, new Map([[name, { shape: buffer.shape, data }]]), buffer.shape, buffer.type)
    buffer.data = data
  }

  hasBuffer(name: string): boolean {
    this.checkUsable()
    return this.#bufferOf(name).data !== undefined
  }

  /**
   * Returns the values of a buffer, which must not be changed.
   *
   * @throws NotPreparedError when they are not computed yet
   */
  buffer(name: string): BufferData {
    this.checkUsable()
    const { data } = this.#bufferOf(name)
    if (!data) {
      throw new NotPreparedError(
        `'${name}' is not computed yet; await prepare() of the model first, as Trainer does.`,
      )
    }
    return data
  }

  #bufferOf(name: string): Buffer {
    const buffer = this.#buffers.get(name)
    if (!buffer) throw new Error(`The model has no buffer '${name}'.`)
    return buffer
  }

  /**
   * Returns the variables, made at the first call on the backend that is active then.
   *
   * @throws DisposedError when they were freed
   * @throws OutOfMemoryError, before any is made, when the backend can never hold them
   */
  variables(): Record<string, Variable> {
    this.checkUsable()
    ensureBackendSync()
    const parameters = [...this.#parameters]
    if (parameters.some(([, { variable }]) => !variable)) this.#checkKernelMemory()
    const variables: Record<string, Variable> = {}
    for (const [name, parameter] of parameters) {
      if (!parameter.variable) {
        const { initial, shape } = parameter
        const values = typeof initial === 'function' ? initial() : initial
        const value = tf.tensor(values as Float32Array, [...shape], 'float32')
        parameter.variable = tf.keep(tf.variable(value, true))
        parameter.initial = undefined
        value.dispose()
      }
      variables[name] = parameter.variable
    }
    return variables
  }

  /** Copies the parameters at once, so that all are of one moment, also while a training goes on. */
  weights(): Map<string, HostTensor> {
    const weights = new Map<string, HostTensor>()
    for (const [name, variable] of Object.entries(this.variables())) {
      const data = ownValues(variable.dataSync<'float32'>())
      weights.set(name, { shape: [...variable.shape], data })
    }
    return weights
  }

  /**
   * Returns the buffers.
   *
   * @throws NotPreparedError when one is not computed yet
   */
  buffers(): Map<string, HostTensor> {
    return new Map(
      [...this.#buffers].map(([name, { shape }]) => [name, { shape, data: this.buffer(name) }]),
    )
  }

  /**
   * Sets all parameters or, when it throws, none. The arrays are copied.
   *
   * @throws SerializationError when one is missing, unknown or not of float32
   * @throws ShapeMismatchError when one has another shape
   */
  restoreWeights(weights: ReadonlyMap<string, HostTensor>): void {
    this.checkUsable()
    for (const [name, { shape }] of this.#parameters) {
      checkWeight(name, weights, shape, Float32Array)
    }
    checkNoOther(weights, this.#parameters)
    for (const [name, parameter] of this.#parameters) {
      const values = (weights.get(name) as HostTensor).data.slice() as Float32Array
      const { variable } = parameter
      if (!variable) {
        parameter.initial = values
        continue
      }
      const tensor: Tensor = tf.tensor(values, variable.shape, 'float32')
      variable.assign(tensor)
      tensor.dispose()
    }
  }

  /** Sets parameters and buffers from one map; as {@link restoreWeights}. */
  restoreAll(saved: ReadonlyMap<string, HostTensor>): void {
    this.checkUsable()
    checkNoOther(saved, new Map<string, unknown>([...this.#parameters, ...this.#buffers]))
    for (const [name, { shape, type }] of this.#buffers) checkWeight(name, saved, shape, type)
    this.restoreWeights(new Map([...saved].filter(([name]) => !this.#buffers.has(name))))
    for (const [name, buffer] of this.#buffers) {
      buffer.data = (saved.get(name) as HostTensor).data as BufferData
    }
  }

  #checkKernelMemory(): void {
    if (tf.getBackend() !== 'simd') return
    let bytes = 0
    for (const { shape } of this.#parameters.values()) bytes += 4 * sizeOf(shape)
    const { maximumBytes } = defaultRuntime().statistics
    if (bytes <= maximumBytes) return
    throw new OutOfMemoryError(
      `The parameters of the model take ${bytes} bytes; kernel memory has at most ${maximumBytes}. Take a smaller embeddingDim, train in files with @gnnrec/out-of-core, or choose another backend (useBackend).`,
    )
  }

  describe(): TensorDescription[] {
    const line = (name: string, role: TensorRole, shape: readonly number[]) => {
      const count = sizeOf(shape)
      return { name, role, shape, count, bytes: 4 * count }
    }
    return [
      ...[...this.#parameters].map(([name, { role, shape }]) => line(name, role, shape)),
      ...[...this.#buffers].map(([name, { shape }]) => line(name, 'buffer', shape)),
    ]
  }

  dispose(): void {
    // Names and shapes stay, which describe the tensors.
    for (const parameter of this.#parameters.values()) {
      parameter.variable?.dispose()
      parameter.initial = undefined
    }
    for (const buffer of this.#buffers.values()) buffer.data = undefined
    this.#owner.isDisposed = true
  }
}

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1)

const namesOf = (map: ReadonlyMap<string, unknown>) => [...map.keys()].join(', ')

function checkWeight(
  name: string,
  weights: ReadonlyMap<string, HostTensor>,
  shape: readonly number[],
  type: typeof Float32Array | typeof Int32Array,
): void {
  const saved = weights.get(name)
  if (!saved) {
    throw new SerializationError(`The weights lack '${name}' (they have ${namesOf(weights)}).`)
  }
  if (!(saved.data instanceof type)) {
    throw new SerializationError(
      `Weight '${name}' is a ${saved.data.constructor.name}; expected a ${type.name}.`,
    )
  }
  const count = sizeOf(shape)
  if (!tf.util.arraysEqual([...saved.shape], [...shape]) || saved.data.length !== count) {
    throw new ShapeMismatchError(
      `Weight '${name}' has the shape [${saved.shape.join(', ')}] and ${saved.data.length} numbers; the model needs [${shape.join(', ')}].`,
    )
  }
}

function checkNoOther(
  weights: ReadonlyMap<string, HostTensor>,
  known: ReadonlyMap<string, unknown>,
): void {
  const unknown = [...weights.keys()].find((name) => !known.has(name))
  if (unknown === undefined) return
  throw new SerializationError(
    `The weights have '${unknown}', which the model lacks (it has ${namesOf(known)}).`,
  )
}
