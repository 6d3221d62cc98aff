import { describe, expect, it } from 'vitest'
import { generatedEmbeddings } from '../src/ann/generated-embeddings.js'
import { measureIndex } from '../src/ann/measure-index.js'

describe('the benchmark of the index', () => {
  it('has a row for exact lists and one for an index that reaches the recall', async () => {
    const rows = []
    const settings = { items: 3000, dim: 16, sample: 30, seed: 1, threads: 1 }
    for await (const row of measureIndex(settings)) rows.push(row)
    expect(rows.map(({ name }) => name)).toEqual(['exact', 'index'])
    const { metrics = {}, settings: found } = rows[1] ?? {}
    expect(found).toMatchObject({ engine: 'usearch' })
    expect(metrics['measured recall@20']).toBeGreaterThanOrEqual(0.98)
    expect(metrics['recall@20']).toBeGreaterThan(0.9)
    expect(metrics['share by the index']).toBe(1)
    expect(metrics['MB saved']).toBeGreaterThan(0)
  })

  it('generates the same items for the same seed, with lengths of several orders', () => {
    const sizes = { users: 4, items: 2000, dim: 8 }
    const { items } = generatedEmbeddings(sizes, 1).scoredRows()
    expect(generatedEmbeddings(sizes, 1).scoredRows().items).toEqual(items)
    expect(generatedEmbeddings(sizes, 2).scoredRows().items).not.toEqual(items)
    const lengths = Array.from({ length: 2000 }, (_, item) =>
      Math.hypot(...items.subarray(item * 8, item * 8 + 8)),
    ).sort((a, b) => a - b)
    expect((lengths[1999] as number) / (lengths[0] as number)).toBeGreaterThan(10)
    expect(lengths[1000]).toBeCloseTo(1, 1)
  })
})
