import { describe, expect, it } from 'vitest'
import { madeRecommenders } from '../src/latency/made-recommenders.ts'
import { measureLatency } from '../src/latency/measure-latency.ts'
import { memoryOfCalls } from '../src/latency/memory-of-calls.ts'

const sizes = { users: 40, items: 120, embeddingDim: 8, length: 6 }

describe.each(Object.entries(madeRecommenders(sizes, 1)))('calls of %s', (_, make) => {
  it('leave nothing in kernel memory, and nothing in the heap that grows with them', () => {
    const recommender = make()
    const { heap, kernels } = memoryOfCalls(recommender, 8000, 2000)
    expect(kernels).toBe(0)
    // 100 bytes for each call of a round would be 200,000.
    expect(heap).toBeLessThan(200_000)
    recommender.dispose()
  })

  it('are measured for users and for histories, with a filter and with rules', () => {
    const recommender = make()
    const measured = Object.values(measureLatency(recommender))
    expect(measured).toHaveLength(4)
    for (const milliseconds of measured) expect(milliseconds).toBeGreaterThan(0)
    recommender.dispose()
  })
})
