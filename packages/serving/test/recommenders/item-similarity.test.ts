import {
  IdMap,
  InvalidOptionsError,
  NonFiniteError,
  ShapeMismatchError,
  type SparseMatrix,
} from '@gnnrec/graph'
import { sha256Hex } from '@gnnrec/graph/files'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ItemSimilarityRecommender,
  NotSupportedError,
  Recommender,
  SerializationError,
} from '../../src/index.js'
import { encodeSafetensors } from '../../src/model-folder/encode-safetensors.js'
import { common, sparse } from '../support/recommenders.js'

type Files = Record<string, Uint8Array>

/** Place (j, i): what having met j adds to the score of i. */
const weights = Float32Array.of(0, 1, 0, 4, 2, 0, -3, 0, 0, 0, 0, 1, 0.5, 0, 0, 0)
const dense = new ItemSimilarityRecommender({ ...common, weights })
const compressed = new ItemSimilarityRecommender({ ...common, weights: sparse(weights, 4) })

function allScores(model: Recommender): number[] {
  const out = new Float32Array(model.userCount * model.itemCount)
  model.scoreUsers(
    Int32Array.from({ length: model.userCount }, (_, user) => user),
    out,
  )
  return Array.from(out)
}

describe('ItemSimilarityRecommender', () => {
  it.each([
    ['dense', dense],
    ['sparse', compressed],
  ])('adds up the rows of the items met: %s', (_, model) => {
    expect(allScores(model)).toEqual([2, 1, -3, 4, 2, 0, -3, 0, 0.5, 0, 0, 1])
    expect(model.recommend('anna')).toEqual({
      user: 'anna',
      items: ['d', 'c'],
      scores: [4, -3],
      source: 'trained',
    })
  })

  it('gives dense and sparse weights the same bytes, however many items were met', () => {
    const values = fc.array(fc.float({ min: -1, max: 1, noNaN: true }), {
      minLength: 144,
      maxLength: 144,
    })
    fc.assert(
      fc.property(values, fc.subarray(Array.from({ length: 12 }, (_, i) => i)), (values, met) => {
        const parts = {
          users: IdMap.from(['anna']),
          items: IdMap.from(Array.from({ length: 12 }, (_, i) => i)),
          seen: { pointers: Int32Array.of(0, met.length), items: Int32Array.from(met) },
        }
        const weights = Float32Array.from(values)
        const scores = allScores(new ItemSimilarityRecommender({ ...parts, weights }))
        const one = new ItemSimilarityRecommender({ ...parts, weights: sparse(weights, 12) })
        expect(allScores(one)).toEqual(scores)
        const expected = Array.from({ length: 12 }, (_, item) =>
          met.reduce((sum, j) => Math.fround(sum + (weights[j * 12 + item] as number)), 0),
        )
        expect(scores).toEqual(expected)
      }),
    )
  })

  it('ranks similar items by their column: all of them when dense, those present when sparse', () => {
    expect(dense.similarItems('a', { k: 4 })).toEqual({
      items: ['b', 'd', 'c'],
      scores: [2, 0.5, 0],
      source: 'trained',
    })
    expect(compressed.similarItems('a', { k: 4 })).toEqual({
      items: ['b', 'd'],
      scores: [2, 0.5],
      source: 'trained',
    })
    expect(compressed.similarItems('a', { k: 1 }).items).toEqual(['b'])
    for (const model of [dense, compressed]) {
      expect(() => model.similarUsers('anna')).toThrow(NotSupportedError)
    }
  })

  it('does not change when the dense weights it was made from do', () => {
    const own = weights.slice()
    const model = new ItemSimilarityRecommender({ ...common, weights: own })
    own.fill(9)
    expect(allScores(model)).toEqual(allScores(dense))
  })

  it('rejects weights that do not fit the items, are not finite or of another type', () => {
    const make = (weights: Float32Array | SparseMatrix) =>
      new ItemSimilarityRecommender({ ...common, weights })
    expect(() => make(new Float32Array(4))).toThrow(ShapeMismatchError)
    expect(() => make(new Float32Array(4))).toThrow('4 items need 4 × 4 = 16')
    expect(() => make(sparse(new Float32Array(9), 3))).toThrow(ShapeMismatchError)
    expect(() => make(sparse(new Float32Array(9), 3))).toThrow('weights is 3 × 3; expected 4 × 4')
    const bad = weights.slice()
    bad[6] = Number.NaN
    expect(() => make(bad)).toThrow(NonFiniteError)
    expect(() => make(bad)).toThrow('The row of weights of item "b" (row 1) holds NaN')
    expect(() => make(Array.from(weights) as never)).toThrow(InvalidOptionsError)
    expect(() => make(Array.from(weights) as never)).toThrow('a SparseMatrix or a Float32Array')
  })

  it('says of itself that its origin is its kind when nobody says more', () => {
    expect(dense.origin).toEqual({ architecture: 'item-similarity', options: {}, splitHash: null })
  })
})

/** Saves the sparse model and puts other serving tensors in place, their digest corrected. */
async function tampered(tensors: Record<string, Float32Array | Int32Array>): Promise<Files> {
  const files: Files = {}
  await compressed.save(files)
  const { sha256: _, ...json } = JSON.parse(new TextDecoder().decode(files['model.json']))
  const shapes = Object.entries(tensors).map(
    ([name, data]) => [name, { shape: [data.length], data }] as const,
  )
  const bytes = encodeSafetensors(new Map(shapes))
  const entry = json.files.serving
  json.files.serving = { ...entry, bytes: bytes.length, sha256: await sha256Hex(bytes) }
  files[entry.name] = bytes
  files['model.json'] = new TextEncoder().encode(JSON.stringify(json))
  return files
}

describe('loading an item-similarity model', () => {
  const rowPointers = Int32Array.of(0, 2, 2, 2, 2)
  const columnIndices = Int32Array.of(0, 3)
  const values = Float32Array.of(1, 2)

  it('takes tensors that fit', async () => {
    const loaded = await Recommender.load(await tampered({ rowPointers, columnIndices, values }))
    expect(loaded.score('anna', ['a', 'd'])).toEqual([1, 2])
  })

  it.each<[string, Record<string, Float32Array | Int32Array>, string]>([
    ['dense weights of another shape', { weights: new Float32Array(16) }, 'expected [4,4]'],
    [
      'dense weights of another type',
      { weights: new Int32Array(16) },
      "'weights' is a Int32Array; expected a Float32Array",
    ],
    ['nothing', {}, "tensor 'rowPointers' is missing"],
    ['no columns', { rowPointers, values }, "tensor 'columnIndices' is missing"],
    ['no values', { rowPointers, columnIndices }, "tensor 'values' is missing"],
    [
      'both forms',
      { rowPointers, columnIndices, values, weights: new Float32Array(16) },
      "'weights' has the shape [16]; expected [4,4]",
    ],
    [
      'a tensor too many',
      { rowPointers, columnIndices, values, extra: values },
      "tensor 'extra' is not expected",
    ],
    [
      'too few pointers',
      { rowPointers: rowPointers.slice(1), columnIndices, values },
      "'rowPointers' has the shape [4]; expected [5]",
    ],
    [
      'values cut off',
      { rowPointers, columnIndices, values: values.slice(1) },
      "'values' has the shape [1]; expected [2]",
    ],
    [
      'entries that no row points to',
      { rowPointers: Int32Array.of(0, 1, 1, 1, 1), columnIndices, values },
      'rowPointers',
    ],
    [
      'an item beyond the last',
      { rowPointers, columnIndices: Int32Array.of(0, 4), values },
      '0..3',
    ],
    [
      'columns out of order',
      { rowPointers, columnIndices: Int32Array.of(3, 0), values },
      'columns must ascend',
    ],
    [
      'a value that is NaN',
      { rowPointers, columnIndices, values: Float32Array.of(1, Number.NaN) },
      'values[1] is NaN',
    ],
  ])('rejects %s', async (_, tensors, problem) => {
    const load = Recommender.load(await tampered(tensors))
    await expect(load).rejects.toThrow(SerializationError)
    await expect(load).rejects.toThrow(problem)
  })

  it('rejects a random model whose key has another length', async () => {
    const files = await tampered({ key: Int32Array.of(1, 2, 3) })
    const text = new TextDecoder().decode(files['model.json'])
    files['model.json'] = new TextEncoder().encode(
      text.replace('"kind":"item-similarity"', '"kind":"random"'),
    )
    await expect(Recommender.load(files)).rejects.toThrow("'key' has the shape [3]; expected [2]")
  })

  it('rejects a file that was cut off', async () => {
    const files: Files = {}
    await dense.save(files)
    const name = Object.keys(files).find((name) => name.startsWith('serving-')) as string
    files[name] = (files[name] as Uint8Array).slice(0, -4)
    await expect(Recommender.load(files)).rejects.toThrow(`${name} of the files in memory is trunc`)
  })
})
