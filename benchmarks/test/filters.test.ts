import { randomSplit } from '@gnnrec/data'
import { fromRecords, Rng } from '@gnnrec/graph'
import { expect, it } from 'vitest'
import { measureFilters } from '../src/filters/measure-filters.js'

it('chooses a filter on validation and measures it on the test part', async () => {
  const rng = Rng.fromSeed(1)
  const table = fromRecords(
    Array.from({ length: 900 }, () => ({ user: rng.integer(40), item: rng.integer(30) })),
  )
  const split = randomSplit(table, { scope: 'user', ratios: [0.8, 0, 0.2], seed: 1 })
  const candidates = [
    { filter: 'linear' },
    { filter: 'gf-cf', vectors: 3 },
    { filter: 'chebyshev', vectors: 3 },
  ] as const
  const rows = []
  for await (const row of measureFilters({
    dataset: 'made',
    split,
    candidates,
    seed: 1,
    threads: 1,
  })) {
    rows.push(row)
  }
  expect(rows).toHaveLength(5)
  const [linear, gfCf, chebyshev, chosen, times] = rows
  const ndcg = [linear, gfCf, chebyshev].map((row) => row?.metrics?.['ndcg@20'] as number)
  const best = candidates[ndcg.indexOf(Math.max(...ndcg))]
  expect(chosen?.name).toBe(`${best?.filter}, chosen, test`)
  expect(chosen?.metrics?.['recall@20']).toBeGreaterThan(0)
  expect(Object.keys(times?.metrics ?? {})).toEqual([
    'ms exact',
    'ms compiled',
    'overlap at 20',
    'seconds of compiling',
  ])
})
