import { Rng } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  EmbeddingRecommender,
  RandomRecommender,
  SpectralFilterRecommender,
  UserSimilarityRecommender,
} from '../../src/index.js'
import { common, recommenderArbitrary, sparse } from '../support/recommenders.js'

const scoresOf = (
  model: Pick<UserSimilarityRecommender, 'itemCount' | 'scoreHistories'>,
  items: number[],
  weights?: number[],
) => {
  const scores = new Float32Array(model.itemCount)
  model.scoreHistories(
    {
      pointers: Int32Array.of(0, items.length),
      items: Int32Array.from(items),
      ...(weights && { weights: Float32Array.from(weights) }),
    },
    scores,
  )
  return scores
}

describe('histories with weights', () => {
  it('score as without when all weights are 1, to the byte, for every kind of model', () => {
    const kinds = recommenderArbitrary.filter((model) => !(model instanceof EmbeddingRecommender))
    fc.assert(
      fc.property(kinds, (model) => {
        const items = Array.from({ length: model.itemCount }, (_, item) => item)
        expect(
          scoresOf(
            model,
            items,
            items.map(() => 1),
          ),
        ).toEqual(scoresOf(model, items))
      }),
    )
  })

  it('are linear in a filter', () => {
    const model = new SpectralFilterRecommender({
      ...common,
      polynomial: [0.3, -0.5, 0.2],
      sharpening: [0.5, 0.5],
      degreeExponent: 0.5,
      ideal: { weight: 0.5, exponent: 0.5, merge: 'early' },
      vectors: Float32Array.of(1, 0.5, -0.25, 0.125),
    })
    const [a, b] = [scoresOf(model, [0]), scoresOf(model, [2])]
    scoresOf(model, [0, 2], [2, 0.5]).forEach((score, item) => {
      expect(score).toBeCloseTo(2 * (a[item] as number) + 0.5 * (b[item] as number), 5)
    })
  })

  it('of training count in a filter, whether all items are scored or some', () => {
    const seen = { ...common.seen, weights: Float32Array.of(1, 4, 2, 0.5, 3) }
    const model = new SpectralFilterRecommender({ ...common, seen, polynomial: [0.5, -0.5] })
    const all = new Float32Array(4)
    model.scoreUsers(Int32Array.of(0), all)
    expect(model.score('anna', ['b', 'a'])).toEqual([all[1], all[0]])
    const { score, remainder, contributions } = model.explain('anna', 'b')
    expect([score, contributions.length]).toEqual([all[1], 2])
    expect(remainder).toBeCloseTo(0, 6)
    const history = [{ item: 'a', weight: 2 }, 'b']
    const [c] = scoresOf(model, [0, 1], [2, 1]).slice(2)
    expect(model.recommendFor(history, { candidates: ['c'] }).scores).toEqual([c])
    expect(model.explain(history, 'b').score).toBe(scoresOf(model, [0, 1], [2, 1])[1])
  })

  it('are compared with users by a cosine that weighs them', () => {
    const model = new UserSimilarityRecommender({
      ...common,
      similarities: sparse(new Float32Array(9), 3),
      neighbours: 1,
      shrinkage: 0,
    })
    // anna has met a and b, cleo c and d: 3 / √(10 · 2) is nearer than 1 / √(10 · 2).
    const near = Math.fround(3 / Math.sqrt(20))
    expect(scoresOf(model, [0, 2], [1, 3])).toEqual(Float32Array.of(0, 0, near, near))
    expect(scoresOf(model, [0, 2], [3, 1])).toEqual(Float32Array.of(near, near, 0, 0))
  })

  it('draw the same random numbers for the same history, and others for others', () => {
    const model = new RandomRecommender({ ...common, rng: Rng.fromSeed(1) })
    expect(scoresOf(model, [0, 1])).toEqual(scoresOf(model, [0, 1]))
    expect(scoresOf(model, [0, 1])).not.toEqual(scoresOf(model, [0, 2]))
  })
})
