import { evaluate } from '@gnnrec/eval'
import { BipartiteGraph, Rng, rowCount } from '@gnnrec/graph'
import { ItemKnn } from '@gnnrec/models'
import { expect, it } from 'vitest'
import { withoutUsers } from '../src/fold-in/held-out-users.js'
import { measureFoldIn } from '../src/fold-in/measure-fold-in.js'
import { shareOf } from '../src/fold-in/share-of.js'
import { drawnSplit } from './support/drawn-split.js'

const madeSplit = () =>
  drawnSplit(600, Rng.fromSeed(2), (rng) => [rng.integer(40), rng.integer(60)])

it('measures users who were left out by the same NDCG as an evaluation', async () => {
  const split = madeSplit()
  const reduced = withoutUsers(split, 0.2, 1)
  expect(reduced.users).toHaveLength(8)
  expect(rowCount(reduced.split.train)).toBeLessThan(rowCount(split.train))
  const [whole, without] = await Promise.all(
    [split, reduced.split].map(({ train }) =>
      new ItemKnn(BipartiteGraph.fromInteractions(train)).toRecommender(),
    ),
  )
  const quality = measureFoldIn(whole, without, split, reduced.users)
  const users = Array.from(reduced.users, (user) => split.test.users.idOf(user))
  const { metrics } = await evaluate(whole, { split, on: 'test', metrics: ['ndcg@20'], users })
  const sum = quality.retrained.reduce((total, ndcg) => total + ndcg, 0)
  expect(sum / quality.retrained.length).toBeCloseTo(metrics['ndcg@20'] as number, 10)
  expect(quality.folded).toHaveLength(quality.retrained.length)
  expect(Math.max(...quality.folded)).toBeGreaterThan(0)
  expect(quality.differing).toBe(0)
})

it('gives a share with an interval over the users, which is narrow where all have the same share', () => {
  const others = Array.from({ length: 200 }, (_, user) => 0.1 + (user % 7) / 10)
  const same = shareOf(
    others.map((value) => 0.9 * value),
    others,
    1,
  )
  for (const value of Object.values(same)) expect(value).toBeCloseTo(0.9, 9)
  const swapped = shareOf([...others].reverse(), others, 1)
  expect(swapped.share).toBeCloseTo(1, 9)
  expect(swapped.least).toBeLessThan(1)
  expect(swapped.most).toBeGreaterThan(1)
  expect(shareOf([...others].reverse(), others, 1)).toEqual(swapped)
})
