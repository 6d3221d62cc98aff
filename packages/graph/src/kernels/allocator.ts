import { InvalidOptionsError, InvalidPointerError, OutOfMemoryError } from '../errors.js'

const alignment = 64
const pageBytes = 65_536

/** Figures of an allocator. */
export interface AllocatorStatistics {
  /** Bytes that are allocated, rounded up to multiples of 64. */
  readonly usedBytes: number
  /** Number of blocks that are allocated. */
  readonly usedBlocks: number
  /** Bytes of the WebAssembly memory, which never shrinks. */
  readonly memoryBytes: number
  /** Bytes to which the WebAssembly memory can grow. */
  readonly maximumBytes: number
}

/**
 * An allocator of blocks in one WebAssembly memory.
 *
 * It takes the free block that fits best and joins neighbours when they are freed, so that a training
 * loop, which asks for the same sizes in every step, stops growing after the first step. Blocks are
 * aligned to 64 bytes. A call takes O(free blocks); there are tens of them.
 */
export class Allocator {
  readonly #memory: WebAssembly.Memory
  readonly #maximumBytes: number
  /** Free blocks by address; no two are adjacent. */
  readonly #free: { start: number; size: number }[] = []
  readonly #used = new Map<number, number>()
  #end: number
  #usedBytes = 0

  /**
   * @param memory - the memory to allocate in
   * @param reservedBytes - bytes at its start that are never allocated
   * @param maximumBytes - the highest end of a block
   */
  constructor(memory: WebAssembly.Memory, reservedBytes: number, maximumBytes: number) {
    this.#memory = memory
    this.#maximumBytes = maximumBytes
    this.#end = roundUp(reservedBytes)
  }

  /** Figures of the allocator. */
  get statistics(): AllocatorStatistics {
    return {
      usedBytes: this.#usedBytes,
      usedBlocks: this.#used.size,
      memoryBytes: this.#memory.buffer.byteLength,
      maximumBytes: this.#maximumBytes,
    }
  }

  /**
   * Allocates `bytes` bytes (at least one block) with undefined contents.
   *
   * @returns the address of the block
   * @throws OutOfMemoryError when the memory cannot grow that far; nothing changes then
   * @throws InvalidOptionsError when `bytes` is not a number >= 0
   */
  allocate(bytes: number): number {
    if (!(bytes >= 0)) {
      throw new InvalidOptionsError(`bytes: got ${bytes} to allocate; expected a number >= 0.`)
    }
    const size = roundUp(Math.max(bytes, 1))
    const start = this.#takeFree(size) ?? this.#takeEnd(size)
    this.#used.set(start, size)
    this.#usedBytes += size
    return start
  }

  /**
   * Frees a block.
   *
   * @throws InvalidPointerError when the block is not allocated at the moment
   */
  free(start: number): void {
    const size = this.#used.get(start)
    if (size === undefined) {
      throw new InvalidPointerError(
        `Cannot free address ${start}: it is not handed out (freed twice, or never allocated).`,
      )
    }
    this.#used.delete(start)
    this.#usedBytes -= size
    this.#giveBack(start, size)
  }

  #takeFree(size: number): number | undefined {
    let best = -1
    for (let i = 0; i < this.#free.length; i++) {
      const candidate = this.#free[i].size
      if (candidate >= size && (best < 0 || candidate < this.#free[best].size)) best = i
    }
    const block = this.#free[best]
    if (block === undefined) return undefined
    const { start } = block
    if (block.size === size) this.#free.splice(best, 1)
    else this.#free[best] = { start: start + size, size: block.size - size }
    return start
  }

  #takeEnd(size: number): number {
    // A free block that touches the end is used first, so that the memory grows only by the rest.
    const last = this.#free.at(-1)
    const joins = last !== undefined && last.start + last.size === this.#end
    const start = joins ? last.start : this.#end
    this.#grow(start + size, size)
    if (joins) this.#free.pop()
    this.#end = start + size
    return start
  }

  #grow(end: number, size: number): void {
    if (end > this.#maximumBytes) throw this.#outOfMemory(size)
    const current = this.#memory.buffer.byteLength
    if (end <= current) return
    // An eighth more than needed saves calls. When that is too much, the exact need is tried.
    const generous = Math.min(end + Math.floor(current / 8), this.#maximumBytes)
    const pages = (target: number) => Math.ceil((target - current) / pageBytes)
    try {
      this.#memory.grow(pages(generous))
    } catch {
      try {
        this.#memory.grow(pages(end))
      } catch (cause) {
        throw this.#outOfMemory(size, cause)
      }
    }
  }

  #outOfMemory(size: number, cause?: unknown): OutOfMemoryError {
    const mib = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`
    return new OutOfMemoryError(
      `Cannot allocate ${mib(size)} of kernel memory: ${mib(this.#usedBytes)} are in use and the limit is ${mib(this.#maximumBytes)}. ` +
        'Dispose tensors and models that are no longer needed, or use a smaller embeddingDim or batch.',
      { cause },
    )
  }

  #giveBack(start: number, size: number): void {
    let at = 0
    while (at < this.#free.length && this.#free[at].start < start) at++
    const before = this.#free[at - 1]
    const after = this.#free[at]
    const joinsBefore = before !== undefined && before.start + before.size === start
    const joinsAfter = after !== undefined && start + size === after.start
    if (joinsBefore && joinsAfter) {
      before.size += size + after.size
      this.#free.splice(at, 1)
    } else if (joinsBefore) {
      before.size += size
    } else if (joinsAfter) {
      after.start = start
      after.size += size
    } else {
      this.#free.splice(at, 0, { start, size })
    }
  }
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment
}
