import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EmbeddingRecommender } from '../../src/index.js'
import { embeddings, recommenderArbitrary } from '../support/recommenders.js'

/** Returns a value as the reader of its JSON gets it. */
const sent = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('answers as JSON', () => {
  it('hold the same arrays as the answers themselves, for every kind of model', async () => {
    await fc.assert(
      fc.asyncProperty(recommenderArbitrary, async (recommender) => {
        const { users, items } = recommender
        const lists = recommender.recommend(users.ids)
        expect(sent(lists)).toEqual(lists)
        for await (const block of recommender.recommendAll()) expect(sent(block)).toEqual(block)
        const scores = recommender.score(users.idOf(0), items.ids)
        expect(sent(scores)).toEqual(scores)
        if (!(recommender instanceof EmbeddingRecommender)) return
        const similar = [
          recommender.similarItems(items.idOf(0)),
          recommender.similarUsers(users.idOf(0)),
        ]
        expect(sent(similar)).toEqual(similar)
      }),
    )
  })

  it('are arrays of numbers', () => {
    const recommender = new EmbeddingRecommender(embeddings)
    expect(JSON.stringify(recommender.recommend('anna', { k: 2 }))).toBe(
      '{"user":"anna","items":["d","c"],"scores":[2,0],"source":"trained"}',
    )
    expect(JSON.stringify(recommender.score('anna', ['a', 'b']))).toBe('[1,3]')
  })
})
