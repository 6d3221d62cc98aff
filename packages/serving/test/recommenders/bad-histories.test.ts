import { InvalidOptionsError, UnknownIdError } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import {
  EmbeddingRecommender,
  type HistoryItem,
  NotSupportedError,
  Recommender,
} from '../../src/index.js'
import { everyKind } from '../support/every-kind.js'
import { embeddings } from '../support/recommenders.js'

describe.each(Object.entries(everyKind))('histories that are wrong, by %s', (_, recommender) => {
  it('count and skip unknown items, and refuse them by option', () => {
    const known = recommender.recommendFor(['a', 'c'])
    const mixed = recommender.recommendFor(['a', 'x', 'c', 'y'])
    expect(mixed).toEqual({ ...known, ignoredItems: 2 })
    const since = recommender.recommend('ben', { since: ['x', 'd'] })
    expect(since).toEqual({ ...recommender.recommend('ben', { since: ['d'] }), ignoredItems: 1 })
    for (const ask of [
      () => recommender.recommendFor(['a', 'x'], { unknownItems: 'error' }),
      () => recommender.recommend('ben', { since: ['x'], unknownItems: 'error' }),
      () => recommender.explain(['a', 'x'], 'd', { unknownItems: 'error' }),
      () => recommender.whyNot(['a', 'x'], 'd', { unknownItems: 'error' }),
    ]) {
      expect(ask).toThrow(UnknownIdError)
    }
  })

  it('are answered by popularity when no item is known', () => {
    const popular = { items: ['b', 'a', 'c', 'd'], scores: [2, 1, 1, 1], source: 'popularity' }
    expect(recommender.recommendFor([])).toEqual(popular)
    expect(recommender.recommendFor(['x'])).toEqual({ ...popular, ignoredItems: 1 })
    expect(recommender.explain([], 'b')).toMatchObject({ source: 'popularity', score: 2 })
    expect(recommender.whyNot([], 'b')).toMatchObject({ source: 'popularity', rank: 1 })
  })

  it('count a repeated item once, or add up its weights', () => {
    expect(recommender.recommendFor(['a', 'c', 'a'])).toEqual(recommender.recommendFor(['a', 'c']))
    const repeated = [{ item: 'a', weight: 0.5 }, 'c', { item: 'a', weight: 1.5 }]
    const added = [{ item: 'a', weight: 2 }, 'c']
    expect(recommender.recommendFor(repeated)).toEqual(recommender.recommendFor(added))
  })

  it.each([-1, 0, Number.NaN, Number.POSITIVE_INFINITY, '1'])('refuse the weight %j', (weight) => {
    const history = [{ item: 'a', weight }] as HistoryItem<string>[]
    for (const ask of [
      () => recommender.recommendFor(history),
      () => recommender.recommendFor([['b'], history]),
      () => recommender.recommend('ben', { since: history }),
      () => recommender.explain(history, 'd'),
      () => recommender.whyNot(history, 'd'),
    ]) {
      expect(ask).toThrow(InvalidOptionsError)
      expect(ask).toThrow('expected a finite number above 0')
    }
  })

  it('of everything leave nothing to recommend', () => {
    const everything = ['a', 'b', 'c', 'd']
    const nothing = { items: [], scores: [], source: 'folded-in' }
    expect(recommender.recommendFor(everything)).toEqual(nothing)
    const all = recommender.recommendFor(everything, { excludeSeen: false })
    expect(all.items).toHaveLength(4)
    expect(all.scores.every(Number.isFinite)).toBe(true)
    expect(recommender.whyNot(everything, 'a')).toMatchObject({
      leftOut: 'seen',
      last: null,
      gap: null,
      lifts: { method: 'none', items: [] },
    })
    expect(recommender.explain(everything, 'a').source).toBe('folded-in')
  })

  it('get empty lists from candidates that leave nothing, and shorter ones than k', () => {
    const nothing = { items: [], scores: [], source: 'folded-in' }
    for (const options of [
      { candidates: [] },
      { candidates: ['a'] },
      { candidates: ['b'], exclude: ['b'] },
      { exclude: ['b', 'c', 'd'] },
      { candidates: ['x'], unknownIds: 'skip' as const },
    ]) {
      expect(recommender.recommendFor(['a'], options)).toEqual(nothing)
    }
    const few = recommender.recommendFor(['a'], { k: 4, candidates: ['a', 'c', 'd'] })
    expect([...few.items].sort()).toEqual(['c', 'd'])
    expect(() => recommender.recommendFor(['a'], { k: 5 })).toThrow(
      'got 5; expected an integer in 1..4',
    )
  })
})

it('a folder without the part for histories answers its users, and says how to save it', async () => {
  const complete = new EmbeddingRecommender({
    ...embeddings,
    foldIn: { convention: 'implicit', alpha: 3, l2Weight: 0.5 },
  })
  const files = {}
  await complete.save(files, { foldIn: false })
  const loaded = await Recommender.load<string, string>(files)
  expect(loaded.recommend('anna')).toEqual(complete.recommend('anna'))
  const { lifts, ...standing } = loaded.whyNot('anna', 'c')
  expect(standing).toEqual({ ...complete.whyNot('anna', 'c'), lifts: undefined })
  expect(lifts).toEqual({ method: 'none', tried: 0, items: [] })
  for (const ask of [
    () => loaded.recommendFor(['a']),
    () => loaded.recommend('anna', { since: ['d'] }),
    () => loaded.explain('anna', 'c'),
    () => loaded.whyNot(['a'], 'c'),
  ]) {
    expect(ask).toThrow(NotSupportedError)
    expect(ask).toThrow(/foldIn: false.*save it again without this option/)
  }
})
