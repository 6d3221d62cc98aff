import { metrics as builtIn, type MetricAtK, type UserMetric } from '@gnnrec/eval'
import { BipartiteGraph, fromRecords, Rng, splitRows } from '@gnnrec/graph'
import { BprMf } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { beforeAll, expect, it } from 'vitest'
import { Trainer } from '../src/index.js'

beforeAll(() => useBackend('cpu'))

const rng = Rng.fromSeed(4)
const table = fromRecords(
  Array.from({ length: 200 }, (_, at) => ({ user: at % 20, item: rng.integer(30) })),
)
const rows = Array.from({ length: 200 }, (_, row) => row)
const split = splitRows(
  table,
  { train: rows.slice(0, 140), validation: rows.slice(140, 180), test: rows.slice(180) },
  { name: 'in order' },
)
const mine = (name: string): MetricAtK => ({
  metric: { ...(builtIn.ndcg as UserMetric), name },
  k: 5,
})

async function historyOf(options: Partial<ConstructorParameters<typeof Trainer>[0]>) {
  const model = new BprMf(BipartiteGraph.fromInteractions(split.train), { embeddingDim: 4 })
  const settings = { model, split, epochs: 6, batchSize: 32, progress: 'none' } as const
  const history = await new Trainer({ ...settings, ...options }).fit()
  model.dispose()
  return history
}

it('computes a metric of your own, keeps the best epoch by it, and stops by its name', async () => {
  const expected = await historyOf({ metrics: ['ndcg@5', 'recall@5'] })
  const own = await historyOf({ metrics: [mine('mine'), 'recall@5'] })
  expect(own.bestEpoch).toBe(expected.bestEpoch)
  expect(own.epochs.map(({ validation }) => validation?.['mine@5'])).toEqual(
    expected.epochs.map(({ validation }) => validation?.['ndcg@5']),
  )
  const stopped = await historyOf({
    metrics: ['recall@5', mine('mine')],
    earlyStopping: { metric: 'mine@5', patience: 2 },
    epochs: 40,
  })
  const alike = await historyOf({
    metrics: ['recall@5'],
    earlyStopping: { metric: 'ndcg@5', patience: 2 },
    epochs: 40,
  })
  expect(stopped.epochs).toHaveLength(alike.epochs.length)
  expect(stopped.bestEpoch).toBe(alike.bestEpoch)
})

it('refuses metrics that are none, ask for too many items, or are not there', async () => {
  await expect(historyOf({ metrics: [{ name: 'mine' }] as never })).rejects.toThrow('{ metric, k }')
  await expect(historyOf({ metrics: [{ ...mine('mine'), k: 99 }] })).rejects.toThrow(
    'lists of 99 items',
  )
  await expect(
    historyOf({ metrics: [mine('mine')], earlyStopping: { metric: 'other@5', patience: 1 } }),
  ).rejects.toThrow('other@5')
})
