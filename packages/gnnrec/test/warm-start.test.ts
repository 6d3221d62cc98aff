import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { load, train } from 'gnnrec'
import { expect, it } from 'vitest'
import { shopEvents } from './support/events.js'
import { temporaryFolder } from './support/temporary-folder.js'

const events = shopEvents(1600)
const earlier = events.slice(0, 1000)
const later = [
  ...events.slice(1000),
  ...['item-0', 'item-4', 'item-8', 'item-12'].map((item, at) => ({
    user: 'newcomer',
    item,
    timestamp: 1_600_000_000 + at,
  })),
]
const model = {
  model: 'bpr-mf',
  options: { embeddingDim: 16 },
  training: { epochs: 24, batchSize: 256, learningRate: 0.02 },
}

it('goes on from a saved model with vectors by id and fewer epochs, and tells what that costs', async () => {
  const folder = join(await temporaryFolder(), 'model')
  const first = await train(earlier, { model })
  await first.save(folder)
  const result = await train(later, { from: { folder, compare: true } })
  const { warmStart, found, summary, recommender } = result
  expect(warmStart?.known).toEqual({ users: 40, items: 48 })
  expect(warmStart?.added).toEqual({ users: 1, items: 0 })
  expect(warmStart?.before).toBeGreaterThan(0)
  expect(warmStart?.after).toBeGreaterThan(0)
  expect(warmStart?.fromNothing).toBeGreaterThan(0)
  expect(found.bestEpoch ?? 0).toBeLessThanOrEqual(Math.ceil((first.found.bestEpoch ?? 0) / 4))
  expect(summary).toContain('from the vectors of 40 users and 48 items; 1 user and 0 items are new')
  expect(summary).toContain('from nothing')
  // The events of the first training count, too.
  const owned = new Set(events.map(({ user, item }) => `${user} ${item}`))
  for await (const block of recommender.recommendAll({ k: 10 })) {
    for (const { user, items } of block) {
      for (const item of items) expect(owned).not.toContain(`${user} ${item}`)
    }
  }
  // Those of both trainings in one file give the same.
  const both = await train([...earlier, ...later], { from: folder })
  expect(both.recommender.recommend('newcomer')).toEqual(recommender.recommend('newcomer'))
  // What goes on can be gone on from.
  const next = join(await temporaryFolder(), 'next')
  await result.save(next)
  expect((await load(next)).userCount).toBe(41)
})

it('computes a model anew that has no vectors', async () => {
  const folder = join(await temporaryFolder(), 'model')
  await (await train(earlier, { model: { model: 'item-knn', options: { neighbours: 7 } } })).save(
    folder,
  )
  const { found, summary } = await train(later, { from: folder })
  expect(found.options).toMatchObject({ neighbours: 7 })
  expect(summary).toContain('Model: item-knn, computed anew with its settings.')
})

it('refuses events that are not new, ids of other types, and folders that hold no such model', async () => {
  const folder = join(await temporaryFolder(), 'model')
  await (await train(earlier, { model: 'item-knn' })).save(folder)
  await expect(train(earlier, { from: folder })).rejects.toMatchObject({
    code: 'TOO_FEW_INTERACTIONS',
  })
  const numbers = later.map(({ timestamp }, at) => ({ user: at, item: at % 9, timestamp }))
  await expect(train(numbers, { from: folder })).rejects.toThrow('types string (users)')
  const record = join(folder, 'training.json')
  const text = await readFile(record, 'utf8')
  for (const [content, message] of [
    [text.replace(/"fingerprint": "./, '"fingerprint": "?'), 'another model'],
    [text.replace('"seed": 0', '"seed": "none"'), 'seed'],
    ['{"format"', 'cannot be read'],
  ]) {
    await writeFile(record, content)
    await expect(train(later, { from: folder })).rejects.toMatchObject({ code: 'SERIALIZATION' })
    await expect(train(later, { from: folder })).rejects.toThrow(message)
  }
  await expect(train(later, { from: join(folder, 'none') })).rejects.toMatchObject({
    code: 'SERIALIZATION',
  })
})
