import { createReadStream } from 'node:fs'
import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDb } from '@gnnrec/data/duckdb'
import { type EventSource, fromRecords, type TrainOptions, train } from 'gnnrec'
import { expect, it } from 'vitest'
import { asCsv, shopEvents } from './support/events.js'
import { temporaryFolder } from './support/temporary-folder.js'

const events = shopEvents()

async function factsOf(source: EventSource, options: TrainOptions = {}) {
  const { events: facts, test } = await train(source, { model: 'item-knn', ...options })
  return { ...facts, value: test.value }
}

async function* oneByOne<Value>(values: readonly Value[]) {
  for (const value of values) yield value
}

it('reads the same from a file, a stream, records, a table and DuckDB', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'events.csv')
  await writeFile(file, asCsv(events))
  const expected = await factsOf(file)
  expect(expected).toMatchObject({
    source: file,
    columns: { user: 'user_id', item: 'item_id', timestamp: 'timestamp' },
    events: 1200,
    users: 40,
    items: 48,
  })
  const database = await DuckDb.open()
  try {
    const table = await database.fromTable(fromRecords(events))
    const parquet = join(folder, 'events.parquet')
    await database.writeParquet(table, parquet)
    const select = `SELECT user_id AS customer, item_id AS product, "timestamp" AS at FROM '${file}';`
    const sources: [EventSource, TrainOptions?][] = [
      [createReadStream(file)],
      [{ text: asCsv(events) }],
      [events],
      [oneByOne(events)],
      [oneByOne([events.slice(0, 500), events.slice(500)])],
      [fromRecords(events)],
      [{ database, events: table }],
      [parquet],
      [
        { database, events: select },
        { columns: { user: 'customer', item: 'product', timestamp: 'at' } },
      ],
    ]
    for (const [source, options] of sources) {
      const { pairs, value } = await factsOf(source, options)
      expect({ pairs, value }).toEqual({ pairs: expected.pairs, value: expected.value })
    }
  } finally {
    await database.close()
  }
})

it('takes columns by name and by position', async () => {
  const csv = asCsv(events)
  const columns = { user: 'item_id', item: 'user_id', timestamp: 'timestamp' }
  const named = await factsOf({ text: csv }, { columns })
  expect(named).toMatchObject({ columns, users: 48, items: 40 })
  const placed = await factsOf({ text: csv }, { columns: { user: 1, item: 0, timestamp: 2 } })
  expect(placed.value).toBe(named.value)
  await expect(factsOf({ text: csv }, { columns: { user: 'user_idd' } })).rejects.toThrow(
    `columns.user got "user_idd", but there is no such column (did you mean 'user_id'?)`,
  )
  await expect(factsOf({ text: csv }, { columns: { item: 7 } })).rejects.toThrow(
    'columns.item got 7',
  )
  await expect(factsOf({ text: csv }, { columns: { usr: 7 } as never })).rejects.toThrow('usr')
  const timeless = await train(
    { text: csv },
    { columns: { timestamp: false }, model: 'popularity' },
  )
  expect(timeless.summary).toContain('as there are no times')
})

it('refuses data that are too few, and says what to do', async () => {
  const user = Array.from({ length: 9 }, (_, at) => ({ user: 'ann', item: `i${at}` }))
  await expect(train(user)).rejects.toMatchObject({ code: 'TOO_FEW_INTERACTIONS' })
  await expect(train(user)).rejects.toThrow('9 events of 1 user and 9 items')
  const item = Array.from({ length: 9 }, (_, at) => ({ user: `u${at}`, item: 'jam' }))
  await expect(train(item)).rejects.toThrow('9 events of 9 users and 1 item')
  const same = Array.from({ length: 9 }, () => ({ user: 'ann', item: 'jam' }))
  await expect(train(same)).rejects.toThrow('1 event of 1 user and 1 item')
  const thin = Array.from({ length: 9 }, (_, at) => ({ user: `u${at}`, item: `i${at % 4}` }))
  await expect(train(thin)).rejects.toThrow('lower minPerUser or minPerItem')
  await expect(train(thin, { minPerUser: 1, minPerItem: 1 })).rejects.toThrow('part is empty')
  await expect(train([])).rejects.toMatchObject({ code: 'INVALID_INTERACTIONS' })
})

it('refuses a file whose table would not fit, and says how to train on it', async () => {
  const file = join(await temporaryFolder(), 'events.csv')
  await writeFile(file, asCsv(events))
  await truncate(file, 30 * 2 ** 30)
  await expect(train(file, { maxMemory: 2 ** 30 })).rejects.toMatchObject({
    code: 'DATA_TOO_LARGE',
  })
  await expect(train(file, { maxMemory: 2 ** 30 })).rejects.toThrow('DuckDb.open')
})
