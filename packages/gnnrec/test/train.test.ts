import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LightGcn } from '@gnnrec/models'
import { createReport } from '@gnnrec/report'
import { FolderExistsError, fromRecords, load, type TrainResult, train } from 'gnnrec'
import { beforeAll, expect, it } from 'vitest'
import { asCsv, shopEvents } from './support/events.js'
import { temporaryFolder } from './support/temporary-folder.js'

const events = shopEvents()
const owned = new Map<string, Set<string>>()
for (const { user, item } of events) owned.set(user, (owned.get(user) ?? new Set()).add(item))

let result: TrainResult
const stages: string[] = []
beforeAll(async () => {
  result = await train(
    { text: asCsv(events) },
    {
      candidates: [
        'popularity',
        { model: 'item-knn', options: { neighbours: 20 } },
        { model: 'bpr-mf', preset: 'recommended', training: { epochs: 3 } },
      ],
      onProgress: ({ stage }) => stages.push(stage),
    },
  )
})

it('says what it read, chose and found, beside Popularity', () => {
  const { summary, test, found, choice } = result
  expect(summary).toMatch(
    /^Read 1,200 events of 40 users and 48 items from \(text\) \(user 'user_id', item 'item_id', timestamp 'timestamp'\)\./,
  )
  expect(summary).toContain('repeated events of the same user and item count once.')
  expect(summary).toContain("Split by time: the last 15 % of each user's events judge")
  expect(summary).toContain('Chosen: item-knn')
  expect(summary).toContain(`ndcg@20 ${test.value.toFixed(4)}, Popularity`)
  expect(summary).toContain('better than Popularity')
  expect(found.model).toBe('item-knn')
  expect(choice?.rows.map(({ model }) => model)).toEqual(['popularity', 'item-knn', 'bpr-mf'])
  expect(test.interval[0]).toBeGreaterThan(0)
  expect(test.difference).toBeCloseTo(test.value - test.popularity)
  expect([...new Set(stages)]).toEqual(['read', 'choose', 'judge', 'fit'])
})

it('is fitted to everything, so that nobody is recommended what they have', async () => {
  const { recommender } = result
  expect(recommender.userCount).toBe(40)
  for await (const block of recommender.recommendAll({ k: 10 })) {
    for (const { user, items } of block) {
      const had = owned.get(String(user))
      for (const item of items) expect(had).not.toContain(item)
    }
  }
})

it('gives what JSON and a report need', async () => {
  const json = JSON.parse(JSON.stringify(result))
  expect(json.model).toMatchObject({ model: 'item-knn', metric: 'ndcg@20', seed: 0 })
  expect(json.events).toMatchObject({ events: 1200, users: 40, items: 48 })
  expect(json.candidates).toHaveLength(3)
  expect(result.report).toMatchObject({ data: { users: result.events.users }, chosen: 'item-knn' })
  expect(result.report.similarItems?.[0].similar.length).toBeGreaterThan(0)
  const { html } = await createReport(result.report)
  expect(html).toContain('item-knn')
})

it('saves where nothing is, and replaces a model only when that is asked for', async () => {
  const folder = join(await temporaryFolder(), 'deep', 'model')
  await result.save(folder)
  const before = await readFile(join(folder, 'model.json'), 'utf8')
  await expect(result.save(folder)).rejects.toThrow(FolderExistsError)
  await expect(result.save(folder)).rejects.toThrow('overwrite: true (--force)')
  expect(await readFile(join(folder, 'model.json'), 'utf8')).toBe(before)
  await writeFile(join(folder, 'notes.txt'), 'mine')
  // A trained model has weights, which the next one lacks.
  const trained = await train(events, {
    model: { model: 'bpr-mf', options: { embeddingDim: 4 }, training: { epochs: 2 } },
  })
  await trained.save(folder, { overwrite: true })
  expect((await load(folder)).origin.architecture).toBe('bpr-mf')
  await result.save(folder, { overwrite: true })
  const recommender = await load<string, string>(folder)
  expect(recommender.recommend('user-3', { k: 5 })).toEqual(
    result.recommender.recommend('user-3', { k: 5 }),
  )
  expect((await readdir(folder)).filter((name) => name.startsWith('weights'))).toEqual([])
  expect(await readFile(join(folder, 'notes.txt'), 'utf8')).toBe('mine')
  const file = join(folder, 'notes.txt')
  await expect(result.save(file)).rejects.toThrow('is a file')
  const other = join(folder, 'other')
  await mkdir(other)
  await result.save(other)
})

it('takes a model by name, a preset, settings or a class, and gives the same bytes again', async () => {
  const model = { model: LightGcn, preset: 'fast', training: { epochs: 3 } }
  const first = await train(events, { model, seed: 3 })
  const again = await train(events, { model: { ...model, model: 'light-gcn' }, seed: 3 })
  expect(first.summary).toBe(again.summary)
  expect(first.summary).toContain('Model: light-gcn. On the validation part it is best after')
  expect(first.recommender.recommend('user-1')).toEqual(again.recommender.recommend('user-1'))
  const other = await train(events, { model, seed: 4 })
  expect(other.recommender.recommend('user-1').scores).not.toEqual(
    first.recommender.recommend('user-1').scores,
  )
  const named = await train(events, { model: 'popularity' })
  expect(named.test.difference).toBe(0)
  expect(named.summary).toContain('the same as Popularity')
})

it('splits at random where there are no times, and names ids of rare users', async () => {
  const timeless = events.map(({ user, item }) => ({ user, item }))
  const { summary, recommender } = await train(
    [...timeless, { user: 'rare', item: 'item-1' }, { user: 'user-1', item: 'rare item' }],
    { model: 'item-knn' },
  )
  expect(summary).toContain('Split at random, as there are no times')
  expect(summary).toContain(
    '1 user with fewer than 3 events and 1 item with fewer than 2 are left out of choosing and judging; the model is fitted to all.',
  )
  expect(recommender.recommend('rare', { k: 3 }).items).not.toContain('item-1')
  const equal = await train(
    timeless.map((event) => ({ ...event, timestamp: 5 })),
    { model: 'item-knn' },
  )
  expect(equal.summary).toContain('as all times are equal')
})

it('names low ratings, and leaves them out when that is asked for', async () => {
  const rated = events.map((event, at) => ({ ...event, rating: (at % 5) + 1 }))
  const all = await train(rated, { model: 'popularity' })
  expect(all.summary).toContain('with a low rating (at most 2 where the highest is 5) are learnt')
  const liked = await train(rated, { model: 'popularity', minRating: 3 })
  expect(liked.summary).toContain('480 events with a rating below 3 left out.')
})

it('counts repeated events where weights do', async () => {
  const plain = await train(events, { model: 'item-knn' })
  const weighted = await train(events, { model: 'item-knn', weights: 'log' })
  expect(weighted.summary).toContain('add to the weight of their pair.')
  expect(weighted.recommender.recommend('user-1').scores).not.toEqual(
    plain.recommender.recommend('user-1').scores,
  )
})

it('ends with the reason of its signal', async () => {
  const stop = new AbortController()
  const reason = new Error('enough')
  await expect(
    train(events, {
      model: { model: 'bpr-mf', training: { epochs: 50 } },
      signal: stop.signal,
      onProgress: ({ epoch }) => epoch === 2 && stop.abort(reason),
    }),
  ).rejects.toBe(reason)
})

it('refuses wrong options by name', async () => {
  const table = fromRecords(events)
  for (const [options, message] of [
    [{ metrics: 'ndcg@10' }, "'metrics' (did you mean 'metric'?)"],
    [{ metric: 'coverage@10' }, 'no value per user'],
    [{ model: 'ease', from: 'model' }, 'got model and from'],
    [{ model: 'lightgcn' }, 'light-gcn'],
    [{ model: { model: 'light-gcn', preset: 'fsat' } }, 'fsat'],
    [{ ratios: [0.5, 0.5, 0.5] }, 'ratios'],
    [{ maxMemory: 5 }, 'maxMemory'],
  ] as const) {
    await expect(train(table, options as never)).rejects.toThrow(message)
  }
})
