import { KernelRuntime } from '@gnnrec/graph/kernels'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { BlockCache, type BlockStore, leastBlocks } from '../../src/cache/block-cache.ts'
import { MemoryLimitError } from '../../src/errors.ts'

/** Blocks of different sizes, each filled with one number. */
class NumberStore implements BlockStore {
  readonly values = new Map<number, number>()
  readonly #sizes: readonly number[]

  constructor(sizes: readonly number[]) {
    this.#sizes = sizes
  }

  bytesOf(block: number): number {
    return this.#sizes[block] as number
  }

  load(block: number, bytes: Uint8Array): void {
    bytes.fill(this.values.get(block) ?? 0)
  }

  save(block: number, bytes: Uint8Array): void {
    expect(bytes.length).toBe(this.bytesOf(block))
    expect(new Set(bytes).size).toBe(1)
    this.values.set(block, bytes[0] as number)
  }
}

const action = fc.record({
  store: fc.nat(1),
  block: fc.nat(5),
  use: fc.constantFrom('read', 'change', 'write'),
  value: fc.integer({ min: 1, max: 255 }),
})

it('keeps what was written, whatever is forced out in between', () => {
  const runtime = new KernelRuntime({ shared: false })
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 6, maxLength: 6 }),
      fc.array(action, { maxLength: 80 }),
      fc.nat(2000),
      (sizes, actions, room) => {
        const used = runtime.statistics.usedBytes
        const cache = new BlockCache(runtime, leastBlocks * 320 + room)
        const stores = [new NumberStore(sizes), new NumberStore(sizes)]
        const expected = [new Map<number, number>(), new Map<number, number>()]
        const bytesAt = (pointer: number, length: number) =>
          new Uint8Array(runtime.int32(pointer, 0).buffer, pointer, length)
        for (const { store, block, use, value } of actions) {
          cache.with([[stores[store] as NumberStore, block, use as 'read']], (pointer) => {
            const bytes = bytesAt(pointer, sizes[block] as number)
            if (use !== 'write') expect(bytes[0]).toBe(expected[store]?.get(block) ?? 0)
            if (use !== 'read') {
              bytes.fill(value)
              expected[store]?.set(block, value)
            }
          })
        }
        for (const [index, store] of stores.entries()) {
          cache.flush(store)
          for (const [block, value] of expected[index] ?? [])
            expect(store.values.get(block)).toBe(value)
        }
        cache.dispose()
        expect(runtime.statistics.usedBytes).toBe(used)
      },
    ),
  )
})

it('never forces out a block that is held, and says so when nothing else is left', () => {
  const runtime = new KernelRuntime({ shared: false })
  const cache = new BlockCache(runtime, 4 * 64)
  const store = new NumberStore([64, 64, 64, 64, 64])
  const held = [0, 1, 2, 3].map((block) => cache.hold(store, block, 'write'))
  expect(new Set(held.map(({ pointer }) => pointer)).size).toBe(4)
  expect(() => cache.hold(store, 4, 'read')).toThrow(MemoryLimitError)
  cache.release(held[2] as (typeof held)[0])
  expect(cache.hold(store, 4, 'read').pointer).toBe(held[2]?.pointer)
  cache.dispose()
})

it('reads nothing that is written as a whole, and saves nothing that is discarded', () => {
  const runtime = new KernelRuntime({ shared: false })
  const cache = new BlockCache(runtime, 1000)
  const store = new NumberStore([64, 64])
  cache.with([[store, 0, 'write']], () => undefined)
  cache.discard(store)
  cache.with([[store, 1, 'read']], () => undefined)
  cache.flush(store)
  expect(cache.statistics).toEqual({ readBytes: 64, writtenBytes: 0 })
  expect(store.values.size).toBe(0)
  cache.dispose()
})
