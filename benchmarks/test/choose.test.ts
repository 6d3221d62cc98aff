import { fromRecords, Rng, splitRows } from '@gnnrec/graph'
import { expect, it } from 'vitest'
import { chooseAndTest } from '../src/choose/choose-and-test.js'

/** Makes a split of users and items in three camps. */
function campSplit() {
  const rng = Rng.fromSeed(4)
  const pairs = new Set<string>()
  while (pairs.size < 900) {
    const user = rng.integer(60)
    const camp = rng.uniform() < 0.85 ? user % 3 : rng.integer(3)
    pairs.add(`${user} ${3 * rng.integer(15) + camp}`)
  }
  const table = fromRecords(
    [...pairs].map((pair) => {
      const [user, item] = pair.split(' ').map(Number)
      return { user, item }
    }),
  )
  const rows = Array.from({ length: pairs.size }, (_, row) => row)
  const part = (from: number, to: number) => rows.filter((row) => row % 10 >= from && row % 10 < to)
  const parts = { train: part(0, 6), validation: part(6, 8), test: part(8, 10) }
  return splitRows(table, parts, { name: 'made up' })
}

it('tells what the choice and every other candidate lose on the test part', async () => {
  const rows = await chooseAndTest({
    dataset: 'camps',
    split: campSplit(),
    seed: 0,
    metric: 'ndcg@10',
    candidates: [
      { model: 'popularity' },
      { model: 'item-knn' },
      { model: 'ease', options: { l2Weight: 50 } },
    ],
  })
  expect(rows.map(({ model }) => model)).toEqual(['popularity', 'item-knn', 'ease'])
  const regrets = rows.map(({ metrics }) => metrics?.['regret %'] ?? Number.NaN)
  expect(Math.min(...regrets)).toBe(0)
  expect(regrets[0]).toBeGreaterThan(20)
  const chosen = rows.filter(({ name }) => name.endsWith(', chosen'))
  expect(chosen).toHaveLength(1)
  expect(chosen[0].model).not.toBe('popularity')
})
