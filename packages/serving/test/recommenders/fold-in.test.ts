import { InvalidOptionsError, NonFiniteError, ShapeMismatchError } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { describe, expect, it } from 'vitest'
import { EmbeddingRecommender, Recommender } from '../../src/index.js'
import { foldInRidges, type LeastSquaresFoldIn, writeModelFolder } from '../../src/model-folder.js'
import { common, embeddings } from '../support/recommenders.js'
import { sampleParts } from '../support/sample-parts.js'

const implicit: LeastSquaresFoldIn = { convention: 'implicit', alpha: 3, l2Weight: 0.5 }
const rendle: LeastSquaresFoldIn = {
  convention: 'rendle',
  unobservedWeight: 0.25,
  l2Weight: 0.5,
  regularizationExponent: 1,
}

function lists(...histories: number[][]) {
  const pointers = [0]
  for (const list of histories) pointers.push((pointers.at(-1) as number) + list.length)
  return { pointers: Int32Array.from(pointers), items: Int32Array.from(histories.flat()) }
}

function asked(model: EmbeddingRecommender, ...histories: number[][]): number[] {
  const out = new Float32Array(histories.length * model.itemCount)
  model.scoreHistories(lists(...histories), out)
  return Array.from(out)
}

describe('an EmbeddingRecommender that folds in by least squares', () => {
  it('solves the least squares of a history of one number by hand', () => {
    const numbers = {
      ...common,
      embeddingDim: 1,
      userEmbeddings: Float32Array.of(1, 1, 1),
      itemEmbeddings: Float32Array.of(1, 2, 0, -1),
    }
    // The squares of all items are 6. implicit: (6 + 3 · 4 + .5) x = 4 · 2; rendle: (1.5 + 4 + .5 · (1 + 1)) x = 2.
    const first = new EmbeddingRecommender({ ...numbers, foldIn: implicit })
    expect(asked(first, [1])).toEqual([8, 16, 0, -8].map((y) => Math.fround(y / 18.5)))
    const second = new EmbeddingRecommender({ ...numbers, foldIn: rendle })
    const x = Math.fround(2 / 6.5)
    expect(asked(second, [1], [])).toEqual([x, 2 * x, 0, -x, 0, 0, 0, 0])
  })

  it.each([implicit, rendle])('answers users as an EmbeddingRecommender does: %o', (foldIn) => {
    const model = new EmbeddingRecommender({ ...embeddings, foldIn })
    const plain = new EmbeddingRecommender(embeddings)
    const users = ['anna', 'ben', 'cleo']
    expect(model.recommend(users, { k: 4 })).toEqual(plain.recommend(users, { k: 4 }))
    expect(model.similarItems('a')).toEqual(plain.similarItems('a'))
    expect(model.score('ben', ['a', 'd'])).toEqual(plain.score('ben', ['a', 'd']))
  })

  it('gives a history the same bytes alone, among others, and after it was disposed of', () => {
    const model = new EmbeddingRecommender({ ...embeddings, foldIn: rendle })
    const [a, b] = [asked(model, [0, 2]), asked(model, [1])]
    expect(asked(model, [1], [0, 2])).toEqual([...b, ...a])
    const { usedBytes } = defaultRuntime().statistics
    model.dispose()
    expect(defaultRuntime().statistics.usedBytes).toBeLessThan(usedBytes)
    expect(asked(model, [0, 2])).toEqual(a)
    expect(asked(model.withColdStart('model'), [0, 2])).toEqual(a)
  })

  it('says what to do when the least squares have no unique solution', () => {
    const foldIn = { ...implicit, l2Weight: 0 }
    const itemEmbeddings = new Float32Array(8)
    const model = new EmbeddingRecommender({ ...embeddings, itemEmbeddings, foldIn })
    expect(() => asked(model, [0])).toThrow(InvalidOptionsError)
    expect(() => asked(model, [0])).toThrow('Raise l2Weight')
  })

  it.each<[string, ReturnType<typeof lists>, number]>([
    ['too little room', lists([0], [1]), 7],
    ['an unknown item', lists([4]), 4],
    ['items in disorder', lists([2, 1]), 4],
  ])('refuses %s', (_, histories, room) => {
    const model = new EmbeddingRecommender({ ...embeddings, foldIn: implicit })
    const ask = () => model.scoreHistories(histories, new Float32Array(room))
    expect(ask).toThrow(ShapeMismatchError)
  })

  it('refuses wrong options', () => {
    const make = (changes: object) => () =>
      new EmbeddingRecommender({ ...embeddings, foldIn: implicit, ...changes } as never)
    expect(make({ foldIn: { ...implicit, alpha: -1 } })).toThrow('alpha: got -1')
    expect(make({ foldIn: { ...rendle, alpha: 1 } })).toThrow(InvalidOptionsError)
    expect(make({ foldIn: undefined, foldInTensors: new Map([['items', {}]]) })).toThrow('foldIn')
    for (const change of [
      { similarity: 'cosine' },
      { scale: 2 },
      { itemBias: new Float32Array(4) },
    ]) {
      expect(make(change)).toThrow('whose score is their plain dot product')
    }
    expect(() => new EmbeddingRecommender(undefined as never)).toThrow(InvalidOptionsError)
    const long = {
      embeddingDim: 2049,
      userEmbeddings: new Float32Array(3 * 2049),
      itemEmbeddings: new Float32Array(4 * 2049),
    }
    expect(make(long)).toThrow('up to 2048 numbers, not 2049')
    const userEmbeddings = new Float32Array(6).fill(Number.NaN)
    expect(make({ userEmbeddings })).toThrow(NonFiniteError)
  })
})

describe('a saved one', () => {
  it.each([implicit, rendle])('gives the same answers when loaded: %o', async (foldIn) => {
    const model = new EmbeddingRecommender({ ...embeddings, foldIn, coldStart: 'model' })
    const files: Record<string, Uint8Array> = {}
    await model.save(files)
    const loaded = (await Recommender.load(files)) as EmbeddingRecommender
    expect(loaded).toBeInstanceOf(EmbeddingRecommender)
    expect([loaded.foldIn, loaded.coldStart]).toEqual([foldIn, 'model'])
    expect(asked(loaded, [1, 3])).toEqual(asked(model, [1, 3]))
    const again: Record<string, Uint8Array> = {}
    await loaded.save(again)
    expect(again).toEqual(files)
  })

  it.each<[string, object]>([
    ['cosines', { similarity: 'cosine' }],
    ['a scale', { scale: 2 }],
    ['an item bias', { itemBias: true }],
    ['a kind without embeddings', {}],
  ])('is refused with %s', async (_, change) => {
    const parts = sampleParts(1)
    const score = { similarity: 'dot' as const, scale: 1, itemBias: false, foldIn: implicit }
    const kind = Object.keys(change).length === 0 ? ('popularity' as const) : parts.kind
    const write = writeModelFolder({}, { ...parts, kind, score: { ...score, ...change } })
    await expect(write).rejects.toThrow(/'foldIn' .*is for embeddings/)
  })

  it('is refused with embeddings that are too long to be solved for', async () => {
    const files: Record<string, Uint8Array> = {}
    const [userEmbeddings, itemEmbeddings] = [3, 4].map((rows) => new Float32Array(rows * 2049))
    await new EmbeddingRecommender({
      ...common,
      embeddingDim: 2049,
      userEmbeddings: userEmbeddings as Float32Array,
      itemEmbeddings: itemEmbeddings as Float32Array,
    }).save(files)
    const { sha256: __, ...json } = JSON.parse(new TextDecoder().decode(files['model.json']))
    json.score.foldIn = implicit
    files['model.json'] = new TextEncoder().encode(JSON.stringify(json))
    await expect(Recommender.load(files)).rejects.toThrow('up to 2048 numbers, not 2049')
  })

  it.each<[string, unknown]>([
    ['a negative weight', { ...implicit, alpha: -1 }],
    ['an unknown convention', { ...implicit, convention: 'als' }],
    ['a surplus field', { ...implicit, more: 1 }],
    ['a missing field', { convention: 'rendle', l2Weight: 1 }],
    ['text', { ...implicit, l2Weight: '1' }],
    ['nothing', null],
  ])('is refused when its least squares have %s', async (_, foldIn) => {
    const files: Record<string, Uint8Array> = {}
    await new EmbeddingRecommender({ ...embeddings, foldIn: implicit }).save(files)
    const { sha256: __, ...json } = JSON.parse(new TextDecoder().decode(files['model.json']))
    json.score.foldIn = foldIn
    files['model.json'] = new TextEncoder().encode(JSON.stringify(json))
    await expect(Recommender.load(files)).rejects.toThrow(/model\.json .*foldIn/s)
  })

  it('weighs the squared lengths of rows by their entries', () => {
    const pointers = Int32Array.of(0, 3, 3)
    expect(Array.from(foldInRidges(rendle, pointers, 8))).toEqual([0.5 * 5, 0.5 * 2])
    expect(Array.from(foldInRidges(implicit, pointers, 8))).toEqual([0.5, 0.5])
  })

  it('refuses weights of squared lengths beyond float32, and says which option makes them', () => {
    const pointers = Int32Array.of(0, 3)
    for (const regularizationExponent of [60, 1000]) {
      const ridges = () => foldInRidges({ ...rendle, regularizationExponent }, pointers, 8)
      expect(ridges).toThrow(InvalidOptionsError)
      expect(ridges).toThrow('Lower regularizationExponent')
    }
    expect(() => foldInRidges({ ...implicit, l2Weight: 1e39 }, pointers, 8)).toThrow('got 1e+39')
  })
})
