import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidPointerError, OutOfMemoryError } from '../../src/errors.js'
import { Allocator } from '../../src/kernels/allocator.js'
import { KernelRuntime } from '../../src/kernels.js'

const page = 65_536

function allocator({ reserved = 64, maximum = 64 * page } = {}): Allocator {
  return new Allocator(new WebAssembly.Memory({ initial: 1 }), reserved, maximum)
}

describe('Allocator', () => {
  it('hands out aligned blocks above the reserved bytes', () => {
    const memory = allocator({ reserved: 100 })
    expect([memory.allocate(1), memory.allocate(65), memory.allocate(0)]).toEqual([128, 192, 320])
    expect(memory.statistics).toEqual({
      usedBytes: 256,
      usedBlocks: 3,
      memoryBytes: page,
      maximumBytes: 64 * page,
    })
  })

  it('takes the smallest free block that is large enough', () => {
    const memory = allocator()
    const blocks = [640, 64, 192, 64, 256, 64].map((bytes) => memory.allocate(bytes))
    for (const i of [0, 2, 4]) memory.free(blocks[i])
    expect(memory.allocate(190)).toBe(blocks[2])
    expect(memory.allocate(190)).toBe(blocks[4])
    expect(memory.allocate(190)).toBe(blocks[0])
    // What was left of the two larger ones: 64 bytes and 448 bytes.
    expect(memory.allocate(64)).toBe(blocks[4] + 192)
    expect(memory.allocate(448)).toBe(blocks[0] + 192)
  })

  it.each([
    ['before', [0, 1]],
    ['after', [1, 0]],
    ['on both sides', [0, 2, 1]],
  ])('joins a freed block with free neighbours %s', (_where, order) => {
    const memory = allocator()
    const blocks = [0, 1, 2, 3].map(() => memory.allocate(64))
    for (const i of order) memory.free(blocks[i])
    expect(memory.allocate(64 * order.length)).toBe(blocks[0])
    expect(memory.allocate(1)).toBe(blocks[3] + 64)
  })

  it('uses a free block at the end up before it takes new memory', () => {
    const memory = allocator()
    memory.allocate(64)
    const last = memory.allocate(64)
    memory.free(last)
    expect(memory.allocate(6400)).toBe(last)
    expect(memory.statistics.usedBytes).toBe(6464)
  })

  it('stops growing when the same sizes come again, in any order of frees', () => {
    const memory = allocator({ maximum: 1024 * page })
    const sizes = [300_000, 64, 70_000, 4096, 300_000, 128, 9000]
    const step = (shift: number) => {
      const blocks = sizes.map((size) => memory.allocate(size))
      blocks.forEach((_, i) => {
        memory.free(blocks[(i * 3 + shift) % blocks.length])
      })
    }
    step(0)
    const { memoryBytes } = memory.statistics
    for (let i = 1; i < 100; i++) step(i)
    expect(memory.statistics).toMatchObject({ usedBytes: 0, usedBlocks: 0, memoryBytes })
  })

  it('grows by what is missing where an eighth more would pass the limit', () => {
    const memory = allocator({ reserved: page, maximum: 3 * page })
    memory.allocate(page)
    expect(memory.statistics.memoryBytes).toBeLessThanOrEqual(3 * page)
    memory.allocate(page)
    expect(memory.statistics).toEqual({
      usedBytes: 2 * page,
      usedBlocks: 2,
      memoryBytes: 3 * page,
      maximumBytes: 3 * page,
    })
  })

  it('refuses to free a block twice, one never handed out, or a place inside of one', () => {
    const memory = allocator()
    const block = memory.allocate(256)
    for (const wrong of [block + 64, 0, 1e9, NaN]) {
      expect(() => memory.free(wrong)).toThrow(InvalidPointerError)
    }
    memory.free(block)
    expect(() => memory.free(block)).toThrow(`Cannot free address ${block}`)
    expect(memory.statistics.usedBytes).toBe(0)
    expect(memory.allocate(256)).toBe(block)
  })

  it('agrees with a simple model after any sequence of calls', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ allocate: fc.oneof(fc.nat(500), fc.nat(3 * page)) }),
        fc.record({ free: fc.nat(1000) }),
      ),
      { maxLength: 120 },
    )
    fc.assert(
      fc.property(steps, (calls) => {
        const limit = 12 * page
        const memory = allocator({ maximum: limit })
        const blocks: { start: number; size: number }[] = []
        for (const call of calls) {
          if ('allocate' in call) {
            const size = Math.max(64, Math.ceil(call.allocate / 64) * 64)
            // First fit over the gaps tells whether any allocator could have served the call.
            const gaps = gapsOf(blocks, 64, limit)
            if (!gaps.some((gap) => gap >= size)) {
              expect(() => memory.allocate(call.allocate)).toThrow(OutOfMemoryError)
              continue
            }
            blocks.push({ start: memory.allocate(call.allocate), size })
          } else if (blocks.length > 0) {
            const [block] = blocks.splice(call.free % blocks.length, 1)
            memory.free(block.start)
          }
          blocks.sort((a, b) => a.start - b.start)
          const { usedBytes, usedBlocks, memoryBytes } = memory.statistics
          expect(usedBytes).toBe(blocks.reduce((sum, { size }) => sum + size, 0))
          expect(usedBlocks).toBe(blocks.length)
          expect(memoryBytes).toBeLessThanOrEqual(limit)
          blocks.forEach(({ start, size }, i) => {
            expect(start % 64).toBe(0)
            expect(start).toBeGreaterThanOrEqual(i === 0 ? 64 : end(blocks[i - 1]))
            expect(start + size).toBeLessThanOrEqual(memoryBytes)
          })
        }
        for (const { start } of blocks) memory.free(start)
        // All joined again: one block of all there is.
        expect(memory.allocate(limit - 64)).toBe(64)
      }),
    )
  })
})

function end({ start, size }: { start: number; size: number }): number {
  return start + size
}

function gapsOf(blocks: { start: number; size: number }[], from: number, to: number): number[] {
  const starts = [...blocks.map(({ start }) => start), to]
  const ends = [from, ...blocks.map(end)]
  return starts.map((start, i) => start - ends[i])
}

describe.each([{ shared: true }, { shared: false }])('a full memory (%j)', ({ shared }) => {
  it('tells size, use and limit, changes nothing, and goes on working', () => {
    const runtime = new KernelRuntime({ shared, maximumBytes: 4 * 2 ** 20 })
    const kept = runtime.allocate(2 ** 20)
    runtime.float32(kept, 4).set([1, 2, 3, 4])
    const before = runtime.statistics
    expect(() => runtime.allocate(3.5 * 2 ** 20)).toThrow(
      /Cannot allocate 4 MiB of kernel memory: 1 MiB are in use and the limit is 4 MiB\./,
    )
    expect(() => runtime.allocate(5 * 2 ** 30)).toThrow(OutOfMemoryError)
    expect(runtime.statistics).toEqual(before)
    const next = runtime.allocate(2 ** 20)
    runtime.run('affine', 4, 4, kept, 2, 0, next)
    expect([...runtime.float32(next, 4)]).toEqual([2, 4, 6, 8])
    runtime.free(kept)
    runtime.free(next)
    runtime.free(runtime.allocate(2.5 * 2 ** 20))
  })
})
