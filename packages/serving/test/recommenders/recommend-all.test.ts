import { InvalidOptionsError, UnknownIdError } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EmbeddingRecommender, type Recommendation } from '../../src/index.js'
import { embeddings, recommenderArbitrary } from '../support/recommenders.ts'

async function collect<Value>(blocks: AsyncIterable<Value>): Promise<Value[]> {
  const all: Value[] = []
  for await (const block of blocks) all.push(block)
  return all
}

describe('recommendAll', () => {
  it('gives what recommend gives, for any kind of model, options and block size', async () => {
    const options = fc.record({
      k: fc.constantFrom(undefined, 1),
      excludeSeen: fc.boolean(),
      exclude: fc.constantFrom(undefined, ['i0']),
      candidates: fc.constantFrom(undefined, ['i0']),
      blockSize: fc.integer({ min: 1, max: 8 }),
    })
    await fc.assert(
      fc.asyncProperty(
        recommenderArbitrary,
        options,
        async (recommender, { blockSize, ...rest }) => {
          const given = Object.fromEntries(
            Object.entries(rest).filter(([, value]) => value !== undefined),
          )
          const blocks = await collect(recommender.recommendAll({ ...given, blockSize }))
          expect(blocks.flat()).toEqual(recommender.recommend(recommender.users.ids, given))
          const sizes = blocks.map((block) => block.length)
          expect(sizes.slice(0, -1).every((size) => size === blockSize)).toBe(true)
          expect(sizes.at(-1)).toBeLessThanOrEqual(blockSize)
        },
      ),
    )
  })

  it('recommends to some users, in the order they are named', async () => {
    const recommender = new EmbeddingRecommender(embeddings)
    const users = ['cleo', 'anna']
    const [block] = await collect(recommender.recommendAll({ users, k: 2 }))
    expect(block).toEqual(recommender.recommend(users, { k: 2 }))
    expect(await collect(recommender.recommendAll({ users: [] }))).toEqual([])
  })

  it('lets others run between two blocks, and works only when asked', async () => {
    const recommender = new EmbeddingRecommender(embeddings)
    const blocks = recommender.recommendAll({ blockSize: 1 })
    let ran = false
    setImmediate(() => {
      ran = true
    })
    await blocks.next()
    const seen: boolean[] = []
    for await (const _ of blocks) seen.push(ran)
    expect(seen).toEqual([true, true])
  })

  it('ends with the reason of a signal', async () => {
    const recommender = new EmbeddingRecommender(embeddings)
    const controller = new AbortController()
    const blocks = recommender.recommendAll({ blockSize: 1, signal: controller.signal })
    await blocks.next()
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(blocks.next()).rejects.toBe(reason)
    expect(await blocks.next()).toEqual({ done: true, value: undefined })
  })

  it.each([
    [{ blockSize: 0 }, InvalidOptionsError, 'blockSize: got 0'],
    [{ k: 5 }, InvalidOptionsError, 'recommendAll:\n  - k: got 5; expected an integer in 1..4'],
    [{ users: ['dora'] }, UnknownIdError, 'dora'],
    [{ candidates: ['z'] }, UnknownIdError, 'z'],
    [{ unknownIds: 'skip' }, InvalidOptionsError, "unknown option 'unknownIds'"],
  ])('rejects %j', async (options, Class, message) => {
    const blocks: AsyncIterator<Recommendation[]> = new EmbeddingRecommender(
      embeddings,
    ).recommendAll(options as object)
    const first = blocks.next()
    await expect(first).rejects.toBeInstanceOf(Class)
    await expect(first).rejects.toThrow(message)
  })
})
