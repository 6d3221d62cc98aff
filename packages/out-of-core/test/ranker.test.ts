import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  fromRecords,
  IdMap,
  type InteractionLists,
  type RankedRows,
  Rng,
  ShapeMismatchError,
  splitRows,
} from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { OutOfCoreRanker, OutOfCoreTrainer } from '@gnnrec/out-of-core'
import { EmbeddingRecommender } from '@gnnrec/serving'
import * as fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { BlockTable } from '../src/cache/block-table.js'
import { hasCheckpoints } from '../src/checkpoints/has-checkpoints.js'
import { OpenedOnce } from '../src/serving/opened-once.js'
import { collected } from './support/collected.ts'
import { smallOptions } from './support/small-training.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const folder = temporaryFolder()
const ids = (count: number) => IdMap.from(Array.from({ length: count }, (_, index) => index))

/** Small integers, of which many dot products are equal. */
function made(count: number, dim: number, rng: Rng): Float32Array {
  return Float32Array.from({ length: count * dim }, () => rng.integer(3) - 1)
}

function someItems(userCount: number, itemCount: number, rng: Rng): InteractionLists {
  const lists = Array.from({ length: userCount }, () =>
    Array.from({ length: itemCount }, (_, item) => item).filter(() => rng.integer(4) === 0),
  )
  const pointers = new Int32Array(userCount + 1)
  for (const [user, { length }] of lists.entries()) pointers[user + 1] = pointers[user] + length
  return { pointers, items: Int32Array.from(lists.flat()) }
}

/** Lists with nothing behind their ends, which may be anything. */
function listsOf({ k, items, scores, lengths, tied }: RankedRows) {
  return Array.from(lengths, (length, row) => ({
    items: [...items.subarray(row * k, row * k + length)],
    scores: [...scores.subarray(row * k, row * k + length)],
    tied: tied[row],
  }))
}

it('finds the lists of an EmbeddingRecommender, ties and what is left out included', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        userCount: fc.integer({ min: 1, max: 90 }),
        itemCount: fc.integer({ min: 1, max: 3000 }),
        embeddingDim: fc.constantFrom(1, 3, 8, 64),
        similarity: fc.constantFrom('dot' as const, 'cosine' as const),
        length: fc.integer({ min: 1, max: 40 }),
        seed: fc.nat(1000),
      }),
      async ({ length, seed, similarity, ...sizes }) => {
        const { userCount, itemCount, embeddingDim } = sizes
        const k = Math.min(length, itemCount)
        const rng = Rng.fromSeed(seed)
        const tables = {
          users: made(userCount, embeddingDim, rng),
          items: made(itemCount, embeddingDim, rng),
        }
        const seen = someItems(userCount, itemCount, rng)
        const recommender = new EmbeddingRecommender({
          users: ids(userCount),
          items: ids(itemCount),
          seen,
          embeddingDim,
          similarity,
          userEmbeddings: tables.users,
          itemEmbeddings: tables.items,
          // A ranker of tables alone knows of no training.
          coldStart: 'model',
        })
        const ranker = OutOfCoreRanker.open({
          ...sizes,
          similarity,
          folder: join(folder, 'ranker'),
          maxMemory: 800_000,
        })
        for (const side of ['users', 'items'] as const) {
          ranker.fill(side, ({ first }, values) => {
            const start = first * embeddingDim
            values.set(tables[side].subarray(start, start + values.length))
          })
        }
        const users = Int32Array.from({ length: userCount }, (_, user) => userCount - 1 - user)
        const expected = recommender.rankUsers(users, k, seen)
        expect(listsOf(await ranker.rank(users, { k, exclude: seen }))).toEqual(
          listsOf(expected as RankedRows),
        )
        const none = { pointers: new Int32Array(userCount + 1), items: new Int32Array() }
        const all = recommender.rankUsers(users, k, none)
        expect(listsOf(await ranker.rank(users, { k }))).toEqual(listsOf(all as RankedRows))
        ranker.close()
        recommender.dispose()
        expect(readdirSync(join(folder, 'ranker'))).toEqual([])
      },
    ),
    { numRuns: 40 },
  )
})

it('refuses what it cannot do', async () => {
  const options = { userCount: 4, itemCount: 5, embeddingDim: 2, folder: join(folder, 'refused') }
  expect(() => OutOfCoreRanker.open({ ...options, maxMemory: 10 })).toThrow(
    expect.objectContaining({ code: 'MEMORY_LIMIT' }),
  )
  expect(() => OutOfCoreRanker.open({ ...options, userCount: 0, maxMemory: 1e6 })).toThrow(
    /userCount/,
  )
  const ranker = OutOfCoreRanker.open({ ...options, maxMemory: 1e6 })
  const users = Int32Array.of(0)
  await expect(ranker.rank(users, { k: 6 })).rejects.toThrow(/k: got 6; expected .* 1\.\.5/)
  await expect(ranker.rank(Int32Array.of(4), { k: 1 })).rejects.toThrow(/index 4/)
  const exclude = { pointers: new Int32Array(2), items: new Int32Array() }
  await expect(ranker.rank(users, { k: 1, exclude })).rejects.toThrow(/2 pointers; expected 5/)
  for (const excluded of [[5], [-1], [2, 1], [1, 1]]) {
    const pointers = new Int32Array(5).fill(excluded.length, 1)
    const given = { k: 1, exclude: { pointers, items: Int32Array.from(excluded) } }
    await expect(ranker.rank(users, given)).rejects.toThrow(ShapeMismatchError)
  }
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(ranker.rank(users, { k: 1, signal })).rejects.toThrow('enough')
  ranker.fill('items', (_rows, values) => values.fill(Number.NaN))
  await expect(ranker.rank(users, { k: 1 })).rejects.toMatchObject({ code: 'NON_FINITE' })
  for (const value of [1e30, -1e30]) {
    for (const side of ['users', 'items'] as const) {
      ranker.fill(side, (_rows, values) => values.fill(side === 'users' ? 1e30 : value))
    }
    await expect(ranker.rank(users, { k: 1 })).rejects.toThrow(/user index 0 is -?Infinity/)
  }
  ranker.close()
})

it('takes no more kernel memory in a call than it should, however many items are left out', async () => {
  const [userCount, itemCount, k] = [64, 40_000, 20_000]
  const ranker = OutOfCoreRanker.open({
    userCount,
    itemCount,
    embeddingDim: 1,
    folder: join(folder, 'bytes'),
    maxMemory: 10_000_000,
  })
  ranker.fill('users', (_rows, values) => values.fill(1))
  ranker.fill('items', ({ first }, values) => {
    for (let at = 0; at < values.length; at++) values[at] = -(first + at)
  })
  const left = 32_768
  const users = Int32Array.from({ length: userCount }, (_, user) => user)
  const exclude = {
    pointers: Int32Array.from({ length: userCount + 1 }, (_, user) => user * left),
    items: Int32Array.from({ length: userCount * left }, (_, place) => place % left),
  }
  const allocate = vi.spyOn(defaultRuntime(), 'allocate')
  onTestFinished(() => allocate.mockRestore())
  const { items, lengths } = await ranker.rank(users, { k, exclude })
  expect(Math.max(...allocate.mock.calls.map(([bytes]) => bytes))).toBeLessThanOrEqual(2 ** 25)
  expect([items[0], lengths[63]]).toEqual([left, itemCount - left])
  ranker.close()
})

it('closes what it has opened when items cannot be packed, and packs them the next time', async () => {
  const ranker = OutOfCoreRanker.open({
    userCount: 1,
    itemCount: 3,
    embeddingDim: 2,
    folder: join(folder, 'unpacked'),
    maxMemory: 1e6,
  })
  const close = vi.spyOn(BlockTable.prototype, 'close')
  const run = vi.spyOn(defaultRuntime(), 'run').mockImplementationOnce(() => {
    throw new Error('no kernel')
  })
  onTestFinished(() => {
    close.mockRestore()
    run.mockRestore()
  })
  await expect(ranker.rank(Int32Array.of(0), { k: 1 })).rejects.toThrow('no kernel')
  expect(close).toHaveBeenCalledTimes(1)
  expect((await ranker.rank(Int32Array.of(0), { k: 1 })).items).toEqual(Int32Array.of(0))
  ranker.close()
})

describe('what is opened once', () => {
  it('is opened anew after a failure, and closed once', async () => {
    const events: string[] = []
    let fails = true
    const once = new OpenedOnce(
      async () => {
        events.push('open')
        if (fails) throw new Error('not yet')
        return 7
      },
      (resource) => events.push(`close ${resource}`),
    )
    const both = await Promise.allSettled([once.get(), once.get()])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    const failing = once.get()
    await once.close()
    await expect(failing).rejects.toThrow('not yet')
    fails = false
    expect([await once.get(), await once.get()]).toEqual([7, 7])
    await once.close()
    await once.close()
    expect(events).toEqual(['open', 'open', 'open', 'close 7'])
  })
})

it('knows checkpoints by the names that the trainer gives them', () => {
  const place = join(folder, 'names')
  expect(hasCheckpoints(place)).toBe(false)
  for (const name of ['checkpoint-1', 'checkpoint-000001.tmp']) {
    mkdirSync(join(place, name), { recursive: true })
  }
  expect(hasCheckpoints(place)).toBe(false)
  mkdirSync(join(place, 'checkpoint-000001'))
  expect(hasCheckpoints(place)).toBe(true)
})

it('answers for users and items without training interactions as its recommender does', async () => {
  const pairs = Array.from({ length: 60 }, (_, row) => ({ user: row % 20, item: (7 * row) % 30 }))
  const late = [
    { user: 1, item: 29 },
    { user: 20, item: 0 },
    { user: 0, item: 30 },
  ]
  const rows = Int32Array.from({ length: 60 }, (_, row) => row)
  const parts = { train: rows, validation: [60], test: [61, 62] }
  const split = splitRows(fromRecords([...pairs, ...late]), parts, { name: 'given' })
  const options = { ...smallOptions(join(folder, 'cold')), split, epochs: 1 }
  const model = await new OutOfCoreTrainer(options).fit()
  const recommender = await model.toRecommender()
  const lists = (await collected(model.recommendAll({ k: 31 }))).flat()
  expect(lists).toEqual(recommender.recommend(split.train.users.ids, { k: 31 }))
  expect(lists[20]).toMatchObject({ user: 20, source: 'popularity', coldItems: [30] })
  expect(lists[0].source).toBe('trained')
  const ranker = await model.ranker()
  const [found, expected] = [ranker, recommender].map((one) => {
    const scores = new Float32Array(2 * 31)
    one.scoreUsers(Int32Array.of(20, 3), scores)
    return scores
  })
  expect(found).toEqual(expected)
  await model.close()
})

it('recommends to whom it is asked to, and refuses what it cannot do', async () => {
  const model = await new OutOfCoreTrainer(smallOptions(join(folder, 'trained'))).fit()
  const users = [7, 3]
  const [lists] = await collected(model.recommendAll({ users, k: 4 }))
  expect(lists.map(({ user, items }) => [user, items.length])).toEqual([
    [7, 4],
    [3, 4],
  ])
  expect(() => model.recommendAll({ k: 151 })).toThrow(/k: got 151; expected at most 150/)
  expect(() => model.recommendAll({ users: ['nobody'] })).toThrow(/nobody/)
  expect(() => model.recommendAll({ blockSize: 0 })).toThrow(/blockSize/)
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(model.recommendAll({ signal }).next()).rejects.toThrow('enough')
  await model.close()
})
