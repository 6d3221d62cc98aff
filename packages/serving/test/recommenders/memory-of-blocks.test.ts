import type { InteractionLists } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { describe, expect, it, vi } from 'vitest'
import { type Askers, bestLists } from '../../src/recommenders/best-lists.js'
import { everyItem } from '../../src/recommenders/cold-start.js'
import { filterData } from '../../src/recommenders/spectral/filter-data.js'
import { KernelFilter } from '../../src/recommenders/spectral/kernel-filter.js'

describe('the scores of several people', () => {
  /** Makes people whose best item is that of their place; it keeps the lengths of the blocks that are asked for. */
  function people(count: number, itemCount: number): Askers & { readonly lengths: number[] } {
    const lengths: number[] = []
    return {
      lengths,
      count,
      excludeOf: () => new Int32Array(),
      rank: () => undefined,
      score: (first, last, _items, out) => {
        lengths.push(out.length)
        out.fill(0)
        for (let place = first; place < last; place++) out[(place - first) * itemCount + place] = 1
      },
    }
  }

  it('are 4 MB at a time at most', () => {
    const asked = people(300, 10_000)
    const lists = bestLists(asked, { k: 1, choice: everyItem }, 10_000)
    expect(lists.map(({ items }) => items[0])).toEqual(Array.from({ length: 300 }, (_, at) => at))
    expect(asked.lengths).toHaveLength(3)
    expect(Math.max(...asked.lengths)).toBeLessThanOrEqual(2 ** 20)
  })

  it('are those of one person at a time where they alone are more', () => {
    const count = 2 ** 20 + 1
    const asked = people(3, count)
    const lists = bestLists(asked, { k: 1, choice: everyItem }, count)
    expect(lists.map(({ items }) => items[0])).toEqual([0, 1, 2])
    expect(asked.lengths).toEqual([count, count, count])
  })
})

describe('the kernel memory of a filter', () => {
  const itemCount = 500_000
  const rule = { polynomial: [0.5, -0.5], sharpening: [1], degreeExponent: 0, ideal: undefined }
  const seen: InteractionLists = {
    pointers: Int32Array.of(0, 2, 4),
    items: Int32Array.of(0, 1, 1, itemCount - 1),
  }
  const histories: InteractionLists = {
    pointers: Int32Array.from({ length: 65 }, (_, place) => place),
    items: new Int32Array(64).fill(1),
  }

  it.each([1, 100_000])('is bounded in bytes for 64 histories and lists of %i', (k) => {
    const runtime = defaultRuntime()
    const filter = new KernelFilter(filterData(rule, seen, itemCount, undefined))
    let held = 0
    let largest = 0
    const sizes = new Map<number, number>()
    const { allocate, free } = runtime
    vi.spyOn(runtime, 'allocate').mockImplementation((bytes) => {
      const start = allocate.call(runtime, bytes)
      sizes.set(start, bytes)
      held += bytes
      largest = Math.max(largest, held)
      return start
    })
    vi.spyOn(runtime, 'free').mockImplementation((start) => {
      held -= sizes.get(start) ?? 0
      free.call(runtime, start)
    })
    const ranked = filter.rank(histories, k, () => Int32Array.of(1), undefined)
    vi.restoreAllMocks()
    expect(ranked?.items[63 * k]).toBe(0)
    expect(largest).toBeGreaterThan(0)
    expect(largest).toBeLessThanOrEqual(2 ** 28)
    filter.free()
  })
})
