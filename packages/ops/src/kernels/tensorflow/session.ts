import { OutOfMemoryError } from '@gnnrec/graph'
import type { KernelBackend, TensorInfo } from '@tensorflow/tfjs-core'

/** A value in TensorFlow's runtime. */
export interface Handle {
  readonly id: number
  readonly shape: readonly number[]
}

/** Attributes of an operator: the name of a type, a flag or an integer. */
type Attributes = Readonly<
  Record<string, 'float32' | 'float64' | 'int32' | 'int64' | boolean | number>
>

/** The part of tfjs-node's native binding that is used. */
interface Binding {
  readonly TF_FLOAT: number
  readonly TF_INT32: number
  readonly TF_INT64: number
  readonly TF_ATTR_TYPE: number
  readonly TF_ATTR_BOOL: number
  readonly TF_ATTR_INT: number
  createTensor(shape: readonly number[], type: number, values: Float32Array | Int32Array): number
  deleteTensor(id: number): void
  tensorDataSync(id: number): Float32Array | Int32Array
  executeOp(
    name: string,
    attributes: readonly { name: string; type: number; value: number | boolean }[],
    inputs: readonly number[],
    outputCount: number,
  ): { id: number; shape: number[] }[]
}

/** A tensor as tfjs-node keeps it. Its values go to the runtime when a computation first needs them. */
interface TensorData {
  shape: readonly number[]
  dtype: number
  values: Float32Array | Int32Array | null
  id: number
  refCount: number
}

/** The private part of tfjs-node's backend that is used. */
interface NodeBackend {
  readonly binding: Binding
  readonly tensorMap: {
    get(dataId: object): TensorData
    set(dataId: object, data: TensorData): void
    delete(dataId: object): void
  }
}

/** The constants that {@link Session.fixed} has made. */
const constantsOf = new WeakMap<NodeBackend, Map<string, Handle>>()

/** TF_DOUBLE in TensorFlow's C API, which the binding has no name for. */
const doubleType = 2

/**
 * A session of one kernel on TensorFlow's runtime. It runs operators and frees all values that they made,
 * except those that are given away.
 */
export class Session {
  readonly #backend: NodeBackend
  readonly #made = new Set<number>()

  constructor(backend: KernelBackend) {
    this.#backend = backend as unknown as NodeBackend
  }

  /** Returns the runtime's value of a tensor, which the tensor still owns. */
  take(tensor: TensorInfo): Handle {
    const { binding, tensorMap } = this.#backend
    const data = tensorMap.get(tensor.dataId)
    if (data.values !== null) {
      data.id = guarded(() =>
        binding.createTensor(data.shape, data.dtype, data.values as Float32Array),
      )
      data.values = null
    }
    // A reshaped tensor shares its values with one of another shape.
    if (sameShape(data.shape, tensor.shape)) return { id: data.id, shape: tensor.shape }
    return this.reshape({ id: data.id, shape: data.shape }, tensor.shape)
  }

  /** Runs an operator of TensorFlow by its name. */
  op(name: string, attributes: Attributes, ...inputs: readonly Handle[]): Handle {
    const { binding } = this.#backend
    const ids = inputs.map(({ id }) => id)
    const named = Object.entries(attributes).map(([key, value]) => this.#attribute(key, value))
    const [{ id, shape }] = guarded(() => binding.executeOp(name, named, ids, 1))
    this.#made.add(id)
    return { id, shape }
  }

  /** Makes a value from numbers; those of int64 are pairs of 32 bits, the lower first. */
  constant(
    values: Float32Array | Int32Array,
    shape: readonly number[],
    type: 'float32' | 'int32' | 'int64',
  ): Handle {
    const { binding } = this.#backend
    const id = guarded(() => binding.createTensor(shape, this.#type(type), values))
    this.#made.add(id)
    return { id, shape }
  }

  /** Makes a number that changes from call to call; for other numbers {@link fixed} is faster. */
  scalar(value: number): Handle {
    return this.constant(Float32Array.of(value), [], 'float32')
  }

  /** Makes a number once and keeps it, since making one waits until a GPU has done all earlier work. */
  fixed(value: number): Handle {
    return this.#kept(`float32 ${value}`, () => this.scalar(value))
  }

  integers(...values: readonly number[]): Handle {
    return this.constant(Int32Array.from(values), [values.length], 'int32')
  }

  integer(value: number): Handle {
    return this.constant(Int32Array.of(value), [], 'int32')
  }

  reshape(x: Handle, shape: readonly number[]): Handle {
    return this.op('Reshape', { T: 'float32', Tshape: 'int32' }, x, this.integers(...shape))
  }

  /** Returns the numbers of an int32 tensor, which TensorFlow keeps in the CPU's memory. */
  integersOf(tensor: TensorInfo): Int32Array {
    const { binding, tensorMap } = this.#backend
    // This also moves a tensor of another backend here.
    const { values, id } = tensorMap.get(tensor.dataId)
    return (values ?? guarded(() => binding.tensorDataSync(id))) as Int32Array
  }

  /** Returns the numbers of a value; waits for the device. */
  read({ id }: Handle): Float32Array | Int32Array {
    return guarded(() => this.#backend.binding.tensorDataSync(id))
  }

  /** Makes a tensor of a value, outside of TensorFlow.js's scopes: whoever gets it frees it. */
  give(value: Handle): TensorInfo {
    const dataId = {}
    const { tensorMap, binding } = this.#backend
    const { id, shape } = this.#made.has(value.id)
      ? value
      : this.op('Identity', { T: 'float32' }, value)
    this.#made.delete(id)
    tensorMap.set(dataId, { shape, dtype: binding.TF_FLOAT, id, values: null, refCount: 1 })
    return { dataId, shape: [...shape], dtype: 'float32' }
  }

  /** Gives a tensor new values in place of its own. */
  assign(target: TensorInfo, value: Handle): void {
    const { tensorMap, binding } = this.#backend
    const data = tensorMap.get(target.dataId)
    if (data.refCount > 1)
      throw new Error('A tensor that shares its values cannot change in place.')
    if (data.values === null) binding.deleteTensor(data.id)
    data.values = null
    data.id = value.id
    this.#made.delete(value.id)
  }

  /** Keeps a value beyond this kernel, until {@link free}. */
  keep(value: Handle): Handle {
    this.#made.delete(value.id)
    return value
  }

  free(value: Handle): void {
    this.#made.delete(value.id)
    this.#backend.binding.deleteTensor(value.id)
  }

  /** Frees the values that were made and neither given away nor kept. */
  close(): void {
    for (const id of this.#made) this.#backend.binding.deleteTensor(id)
    this.#made.clear()
  }

  #kept(key: string, make: () => Handle): Handle {
    let constants = constantsOf.get(this.#backend)
    if (!constants) {
      constants = new Map()
      constantsOf.set(this.#backend, constants)
    }
    const known = constants.get(key)
    if (known) return known
    const made = this.keep(make())
    constants.set(key, made)
    return made
  }

  #attribute(name: string, value: Attributes[string]) {
    const { binding } = this.#backend
    if (typeof value === 'boolean') return { name, type: binding.TF_ATTR_BOOL, value }
    if (typeof value === 'number') return { name, type: binding.TF_ATTR_INT, value }
    return { name, type: binding.TF_ATTR_TYPE, value: this.#type(value) }
  }

  #type(name: 'float32' | 'float64' | 'int32' | 'int64'): number {
    const { TF_FLOAT, TF_INT32, TF_INT64 } = this.#backend.binding
    return { float32: TF_FLOAT, float64: doubleType, int32: TF_INT32, int64: TF_INT64 }[name]
  }
}

/** Runs a kernel. Whatever happens, only values that it gave away stay. */
export function withSession<Result>(
  backend: KernelBackend,
  compute: (session: Session) => Result,
): Result {
  const session = new Session(backend)
  try {
    return compute(session)
  } finally {
    session.close()
  }
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis])
}

/** @throws OutOfMemoryError when the device's memory does not suffice */
function guarded<Result>(call: () => Result): Result {
  try {
    return call()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (!/OOM|RESOURCE_EXHAUSTED|[Oo]ut of memory|failed to allocate/.test(message)) throw error
    throw new OutOfMemoryError(
      `TensorFlow's device has too little memory for this step; what was there before is still usable. Use smaller batches or embeddings, or the backend 'simd'. TensorFlow says: ${message}`,
      { cause: error },
    )
  }
}
