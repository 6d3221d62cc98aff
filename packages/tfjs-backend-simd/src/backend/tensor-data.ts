import type { KernelRuntime } from '@gnnrec/graph/kernels'
import type { backend_util, DataType, TensorInfo } from '@tensorflow/tfjs-core'

type Values = backend_util.BackendValues

/**
 * The values of a tensor: an ordinary array until a kernel asks for a pointer, a block of kernel memory
 * from then on.
 *
 * The field names are those of TensorFlow.js's own CPU backend, whose inherited kernels read `values`.
 */
export class TensorData {
  readonly dtype: DataType
  refCount: number
  complexTensorInfos?: { real: TensorInfo; imag: TensorInfo }
  /** The rows that may be other than zero, among `rowCount` rows; undefined when they are not known. */
  filledRows: { readonly rowCount: number; readonly rows: Int32Array } | undefined
  readonly #runtime: KernelRuntime
  #heapValues: Values | null
  #pointer = 0
  #length = 0

  constructor(runtime: KernelRuntime, values: Values | null, dtype: DataType, refCount: number) {
    this.#runtime = runtime
    this.#heapValues = values
    this.dtype = dtype
    this.refCount = refCount
  }

  /** Allocates kernel memory for values that a kernel is about to write. */
  static allocate(runtime: KernelRuntime, length: number, dtype: DataType): TensorData {
    const data = new TensorData(runtime, null, dtype, 1)
    data.#pointer = runtime.allocate(length * 4)
    data.#length = length
    return data
  }

  /** The values. In kernel memory they are a view: copy it before anybody else gets it. */
  get values(): Values {
    if (this.#pointer === 0) return this.#heapValues as Values
    return this.dtype === 'int32'
      ? this.#runtime.int32(this.#pointer, this.#length)
      : this.#runtime.float32(this.#pointer, this.#length)
  }

  /** True when the values lie in kernel memory. */
  get isInKernelMemory(): boolean {
    return this.#pointer !== 0
  }

  /** The address of the values, which move to kernel memory if they are not there yet. */
  get pointer(): number {
    if (this.#pointer === 0) {
      const values = this.#heapValues as ArrayLike<number>
      const pointer = this.#runtime.allocate(values.length * 4)
      this.#pointer = pointer
      this.#length = values.length
      ;(this.values as Float32Array | Int32Array).set(values)
      this.#heapValues = null
    }
    return this.#pointer
  }

  /** Gives kernel memory back; the values are gone. */
  release(): void {
    if (this.#pointer !== 0) this.#runtime.free(this.#pointer)
    this.#pointer = 0
    this.#heapValues = null
  }
}
