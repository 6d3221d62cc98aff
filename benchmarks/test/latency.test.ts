import { describe, expect, it } from 'vitest'
import { madeRecommenders } from '../src/latency/made-recommenders.ts'
import { measureLatency } from '../src/latency/measure-latency.ts'
import { memoryOfCalls } from '../src/latency/memory-of-calls.ts'

const sizes = { users: 40, items: 120, embeddingDim: 8, length: 6 }

describe.each(Object.entries(madeRecommenders(sizes, 1)))('calls of %s', (name, make) => {
  it('leave nothing in kernel memory, and nothing in the heap that grows with them', () => {
    const recommender = make()
    const { heap, kernels } = memoryOfCalls(recommender, 8000, 2000)
    expect(kernels).toBe(0)
    expect(heap).toBeLessThan(100)
    recommender.dispose()
  })

  it('are measured for users, histories and similar items, with a filter and with rules', () => {
    const recommender = make()
    const { similar, similarFiltered, ...always } = measureLatency(recommender, 3)
    const some = similar && similarFiltered ? [similar, similarFiltered] : []
    for (const { least, median } of [...Object.values(always), ...some]) {
      expect(least).toBeGreaterThan(0)
      expect(median).toBeGreaterThanOrEqual(least)
    }
    expect(some).toHaveLength(['popularity', 'similar users'].includes(name) ? 0 : 2)
    recommender.dispose()
  })
})
