import type { AllocatorStatistics } from './allocator.js'
import type { KernelArguments, KernelName } from './kernel-exports.js'
import { createKernelMemory, type KernelMemory } from './kernel-memory.js'
import { ThreadPool } from './thread-pool.js'

/** Elements that one chunk of an element-wise kernel has: small jobs are not worth a second thread. */
export const elementGrain = 32_768
/** Length of a block of the reductions; the same number stands in `assembly/reduce.ts`. */
const reductionBlock = 4096
/** Bytes after the flags of rows that the kernel reads along with them. */
const flagPadding = 63

/** Kernel memory with its kernels and threads: all that a computation needs, without TensorFlow.js. */
export class KernelRuntime {
  readonly #memory: KernelMemory
  readonly #pool: ThreadPool

  /** @throws BackendUnavailableError when the platform has no WebAssembly SIMD */
  constructor(options: { shared?: boolean; maximumBytes?: number } = {}) {
    this.#memory = createKernelMemory(options)
    this.#pool = new ThreadPool(this.#memory)
  }

  /** Whether memory is shared, so that more than one thread can compute. */
  get shared(): boolean {
    return this.#memory.shared
  }

  get threads(): number {
    return this.#pool.threads
  }

  /** Sets how many threads compute, the calling one included; results do not depend on it. */
  setThreads(threads: number): Promise<void> {
    return this.#pool.setThreads(threads)
  }

  get statistics(): AllocatorStatistics {
    return this.#memory.allocator.statistics
  }

  /**
   * Hands out at least `bytes` bytes with undefined contents, aligned to 64.
   *
   * @throws OutOfMemoryError when the memory cannot grow that far; nothing changes then
   */
  allocate(bytes: number): number {
    return this.#memory.allocator.allocate(bytes)
  }

  /** Takes a block back. @throws InvalidPointerError when it is not handed out at the moment */
  free(pointer: number): void {
    this.#memory.allocator.free(pointer)
  }

  /**
   * A view on kernel memory. It is valid until the block is freed, and where memory is not shared
   * only until the next allocation: make a new one for each use.
   */
  float32(pointer: number, length: number): Float32Array {
    return new Float32Array(this.#memory.memory.buffer, pointer, length)
  }

  /** As {@link float32}, for int32. */
  int32(pointer: number, length: number): Int32Array {
    return new Int32Array(this.#memory.memory.buffer, pointer, length)
  }

  /**
   * Runs a kernel over 0..count-1, cut into chunks of `grain` that all threads claim in turn; a job
   * of one chunk stays on the calling thread.
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
   * Sum of `length` floats, or of their squares, in double precision and in a fixed order.
   */
  reduce(kernel: 'blockSum' | 'blockSquaredSum', pointer: number, length: number): number {
    return this.#sumOfBlocks(length, (blocks, partials) =>
      this.run(kernel, blocks, elementGrain / reductionBlock, pointer, length, partials),
    )
  }

  /**
   * As {@link reduce} of squares, to the same bytes, for a table [rowCount, columns] all of whose rows but
   * some are zero: only these are read.
   *
   * @param columns - a multiple of 4
   * @param rows - indices of all rows that are not zero, and perhaps others; repeated or not, those
   * outside of 0..rowCount-1 are ignored
   */
  squaredSumOfRows(pointer: number, rowCount: number, columns: number, rows: Int32Array): number {
    const flags = this.allocate(rowCount + flagPadding)
    try {
      const marks = new Uint8Array(this.#memory.memory.buffer, flags, rowCount).fill(0)
      for (const row of rows) marks[row] = 1
      // Chunks of about as many numbers to read as elsewhere.
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

  /** Σ of float64 sums of blocks, in ascending order. */
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

let sharedRuntime: KernelRuntime | undefined

/** The runtime that everything in this process shares: the backend `simd` and serving. */
export function defaultRuntime(): KernelRuntime {
  sharedRuntime ??= new KernelRuntime()
  return sharedRuntime
}
