import { evaluate } from '@gnnrec/eval'
import { BipartiteGraph, fromRecords, Rng, rowCount, splitRows } from '@gnnrec/graph'
import { ItemKnn } from '@gnnrec/models'
import { expect, it } from 'vitest'
import { withoutUsers } from '../src/fold-in/held-out-users.js'
import { measureFoldIn } from '../src/fold-in/measure-fold-in.js'

function madeSplit() {
  const rng = Rng.fromSeed(2)
  const pairs = new Set<string>()
  while (pairs.size < 600) pairs.add(`${rng.integer(40)} ${rng.integer(60)}`)
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
  expect(quality.retrained).toBeCloseTo(metrics['ndcg@20'] as number, 10)
  expect(quality.folded).toBeGreaterThan(0)
  expect(quality.differing).toBe(0)
})
