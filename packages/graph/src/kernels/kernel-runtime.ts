import { graphVersion, sharedByCopies } from '../copies.js'
import { BackendUnavailableError } from '../errors.js'
import { warn } from '../warn.js'
import type { AllocatorStatistics } from './allocator.js'
import type { KernelArguments, KernelName } from './kernel-exports.js'
import { createKernelMemory, type KernelMemory } from './kernel-memory.js'
import { maximumThreads, ThreadPool } from './thread-pool.js'

/** The number of elements in a chunk of an element-wise kernel. Smaller jobs are not worth a second thread. */
export const elementGrain = 32_768
/** The length of a block of the reductions; the same number is in `assembly/reduce.ts`. */
const reductionBlock = 4096
/** Bytes that the kernel reads beyond the flags of rows. */
const flagPadding = 63

/**
 * Kernel memory with its kernels and threads: all that a computation needs, without TensorFlow.js.
 *
 * @example
 * ```ts
 * import { elementGrain, KernelRuntime } from '@gnnrec/graph/kernels'
 *
 * const runtime = new KernelRuntime()
 * await runtime.setThreads(2)
 * const pointer = runtime.allocate(4 * 3)
 * runtime.float32(pointer, 3).set([1, 2, 3])
 * runtime.run('affine', 3, elementGrain, pointer, 10, 1, pointer) // x ← 10 x + 1
 * console.log(runtime.float32(pointer, 3)) // [ 11, 21, 31 ]
 * runtime.free(pointer)
 * await runtime.setThreads(1)
 * ```
 */
export class KernelRuntime {
  readonly #memory: KernelMemory
  readonly #pool: ThreadPool

  /**
   * @param options - `shared`: false to use a memory of one thread, true by default where the platform can
   * share memory; `maximumBytes`: the size to which the memory may grow, at most 4 GiB
   * @throws BackendUnavailableError when the platform has no WebAssembly SIMD
   */
  constructor(options: { shared?: boolean; maximumBytes?: number } = {}) {
    this.#memory = createKernelMemory(options)
    this.#pool = new ThreadPool(this.#memory)
  }

  /** True when memory is shared, so that more than one thread can compute. */
  get shared(): boolean {
    return this.#memory.shared
  }

  /** The number of threads that compute, the calling one included. */
  get threads(): number {
    return this.#pool.threads
  }

  /**
   * Sets the number of threads that compute, the calling one included. Results do not depend on it.
   *
   * @param threads - an integer in 1..64; by default the number of processors, and 1 where memory cannot be
   * shared or, with a warning, threads do not start
   * @throws GnnRecError with the code `INVALID_OPTIONS` when `threads` is out of range
   * @throws BackendUnavailableError when more than one is asked for where memory cannot be shared, or a
   * thread does not start
   */
  async setThreads(threads?: number): Promise<void> {
    try {
      await this.#pool.setThreads(threads ?? this.#defaultThreads())
    } catch (error) {
      if (threads !== undefined || !(error instanceof BackendUnavailableError)) throw error
      warn(`The kernels compute on ${this.threads} of the processors. ${error.message}`)
    }
  }

  #defaultThreads(): number {
    return this.shared ? Math.min(processorCount(), maximumThreads) : 1
  }

  /** Figures of the memory. */
  get statistics(): AllocatorStatistics {
    return this.#memory.allocator.statistics
  }

  /**
   * Allocates at least `bytes` bytes with undefined contents, aligned to 64.
   *
   * @returns the address of the block
   * @throws OutOfMemoryError when the memory cannot grow that far; nothing changes then
   * @throws InvalidOptionsError when `bytes` is not a number >= 0
   */
  allocate(bytes: number): number {
    return this.#memory.allocator.allocate(bytes)
  }

  /**
   * Frees a block.
   *
   * @throws InvalidPointerError when the block is not allocated at the moment
   */
  free(pointer: number): void {
    this.#memory.allocator.free(pointer)
  }

  /**
   * Returns a view of float32 numbers in kernel memory. It is valid until the block is freed, and where
   * memory is not shared only until the next allocation: make a new one for each use.
   */
  float32(pointer: number, length: number): Float32Array {
    return new Float32Array(this.#memory.memory.buffer, pointer, length)
  }

  /** Returns a view of float64 numbers in kernel memory, valid as long as {@link float32} says. */
  float64(pointer: number, length: number): Float64Array {
    return new Float64Array(this.#memory.memory.buffer, pointer, length)
  }

  /** Returns a view of int32 numbers in kernel memory, valid as long as {@link float32} says. */
  int32(pointer: number, length: number): Int32Array {
    return new Int32Array(this.#memory.memory.buffer, pointer, length)
  }

  /**
   * Runs a kernel over 0..count-1, cut into chunks of `grain` that all threads claim in turn. A job of one
   * chunk stays on the calling thread.
   *
   * @throws GnnRecError with the code `KERNEL_FAILED` when the kernel reaches outside of the memory
   */
  run<Name extends KernelName>(
    name: Name,
    count: number,
    grain: number,
    ...given: KernelArguments<Name>
  ): void {
    this.#pool.run(name, count, grain, ...given)
  }

  /**
   * Sums `length` floats, or their squares, in double precision and in a fixed order.
   */
  reduce(kernel: 'blockSum' | 'blockSquaredSum', pointer: number, length: number): number {
    return this.#sumOfBlocks(length, (blocks, partials) =>
      this.run(kernel, blocks, elementGrain / reductionBlock, pointer, length, partials),
    )
  }

  /**
   * Sums squares as {@link reduce} does, to the same bytes, for a table [rowCount, columns] with few rows
   * other than zero: only these are read.
   *
   * @param columns - a multiple of 4
   * @param rows - indices of all rows that are not zero. They may be repeated, and other rows may be among
   * them; indices outside of 0..rowCount-1 are ignored
   */
  squaredSumOfRows(pointer: number, rowCount: number, columns: number, rows: Int32Array): number {
    const flags = this.allocate(rowCount + flagPadding)
    try {
      const marks = new Uint8Array(this.#memory.memory.buffer, flags, rowCount).fill(0)
      for (const row of rows) marks[row] = 1
      // With this grain a chunk reads about as many numbers as those of other kernels.
      const share = Math.max(1, Math.floor(rowCount / Math.max(1, rows.length)))
      const grain = (share * elementGrain) / reductionBlock
      const length = rowCount * columns
      return this.#sumOfBlocks(length, (blocks, partials) => {
        const given = [pointer, length, columns, flags, partials] as const
        this.run('blockSquaredSumOfRows', blocks, grain, ...given)
      })
    } finally {
      this.free(flags)
    }
  }

  /** Adds the float64 sums of blocks, in ascending order. */
  #sumOfBlocks(length: number, sum: (blocks: number, partials: number) => void): number {
    if (length === 0) return 0
    const blocks = Math.ceil(length / reductionBlock)
    const partials = this.allocate(blocks * 8)
    try {
      sum(blocks, partials)
      const sums = new Float64Array(this.#memory.memory.buffer, partials, blocks)
      let total = 0
      for (let block = 0; block < blocks; block++) total += sums[block]
      return total
    } finally {
      this.free(partials)
    }
  }
}

/** Returns the number of processors, as far as the platform tells. */
function processorCount(): number {
  const os = globalThis.process?.getBuiltinModule?.('node:os')
  return os?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1
}

let sharedRuntime: KernelRuntime | undefined

/**
 * Returns the runtime that everything in this process shares: the backend `simd` and recommenders, of all copies of
 * the package.
 *
 * @throws BackendUnavailableError when the platform has no WebAssembly SIMD
 * @throws PackageCopiesError when another version of the package has made the runtime
 * @example
 * ```ts
 * import { defaultRuntime } from '@gnnrec/graph/kernels'
 *
 * console.log(defaultRuntime().threads, defaultRuntime().statistics.usedBytes)
 * ```
 */
export function defaultRuntime(): KernelRuntime {
  sharedRuntime ??= sharedByCopies(
    { package: '@gnnrec/graph', value: 'kernel-runtime' },
    graphVersion,
    () => new KernelRuntime(),
  )
  return sharedRuntime
}
