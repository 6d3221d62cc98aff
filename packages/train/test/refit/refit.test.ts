import { createSplit, fromRecords, Rng, ShapeMismatchError, selectRows } from '@gnnrec/graph'
import { BprMf, GraphModel, LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { beforeAll, expect, it } from 'vitest'
import { type FoundModel, refit, Trainer } from '../../src/index.js'

beforeAll(() => useBackend('cpu'))

function records(users: number, items: number, count: number, seed = 3) {
  const rng = Rng.fromSeed(seed)
  return Array.from({ length: count }, () => ({
    user: `user ${rng.integer(users)}`,
    item: `item ${rng.integer(items)}`,
  }))
}

const table = fromRecords(records(12, 10, 60))
const found: FoundModel = {
  model: 'light-gcn',
  options: { embeddingDim: 4, layers: 1, seed: 5 },
  training: {
    epochs: 12,
    batchSize: 16,
    learningRate: 0.05,
    schedule: { name: 'cosine' },
    earlyStopping: { metric: 'ndcg@5', patience: 2 },
    evaluateEvery: 2,
  },
  bestEpoch: 4,
  seed: 5,
}

it('stops after the best epoch of the whole schedule, to the same bytes as a training that is stopped there', async () => {
  const { model, history, found: again } = await refit(found, table)
  expect(history?.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4])
  expect(history?.stopReason).toBe('completed')
  expect(again.bestEpoch).toBe(4)

  const expected = new LightGcn(model.graph, { embeddingDim: 4, layers: 1, seed: 5 })
  const {
    earlyStopping: _,
    evaluateEvery: __,
    ...training
  } = found.training as object as Record<string, never>
  const stop = new AbortController()
  const trainer = new Trainer({ ...training, model: expected, seed: 5, progress: 'none' })
  for await (const event of trainer.run({ signal: stop.signal })) {
    if (event.type === 'epoch' && event.record.epoch === 4) stop.abort()
  }
  expect(await (model as GraphModel).weights()).toEqual(await expected.weights())
  // The rate has fallen as in a training of all twelve epochs.
  expect(history?.epochs[3].learningRate).toBeGreaterThan(0.03)
})

it('learns from all rows, so that nobody is recommended what they have', async () => {
  const { model } = await refit({ model: 'item-knn' }, table)
  const recommender = await model.toRecommender()
  const owned = new Set(
    Array.from(table.userIndex, (user, row) => `${user} ${table.itemIndex[row]}`),
  )
  for (const user of table.users.ids) {
    const { items } = recommender.recommend(user, { k: 3 })
    for (const item of items) {
      expect(owned).not.toContain(`${table.users.indexOf(user)} ${table.items.indexOf(item)}`)
    }
  }
  expect(model.splitHash).toMatch(/^[0-9a-f]{64}$/)
})

it('keeps the best epoch by a metric on the validation part', async () => {
  const rows = Array.from({ length: 60 }, (_, row) => row)
  const split = createSplit({
    train: selectRows(table, rows.slice(0, 48)),
    validation: selectRows(table, rows.slice(48, 56)),
    test: selectRows(table, rows.slice(56)),
    method: { name: 'by hand' },
  })
  const { history, found: again } = await refit(
    { ...found, training: { ...found.training, earlyStopping: undefined, evaluateEvery: 1 } },
    split,
    { metrics: ['ndcg@5'] },
  )
  const values = history?.epochs.map(({ validation }) => validation?.['ndcg@5'] ?? 0) ?? []
  expect(values).toHaveLength(12)
  expect(again.bestEpoch).toBe(1 + values.indexOf(Math.max(...values)))
})

it('starts from the vectors of an earlier model by id, and new nodes from their neighbours', async () => {
  const settings = { model: 'bpr-mf', options: { embeddingDim: 3 }, training: { epochs: 3 } }
  const earlier = await trained(settings, table)
  const more = [
    { user: 'zoe', item: 'item 2' },
    { user: 'zoe', item: 'item 7' },
    { user: 'user 0', item: 'a new item' },
    { user: 'yan', item: 'an item of nobody else' },
  ]
  const grown = fromRecords([...more, ...records(12, 10, 60)])
  const still = { ...settings, training: { epochs: 1, learningRate: 1e-12 } }
  const model = await trained(still, grown, { from: earlier })
  const [before, after] = [await earlier.weights(), await model.weights()]
  const row = (weights: typeof before, of: GraphModel, name: 'user' | 'item', id: string) => {
    const index = of.graph[`${name}s`].indexOf(id)
    return Array.from(
      weights.get(`${name}Embeddings`)?.data.subarray(3 * index, 3 * index + 3) ?? [],
    )
  }
  const rounded = (values: number[]) => values.map((value) => Number(value.toFixed(5)))
  for (const id of table.users.ids) {
    expect(rounded(row(after, model, 'user', id))).toEqual(
      rounded(row(before, earlier, 'user', id)),
    )
  }
  const [two, seven] = ['item 2', 'item 7'].map((id) => row(before, earlier, 'item', id))
  const direction = unit(two.map((value, at) => value + seven[at]))
  const zoe = row(after, model, 'user', 'zoe')
  expect(unit(zoe).map((value) => value.toFixed(4))).toEqual(
    direction.map((value) => value.toFixed(4)),
  )
  const lengths = table.users.ids.map((id) => norm(row(before, earlier, 'user', id)))
  expect(norm(zoe)).toBeCloseTo(lengths.reduce((sum, each) => sum + each) / lengths.length, 5)
  expect(norm(row(after, model, 'user', 'yan'))).toBeGreaterThan(0)
  // The earlier model is as it was.
  expect(await earlier.weights()).toEqual(before)
})

it('refuses a model to start from that does not fit', async () => {
  const earlier = await trained({ ...found, bestEpoch: 1 }, table)
  await expect(
    refit({ ...found, options: { embeddingDim: 8 } }, table, { from: earlier }),
  ).rejects.toThrow(ShapeMismatchError)
  await expect(refit({ model: 'bpr-mf' }, table, { from: earlier })).rejects.toThrow(
    "from: got a model of the architecture 'light-gcn'; a bpr-mf cannot start from it.",
  )
})

it('throws the reason of its signal, and names wrong settings', async () => {
  const stop = new AbortController()
  const onEvent = ({ type }: { type: string }) =>
    type === 'epoch' && stop.abort(new Error('enough'))
  await expect(refit(found, table, { signal: stop.signal, onEvent })).rejects.toThrow('enough')
  await expect(refit({ model: 'ease', trainin: {} } as never, table)).rejects.toThrow('trainin')
  await expect(refit({ model: 'bpr-mf', training: { epoch: 3 } }, table)).rejects.toThrow('epoch')
})

it('takes classes', async () => {
  const { model } = await refit({ model: BprMf, training: { epochs: 1 } }, table)
  expect(model).toBeInstanceOf(BprMf)
})

async function trained(...call: Parameters<typeof refit<string, string>>): Promise<GraphModel> {
  const { model } = await refit(...call)
  if (model instanceof GraphModel) return model as unknown as GraphModel
  throw new Error('It is not trained.')
}

const norm = (values: readonly number[]) => Math.hypot(...values)
const unit = (values: readonly number[]) => values.map((value) => value / norm(values))
