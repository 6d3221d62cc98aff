import type { KernelRuntime } from '@gnnrec/graph/kernels'
import { MemoryLimitError } from '../errors.js'
import { closedError } from '../files/system-error.js'
import { Arena } from './arena.js'

/** A store that keeps blocks when they are not in memory. */
export interface BlockStore {
  /** Returns the size of a block in bytes. */
  bytesOf(block: number): number
  /** Reads a block into memory. */
  load(block: number, bytes: Uint8Array): void
  /** Writes a block that has changed. */
  save(block: number, bytes: Uint8Array): void
}

/** A block in kernel memory, valid until it is released. */
export interface HeldBlock {
  readonly pointer: number
  readonly bytes: number
}

interface Frame extends HeldBlock {
  readonly store: BlockStore
  readonly block: number
  holders: number
  isChanged: boolean
  lastUse: number
}

/**
 * Use of a block: `'read'`, `'change'`, or `'write'`, which replaces all of it, so that its old content need
 * not be read.
 */
export type BlockUse = 'read' | 'change' | 'write'

/** Bytes that a cache has moved so far. */
export interface CacheStatistics {
  readonly readBytes: number
  readonly writtenBytes: number
}

/** Largest number of blocks that are held at once. */
const blocksHeld = 5

/**
 * Least number of largest blocks that have to fit. The blocks that are held cut the memory into as many gaps
 * and one more; with room for so many blocks, one of the gaps has room for another block.
 */
export const leastBlocks = 2 * blocksHeld + 1

/** A cache of blocks in one range of kernel memory; the least recently used make room for others. */
export class BlockCache {
  readonly capacity: number
  readonly runtime: KernelRuntime
  readonly #start: number
  readonly #arena: Arena
  readonly #frames = new Map<BlockStore, Map<number, Frame>>()
  #isDisposed = false
  #clock = 0
  #readBytes = 0
  #writtenBytes = 0

  /** @param capacity - size in bytes; memory that is never used is only reserved as addresses */
  constructor(runtime: KernelRuntime, capacity: number) {
    this.runtime = runtime
    this.capacity = capacity
    this.#start = runtime.allocate(capacity)
    this.#arena = new Arena(this.#start, capacity)
  }

  get statistics(): CacheStatistics {
    return { readBytes: this.#readBytes, writtenBytes: this.#writtenBytes }
  }

  /**
   * Holds a block in memory until {@link release}.
   *
   * @throws DisposedError after {@link dispose}
   */
  hold(store: BlockStore, block: number, use: BlockUse): HeldBlock {
    this.#checkUsable()
    let frames = this.#frames.get(store)
    if (!frames) {
      frames = new Map()
      this.#frames.set(store, frames)
    }
    let frame = frames.get(block)
    if (!frame) {
      const bytes = store.bytesOf(block)
      const pointer = this.#room(bytes)
      frame = { store, block, pointer, bytes, holders: 0, isChanged: false, lastUse: 0 }
      if (use !== 'write') {
        try {
          store.load(block, this.#view(frame))
        } catch (error) {
          this.#arena.giveBack(pointer, bytes)
          throw error
        }
        this.#readBytes += bytes
      }
      frames.set(block, frame)
    }
    if (use !== 'read') frame.isChanged = true
    frame.holders++
    frame.lastUse = ++this.#clock
    return frame
  }

  release(held: HeldBlock): void {
    ;(held as Frame).holders--
  }

  /** Holds blocks while a computation runs. */
  with<Result>(
    wanted: readonly (readonly [store: BlockStore, block: number, use: BlockUse])[],
    compute: (...pointers: number[]) => Result,
  ): Result {
    const held: HeldBlock[] = []
    try {
      for (const [store, block, use] of wanted) held.push(this.hold(store, block, use))
      return compute(...held.map(({ pointer }) => pointer))
    } finally {
      for (const block of held) this.release(block)
    }
  }

  /** Takes memory for numbers that belong to no store; it counts as a held block. */
  scratch(bytes: number): { readonly pointer: number; free(): void } {
    this.#checkUsable()
    const pointer = this.#room(bytes)
    return { pointer, free: () => this.#arena.giveBack(pointer, bytes) }
  }

  /** Writes the changed blocks of a store, and keeps them in memory. */
  flush(store: BlockStore): void {
    for (const frame of this.#frames.get(store)?.values() ?? []) this.#keep(frame)
  }

  /** Drops the blocks of a store, changed or not. */
  discard(store: BlockStore): void {
    for (const frame of this.#frames.get(store)?.values() ?? []) {
      this.#arena.giveBack(frame.pointer, frame.bytes)
    }
    this.#frames.delete(store)
  }

  /** Frees the memory; nothing is written. */
  dispose(): void {
    if (this.#isDisposed) return
    this.#isDisposed = true
    this.#frames.clear()
    this.runtime.free(this.#start)
  }

  #checkUsable(): void {
    if (this.#isDisposed) throw closedError()
  }

  #room(bytes: number): number {
    for (;;) {
      const pointer = this.#arena.take(bytes)
      if (pointer !== undefined) return pointer
      const oldest = this.#oldest()
      if (!oldest) {
        const smallest = leastBlocks * bytes
        throw new MemoryLimitError(
          `A block of ${bytes} bytes has no room beside those in use in ${this.capacity} bytes; allow at least ${smallest}.`,
          smallest,
        )
      }
      this.#keep(oldest)
      this.#arena.giveBack(oldest.pointer, oldest.bytes)
      this.#frames.get(oldest.store)?.delete(oldest.block)
    }
  }

  #oldest(): Frame | undefined {
    let oldest: Frame | undefined
    for (const frames of this.#frames.values()) {
      for (const frame of frames.values()) {
        if (frame.holders === 0 && (!oldest || frame.lastUse < oldest.lastUse)) oldest = frame
      }
    }
    return oldest
  }

  #keep(frame: Frame): void {
    if (!frame.isChanged) return
    frame.store.save(frame.block, this.#view(frame))
    frame.isChanged = false
    this.#writtenBytes += frame.bytes
  }

  #view({ pointer, bytes }: HeldBlock): Uint8Array {
    const { buffer } = this.runtime.int32(pointer, 0)
    return new Uint8Array(buffer, pointer, bytes)
  }
}
