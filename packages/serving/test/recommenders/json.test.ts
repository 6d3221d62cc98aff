import { fromRecords, interactionLists } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  EmbeddingRecommender,
  type EmbeddingRecommenderOptions,
  NotSupportedError,
  type Recommender,
} from '../../src/index.js'
import { embeddings, recommenderArbitrary } from '../support/recommenders.js'

/** Returns a value as the reader of its JSON gets it. */
const sent = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** Returns the answer, or undefined where the kind of recommender has none. */
function answerOf<T>(ask: () => T): T | undefined {
  try {
    return ask()
  } catch (error) {
    if (error instanceof NotSupportedError) return undefined
    throw error
  }
}

/** Asks a recommender all that can be asked of it. */
function answersOf<U extends number | string, I extends number | string>(
  recommender: Recommender<U, I>,
): readonly unknown[] {
  const { users, items } = recommender
  const [user, item] = [users.idOf(0), items.idOf(0)]
  const history = [{ item, weight: 2 }, items.idOf(items.size - 1)]
  const asks: (() => unknown)[] = [
    () => recommender.recommend(user),
    () => recommender.recommend(users.ids),
    () => recommender.recommend(users.ids, { excludeSeen: false }),
    () => recommender.recommend(user, { since: [item] }),
    () => recommender.recommendFor(history),
    () => recommender.recommendFor([]),
    () => recommender.recommendFor([history, [item], []]),
    () => recommender.similarItems(item),
    () => recommender.similarUsers(user),
    () => recommender.score(user, items.ids),
    () => recommender.explain(user, item),
    () => recommender.explain(history, item),
    () => recommender.whyNot(user, item),
    () => recommender.whyNot(history, item, { exclude: [item] }),
    () => recommender.whyNot(history, item, { candidates: [] }),
  ]
  return asks.map(answerOf)
}

const propagated: EmbeddingRecommenderOptions<string, string> = {
  ...embeddings,
  foldIn: { convention: 'propagated', regularization: 1 },
  foldInTensors: new Map([['items', { shape: [4, 2], data: embeddings.itemEmbeddings }]]),
}

describe('answers as JSON', () => {
  it('hold the same arrays as the answers themselves, for every kind of model', async () => {
    await fc.assert(
      fc.asyncProperty(recommenderArbitrary, async (recommender) => {
        const answers = answersOf(recommender)
        expect(answers.filter((answer) => answer !== undefined).length).toBeGreaterThan(4)
        for (const answer of answers) if (answer) expect(sent(answer)).toEqual(answer)
        for await (const block of recommender.recommendAll()) expect(sent(block)).toEqual(block)
      }),
    )
  })

  it('hold the same for embeddings of histories, and miss nothing there', () => {
    const answers = answersOf(new EmbeddingRecommender(propagated))
    expect(answers).not.toContain(undefined)
    expect(sent(answers)).toEqual(answers)
  })

  it('are arrays of numbers', () => {
    const recommender = new EmbeddingRecommender(propagated)
    expect(JSON.stringify(recommender.recommend('anna', { k: 2 }))).toBe(
      '{"user":"anna","items":["d","c"],"scores":[2,0],"source":"trained"}',
    )
    expect(JSON.stringify(recommender.score('anna', ['a', 'b']))).toBe('[1,3]')
    expect(JSON.stringify(recommender.similarItems('d', { k: 1 }))).toMatch(
      /^{"items":\["a"\],"scores":\[0\.\d+\],"source":"trained"}$/,
    )
    expect(JSON.stringify(recommender.explain(['a'], 'd'))).toMatch(
      /^{"item":"d",.*"contributions":\[{"item":"a","contribution":/,
    )
  })

  it('keep the type of ids: numbers stay numbers, and digits stay text', () => {
    const table = fromRecords<number, string>([
      { user: 7, item: '1' },
      { user: 8, item: '2' },
    ])
    const recommender = new EmbeddingRecommender({
      users: table.users,
      items: table.items,
      seen: interactionLists(table),
      embeddingDim: 1,
      userEmbeddings: Float32Array.of(1, 1),
      itemEmbeddings: Float32Array.of(1, 2),
    })
    expect(sent(recommender.recommend([7, 8]))).toEqual([
      { user: 7, items: ['2'], scores: [2], source: 'trained' },
      { user: 8, items: ['1'], scores: [1], source: 'trained' },
    ])
  })
})
