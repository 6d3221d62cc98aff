import { NonFiniteError } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EmbeddingRecommender, PopularityRecommender, Recommender } from '../../src/index.js'
import { writeModelFolder } from '../../src/model-folder/write-model-folder.js'
import { common, embeddings, recommenderArbitrary } from '../support/recommenders.js'
import { sampleParts } from '../support/sample-parts.js'
import { temporaryFolder } from '../support/temporary-folder.js'

type Files = Record<string, Uint8Array>

describe('saving and loading a recommender', () => {
  it('keeps every byte of every answer, and saves the same files again', async () => {
    await fc.assert(
      fc.asyncProperty(recommenderArbitrary, async (model) => {
        const files: Files = {}
        await model.save(files)
        const loaded = await Recommender.load(files)
        expect(loaded.constructor).toBe(model.constructor)
        const options = { k: model.itemCount, excludeSeen: false }
        expect(loaded.recommend(model.users.ids, options)).toEqual(
          model.recommend(model.users.ids, options),
        )
        expect(loaded.recommend(model.users.ids, { k: 1 })).toEqual(
          model.recommend(model.users.ids, { k: 1 }),
        )
        const again: Files = {}
        await loaded.save(again)
        expect(again).toEqual(files)
      }),
      { numRuns: 50 },
    )
  })

  it('keeps the weights of histories, without which the files are the same as ever', async () => {
    const weights = Float32Array.from(common.seen.items, (_, place) => place + 0.5)
    const seen = { ...common.seen, weights }
    const scores = new Float32Array(4)
    const files: Files = {}
    await new PopularityRecommender({ ...common, seen, scores }).save(files)
    const loaded = (await Recommender.load(files)) as PopularityRecommender
    expect(loaded.seen).toEqual(seen)
    const plain: Files = {}
    await new PopularityRecommender({ ...common, scores }).save(plain)
    const sameNames = Object.keys(plain).filter((name) => Object.hasOwn(files, name))
    expect(sameNames.some((name) => name.startsWith('seen-'))).toBe(false)
  })

  it.each([
    [Float32Array.of(1), "'weights' has 1 entries"],
    [new Float32Array(common.seen.items.length), "'weights' has 0 at place 0; expected finite"],
  ])('refuses weights of histories that do not fit', (weights, message) => {
    const seen = { ...common.seen, weights }
    const make = () => new PopularityRecommender({ ...common, seen, scores: new Float32Array(4) })
    expect(make).toThrow(message)
  })

  it('keeps where the model comes from', async () => {
    const folder = await temporaryFolder()
    const origin = { architecture: 'light-gcn', options: { layers: 3 }, splitHash: 'ab' }
    await new EmbeddingRecommender({ ...embeddings, origin }).save(folder)
    expect((await Recommender.load(folder)).origin).toEqual(origin)
    const popularity = new PopularityRecommender({ ...common, scores: new Float32Array(4) })
    expect(popularity.origin).toEqual({ architecture: 'popularity', options: {}, splitHash: null })
  })

  it('keeps similarity, scale and bias', async () => {
    const files: Files = {}
    await new EmbeddingRecommender({
      ...embeddings,
      similarity: 'cosine',
      scale: 0.1,
      itemBias: Float32Array.of(0.5, 0, 0, 0),
    }).save(files)
    const loaded = (await Recommender.load(files)) as EmbeddingRecommender
    expect([loaded.similarity, loaded.scale, loaded.embeddingDim]).toEqual(['cosine', 0.1, 2])
    expect(loaded.score('anna', ['a'])[0]).toBeCloseTo(0.1 / Math.sqrt(5) + 0.5, 6)
  })

  it('loads a folder of a trained model whose weights are gone', async () => {
    const files: Files = {}
    await writeModelFolder(files, sampleParts(1))
    for (const name of Object.keys(files)) if (name.startsWith('weights-')) delete files[name]
    const loaded = await Recommender.load(files)
    expect(loaded.recommend('ben', { k: 1 }).items).toHaveLength(1)
    expect(loaded.origin.architecture).toBe('light-gcn')
  })

  it('tells who asks with the other type of id', async () => {
    const files: Files = {}
    await writeModelFolder(files, sampleParts(1, { users: [1, 2], items: ['007', '7'] }))
    const loaded = await Recommender.load(files)
    expect(loaded.score(2, ['7', '007'])).toHaveLength(2)
    expect(() => loaded.recommend('2')).toThrow('the ids of this map are of type number')
    expect(() => loaded.score(2, [7])).toThrow('the ids of this map are of type string')
  })

  it('names the row of a model saved with a NaN', async () => {
    const parts = sampleParts(1)
    parts.serving.set('itemBias', { shape: [4], data: Float32Array.of(0, Number.NaN, 0, 0) })
    const files: Files = {}
    await writeModelFolder(files, parts)
    await expect(Recommender.load(files)).rejects.toThrow(NonFiniteError)
    await expect(Recommender.load(files)).rejects.toThrow('The bias of item 20')
  })
})
