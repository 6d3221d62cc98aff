import { evaluate } from '@gnnrec/eval'
import { fromRecords, type Ranker, splitRows } from '@gnnrec/graph'

const table = fromRecords([
  { user: 'ann', item: 'Alien' },
  { user: 'ann', item: 'Brazil' },
  { user: 'ann', item: 'Casablanca' },
  { user: 'bob', item: 'Alien' },
  { user: 'bob', item: 'Casablanca' },
  { user: 'eve', item: 'Brazil' },
])
const split = splitRows(
  table,
  { train: [0, 3, 4, 5], validation: [], test: [1, 2] },
  { name: 'given' },
)

const popularity = new Float32Array(table.items.size)
for (const item of split.train.itemIndex) popularity[item] += 1
const ranker: Ranker = {
  userCount: table.users.size,
  itemCount: table.items.size,
  scoreUsers(users, out) {
    for (let row = 0; row < users.length; row++) out.set(popularity, row * popularity.length)
  },
}

const report = await evaluate(ranker, {
  split,
  on: 'test',
  metrics: ['recall@1', 'ndcg@2', 'coverage@2'],
})
console.log(report.metrics) // { 'recall@1': 0.5, 'ndcg@2': 1, 'coverage@2': 0.666... }
console.log(report.protocol.usersWithoutRelevant) // 2

import type { UserMetric } from '@gnnrec/eval'

/** rbp@k: rank-biased precision, the share of a patient reader's looks that hit. */
const rankBiasedPrecision: UserMetric = {
  kind: 'user',
  name: 'rbp',
  denominator: 'looks of a reader who goes on with probability 0.8',
  create:
    ({ k }) =>
    (list, relevant) => {
      const wanted = new Set(Array.from(relevant))
      let [sum, looks] = [0, 1 - 0.8]
      for (let place = 0; place < Math.min(k, list.length); place++) {
        if (wanted.has(list[place])) sum += looks
        looks *= 0.8
      }
      return sum
    },
}
const own = await evaluate(ranker, {
  split,
  on: 'test',
  metrics: ['ndcg@2', { metric: rankBiasedPrecision, k: 2 }],
})
console.log(own.metrics['rbp@2'].toFixed(2)) // 0.36

import { compare, ProtocolMismatchError } from '@gnnrec/eval'

const byName: Ranker = {
  ...ranker,
  scoreUsers: (users, out) => {
    for (let place = 0; place < users.length * 3; place++) out[place] = -(place % 3)
  },
}
const options = { split, on: 'test', metrics: ['recall@1', 'ndcg@2'] } as const
const { metrics } = compare(report, await evaluate(byName, options))
console.log(metrics['recall@1'].difference, metrics['recall@1'].tests?.permutation.pValue) // 0 1

const unmasked = await evaluate(byName, { ...options, mask: 'none' })
try {
  compare(report, unmasked)
} catch (error) {
  if (error instanceof ProtocolMismatchError)
    console.log(error.differences.map(({ field }) => field)) // ['masked']
}
