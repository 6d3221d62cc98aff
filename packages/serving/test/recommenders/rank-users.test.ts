import {
  IdMap,
  InvalidOptionsError,
  interactionLists,
  Rng,
  ShapeMismatchError,
  topK,
  UnknownIdError,
} from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { afterAll, describe, expect, it } from 'vitest'
import { EmbeddingRecommender, type EmbeddingRecommenderOptions } from '../../src/index.js'

const [userCount, itemCount, embeddingDim] = [150, 700, 7]

/** Coarse numbers, so that many scores are equal. */
function rows(count: number, seed: number): Float32Array {
  const rng = Rng.fromSeed(seed)
  return Float32Array.from({ length: count * embeddingDim }, () => Math.round(2 * rng.normal()) / 2)
}

const users = IdMap.from(Array.from({ length: userCount }, (_, id) => id))
const items = IdMap.from(Array.from({ length: itemCount }, (_, id) => id))
const rng = Rng.fromSeed(3)
const seen = interactionLists({
  users,
  items,
  userIndex: Int32Array.from({ length: 4000 }, () => rng.integer(userCount)),
  itemIndex: Int32Array.from({ length: 4000 }, () => rng.integer(itemCount)),
})

const bias = Float32Array.from({ length: itemCount }, () => rng.normal())

function recommender(options: Partial<EmbeddingRecommenderOptions<number, number>> = {}) {
  return new EmbeddingRecommender({
    users,
    items,
    seen,
    embeddingDim,
    userEmbeddings: rows(userCount, 1),
    itemEmbeddings: rows(itemCount, 2),
    ...options,
  })
}

afterAll(() => defaultRuntime().setThreads(1))

describe('rankUsers', () => {
  it.each([
    ['dot', 1, 1, {}],
    ['dot', 20, 2, {}],
    ['cosine', 50, 2, {}],
    ['dot', itemCount, 1, {}],
    ['dot', 20, 2, { scale: -0.3 }],
    ['cosine', 20, 2, { scale: 1 / 0.13, itemBias: bias }],
  ] as const)('finds what topK finds: %s, %i items, %i threads, %j', async (...given) => {
    const [similarity, k, threads, options] = given
    await defaultRuntime().setThreads(threads)
    const own = recommender({ similarity, ...options })
    const asked = Int32Array.from({ length: 140 }, (_, i) => (i * 37) % userCount)
    const ranked = own.rankUsers(asked, k, seen)
    const scores = new Float32Array(itemCount)
    asked.forEach((user, row) => {
      own.scoreUsers(Int32Array.of(user), scores)
      const mask = seen.items.subarray(seen.pointers[user], seen.pointers[user + 1])
      const expected = topK(scores, k, mask)
      const [start, length] = [row * k, ranked?.lengths[row] ?? 0]
      expect(ranked?.items.subarray(start, start + length)).toEqual(expected.items)
      expect(ranked?.scores.subarray(start, start + length)).toEqual(expected.scores)
      expect(ranked?.tied[row]).toBe(expected.tied)
    })
  })

  it('leaves nothing behind in kernel memory but the packed rows', () => {
    const own = recommender()
    own.rankUsers(Int32Array.of(0, 1), 5, seen)
    const { usedBytes } = defaultRuntime().statistics
    for (let i = 0; i < 10; i++) own.rankUsers(Int32Array.of(0, 1, 2), 50, seen)
    expect(defaultRuntime().statistics.usedBytes).toBe(usedBytes)
    own.dispose()
  })

  it('answers undefined where a score is NaN', () => {
    const asked = Int32Array.of(0)
    const huge = Float32Array.from({ length: embeddingDim }, (_, d) => (d % 2 ? -3e38 : 3e38))
    const userEmbeddings = rows(userCount, 1)
    userEmbeddings.set(huge)
    const itemEmbeddings = rows(itemCount, 2).fill(3e38, 0, embeddingDim)
    const broken = recommender({ userEmbeddings, itemEmbeddings })
    expect(
      broken.rankUsers(asked, 5, { pointers: new Int32Array(151), items: new Int32Array() }),
    ).toBeUndefined()
  })

  it.each([
    ['one pointer too few', Int32Array.of(0), []],
    ['an item that does not exist', Int32Array.of(0, 1), [itemCount]],
    ['an item below zero', Int32Array.of(0, 1), [-5]],
    ['an item twice', Int32Array.of(0, 2), [3, 3]],
    ['items that descend', Int32Array.of(0, 2), [4, 3]],
    ['a list that goes on beyond the items', Int32Array.of(0, 9), [1]],
    ['a list that begins below zero', Int32Array.of(-1, 1), [1]],
  ])('rejects lists of items to leave out with %s', (_, first, excluded) => {
    const pointers = new Int32Array(userCount + (first.length === 1 ? 0 : 1)).fill(excluded.length)
    pointers.set(first)
    const exclude = { pointers, items: Int32Array.from(excluded) }
    const { usedBytes } = defaultRuntime().statistics
    expect(() => recommender().rankUsers(Int32Array.of(0), 2, exclude)).toThrow(ShapeMismatchError)
    expect(defaultRuntime().statistics.usedBytes).toBe(usedBytes)
  })

  it('rejects unknown users and a k that is no number of items', () => {
    const own = recommender()
    expect(() => own.rankUsers(Int32Array.of(userCount), 5, seen)).toThrow(UnknownIdError)
    for (const k of [0, 1.5, itemCount + 1]) {
      expect(() => own.rankUsers(Int32Array.of(0), k, seen)).toThrow(InvalidOptionsError)
    }
  })
})
