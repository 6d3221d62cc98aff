import { Rng } from '@gnnrec/graph'
import { expect, it } from 'vitest'
import { chooseAndTest } from '../src/choose/choose-and-test.js'
import { drawnSplit } from './support/drawn-split.js'

/** Makes a split of users and items in three camps. */
const campSplit = () =>
  drawnSplit(900, Rng.fromSeed(4), (rng) => {
    const user = rng.integer(60)
    const camp = rng.uniform() < 0.85 ? user % 3 : rng.integer(3)
    return [user, 3 * rng.integer(15) + camp]
  })

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
