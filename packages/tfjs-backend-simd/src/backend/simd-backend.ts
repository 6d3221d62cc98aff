import { InvalidPointerError } from '@gnnrec/graph'
import type { KernelRuntime } from '@gnnrec/graph/kernels'
import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'
import type {
  BackendValues,
  backend_util,
  DataId,
  DataType,
  TensorInfo,
} from '@tensorflow/tfjs-core'
import { util } from '@tensorflow/tfjs-core'
import { TensorData } from './tensor-data.js'

/**
 * The TensorFlow.js backend `simd`: values live in WebAssembly memory, hot kernels run there on all
 * threads, and everything else is inherited from TensorFlow.js's CPU backend. Kernels of your
 * own use it: `tf.backend()` returns it while `simd` is active.
 */
export interface SimdBackend extends MathBackendCPU {
  /** The kernel memory, the kernels and the threads. */
  readonly runtime: KernelRuntime

  /**
   * Returns the address of a float32 or int32 tensor's values in kernel memory, and moves them there if
   * they are elsewhere.
   *
   * @throws InvalidPointerError when the values are of another type
   */
  pointer(tensor: TensorInfo): number

  /**
   * Returns the same as {@link pointer} for a tensor that is about to change in place.
   *
   * @throws InvalidPointerError when another tensor shares the values
   */
  ownPointer(tensor: TensorInfo): number

  /**
   * Notes that all rows (of the first axis) of a tensor but these are zero, so that reductions read no
   * others.
   *
   * @param rows - int32 indices, repeated or not
   */
  noteFilledRows(tensor: TensorInfo, ...rows: TensorInfo[]): void

  /** Returns Σ x², computed in double precision and in a fixed order. */
  squaredNorm(tensor: TensorInfo): number

  /** Returns the values of a tensor without a copy. Read them at once and do not keep them. */
  peek(tensor: TensorInfo): BackendValues

  /** Makes a tensor in kernel memory whose values are still to be written. */
  allocate(shape: readonly number[], dtype?: 'float32' | 'int32'): TensorInfo
}

/**
 * Makes the backend.
 *
 * @param CpuBackend - the class `MathBackendCPU` of `@tensorflow/tfjs-backend-cpu`. It is not imported
 * here because importing that package registers the backend `cpu`.
 */
export function createSimdBackend(
  CpuBackend: typeof MathBackendCPU,
  runtime: KernelRuntime,
): SimdBackend {
  class Simd extends CpuBackend implements SimdBackend {
    readonly runtime: KernelRuntime

    constructor(runtime: KernelRuntime) {
      super()
      this.runtime = runtime
      // So that TensorFlow.js does not advise to install tfjs-node.
      ;(this as unknown as { firstUse: boolean }).firstUse = false
    }

    override write(values: backend_util.BackendValues, _shape: number[], dtype: DataType): DataId {
      return this.#store(new TensorData(this.runtime, ownValues(values), dtype, 1))
    }

    override move(
      dataId: DataId,
      values: backend_util.BackendValues,
      _shape: number[],
      dtype: DataType,
      refCount: number,
    ): void {
      this.data.set(dataId, new TensorData(this.runtime, ownValues(values), dtype, refCount))
    }

    override readSync(dataId: DataId): backend_util.BackendValues {
      const data = this.#get(dataId)
      // Kernel memory is reused after disposal, so nobody outside may have a view on it. Other values are copied
      // too, so that whoever reads a tensor need not copy what was copied already.
      if (data.isInKernelMemory) return (data.values as Float32Array | Int32Array).slice()
      const values = super.readSync(dataId)
      return ArrayBuffer.isView(values) ? values.slice() : values
    }

    override async read(dataId: DataId): Promise<backend_util.BackendValues> {
      return this.readSync(dataId)
    }

    override disposeData(dataId: DataId, force = false): boolean {
      const data = this.data.has(dataId) ? this.#get(dataId) : undefined
      const disposed = super.disposeData(dataId, force)
      if (disposed) data?.release()
      return disposed
    }

    override memory(): { unreliable: boolean; reasons: string[]; numBytesInKernelMemory: number } {
      return {
        unreliable: true,
        reasons: ['Values of inherited kernels live on the JavaScript heap.'],
        numBytesInKernelMemory: this.runtime.statistics.usedBytes,
      }
    }

    pointer(tensor: TensorInfo): number {
      const data = this.#get(tensor.dataId)
      if (data.dtype === tensor.dtype) return data.pointer
      throw new InvalidPointerError(
        `A ${tensor.dtype} tensor shares its values with one of type ${data.dtype}, from which another backend cast it; cast it again on this backend.`,
      )
    }

    ownPointer(tensor: TensorInfo): number {
      if (this.refCount(tensor.dataId) > 1) {
        throw new InvalidPointerError(
          'A tensor that shares its values cannot change in place; clone the other.',
        )
      }
      this.#get(tensor.dataId).filledRows = undefined
      return this.pointer(tensor)
    }

    noteFilledRows(tensor: TensorInfo, ...rows: TensorInfo[]): void {
      const columns = rows.map((column) => this.peek(column) as Int32Array)
      const count = columns.reduce((sum, { length }) => sum + length, 0)
      const [rowCount] = tensor.shape
      // With many rows, finding them takes as long as reading all.
      if (2 * count >= rowCount) return
      const all = new Int32Array(count)
      let start = 0
      for (const column of columns) {
        all.set(column, start)
        start += column.length
      }
      this.#get(tensor.dataId).filledRows = { rowCount, rows: all }
    }

    squaredNorm(tensor: TensorInfo): number {
      const { filledRows } = this.#get(tensor.dataId)
      const pointer = this.pointer(tensor)
      const length = util.sizeFromShape(tensor.shape)
      const [rowCount] = tensor.shape
      // A reshaped tensor has its values in other rows.
      if (filledRows && filledRows.rowCount === rowCount) {
        const columns = length / rowCount
        if (columns % 4 === 0) {
          return this.runtime.squaredSumOfRows(pointer, rowCount, columns, filledRows.rows)
        }
      }
      return this.runtime.reduce('blockSquaredSum', pointer, length)
    }

    peek(tensor: TensorInfo): BackendValues {
      return this.#get(tensor.dataId).values
    }

    allocate(shape: readonly number[], dtype: 'float32' | 'int32' = 'float32'): TensorInfo {
      const length = util.sizeFromShape(shape as number[])
      const dataId = this.#store(TensorData.allocate(this.runtime, length, dtype))
      return { dataId, shape: [...shape], dtype }
    }

    #store(data: TensorData): DataId {
      const dataId = { id: this.nextId() }
      this.data.set(dataId, data)
      return dataId
    }

    private nextId(): number {
      return (this as unknown as { nextDataId(): number }).nextDataId()
    }

    #get(dataId: DataId): TensorData {
      return this.data.get(dataId) as unknown as TensorData
    }
  }

  return new Simd(runtime)
}

/**
 * Inherited kernels may answer with a view on their input (a slice, for one). On kernel memory it
 * would change under the new tensor as soon as the input is disposed of, so it is copied.
 */
function ownValues(values: backend_util.BackendValues): backend_util.BackendValues {
  return values instanceof Float32Array || values instanceof Int32Array
    ? copyOfView(values)
    : values
}

function copyOfView<View extends Float32Array | Int32Array>(values: View): View {
  const isShared =
    typeof SharedArrayBuffer !== 'undefined' && values.buffer instanceof SharedArrayBuffer
  const isPart = values.byteLength !== values.buffer.byteLength
  return isShared || isPart ? (values.slice() as View) : values
}
