import { IdMap, InvalidOptionsError, ShapeMismatchError, SparseMatrix } from '@gnnrec/graph'
import { sha256Hex } from '@gnnrec/graph/files'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  NotSupportedError,
  Recommender,
  SerializationError,
  UserSimilarityRecommender,
} from '../../src/index.js'
import { encodeSafetensors } from '../../src/model-folder/encode-safetensors.js'
import { common, sparse } from '../support/recommenders.js'

type Files = Record<string, Uint8Array>

/** Place (u, v): what the items of v add to the scores of u. */
const similarities = sparse(Float32Array.of(0, 0.5, 0.25, 2, 0, 0, 0, 0, 0), 3)
const settings = { neighbours: 2, shrinkage: 0 }
const recommender = new UserSimilarityRecommender({
  ...common,
  similarities,
  ...settings,
  coldStart: 'model',
})

function histories(...lists: number[][]) {
  const pointers = [0]
  for (const list of lists) pointers.push((pointers.at(-1) as number) + list.length)
  return { pointers: Int32Array.from(pointers), items: Int32Array.from(lists.flat()) }
}

interface ScoresHistories {
  readonly itemCount: number
  scoreHistories(lists: ReturnType<typeof histories>, out: Float32Array): void
}

function scoresOf(lists: number[][], model: ScoresHistories = recommender): number[][] {
  const out = new Float32Array(lists.length * model.itemCount)
  model.scoreHistories(histories(...lists), out)
  return lists.map((_, row) =>
    Array.from(out.subarray(row * model.itemCount, (row + 1) * model.itemCount)),
  )
}

describe('UserSimilarityRecommender', () => {
  it('adds up the similarities of the users who met an item', () => {
    const out = new Float32Array(12)
    recommender.scoreUsers(Int32Array.of(0, 1, 2), out)
    expect(Array.from(out)).toEqual([0, 0.5, 0.25, 0.25, 2, 2, 0, 0, 0, 0, 0, 0])
    expect(recommender.score('anna', ['d', 'b'])).toEqual([0.25, 0.5])
    expect(recommender.recommend('anna')).toMatchObject({ items: ['c', 'd'], scores: [0.25, 0.25] })
  })

  it('compares any history with those of all users', () => {
    // anna has a and b, ben b, cleo c and d.
    const half = Math.fround(Math.SQRT1_2)
    expect(scoresOf([[1], [], [0, 1, 2, 3]])).toEqual([
      [half, Math.fround(half + 1), 0, 0],
      [0, 0, 0, 0],
      [half, half, half, half],
    ])
  })

  it('scores any history as a dense reference in float64 does, alone or among others', () => {
    const pairs = fc.array(fc.tuple(fc.nat(4), fc.nat(6)), { maxLength: 25 })
    const lists = fc.array(fc.subarray([0, 1, 2, 3, 4, 5, 6]), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(
        pairs,
        lists,
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom(0, 0.5, 10),
        (pairs, lists, neighbours, shrinkage) => {
          const met = Array.from({ length: 5 }, (_, user) =>
            [...new Set(pairs.filter(([u]) => u === user).map(([, item]) => item))].sort(),
          )
          const model = new UserSimilarityRecommender({
            users: IdMap.from([0, 1, 2, 3, 4]),
            items: IdMap.from([0, 1, 2, 3, 4, 5, 6]),
            seen: histories(...met),
            similarities: sparse(new Float32Array(25), 5),
            neighbours,
            shrinkage,
          })
          const scores = scoresOf(lists, model)
          lists.forEach((list, row) => {
            const nearest = met
              .map((items, user) => {
                const both = items.filter((item) => list.includes(item)).length
                const norms = Math.sqrt(items.length * list.length)
                return { user, value: both === 0 ? 0 : Math.fround(both / (norms + shrinkage)) }
              })
              .filter(({ value }) => value > 0)
              .sort((a, b) => b.value - a.value || a.user - b.user)
              .slice(0, neighbours)
            const expected = new Array<number>(7).fill(0)
            for (const { user, value } of nearest) {
              for (const item of met[user] as number[])
                expected[item] = (expected[item] as number) + value
            }
            expected.forEach((value, item) => {
              expect(scores[row]?.[item]).toBeCloseTo(value, 5)
            })
            expect(scoresOf([list], model)).toEqual([scores[row]])
          })
        },
      ),
    )
  })

  it('ranks similar users by their row, and knows no similar items', () => {
    expect(recommender.similarUsers('anna', { k: 3 })).toEqual({
      users: ['ben', 'cleo'],
      scores: [0.5, 0.25],
      source: 'trained',
    })
    expect(recommender.similarUsers('cleo', { k: 3 }).users).toEqual([])
    expect(() => recommender.similarItems('a')).toThrow(NotSupportedError)
  })

  it('answers by popularity for users without items unless it is told not to', () => {
    const parts = { ...common, seen: histories([0, 1], [1], []), similarities, ...settings }
    const model = new UserSimilarityRecommender(parts)
    expect(model.recommend('cleo', { k: 1 })).toMatchObject({
      items: ['b'],
      source: 'popularity',
    })
    expect(model.withColdStart('model').recommend('cleo', { k: 1 }).scores).toEqual([0])
  })

  it('rejects similarities that do not fit the users, and wrong settings', () => {
    const make = (options: object) => () =>
      new UserSimilarityRecommender({ ...common, similarities, ...settings, ...options })
    const wrong = sparse(new Float32Array(16), 4)
    expect(make({ similarities: wrong })).toThrow(ShapeMismatchError)
    expect(make({ similarities: wrong })).toThrow('similarities is 4 × 4; expected 3 × 3')
    for (const options of [
      { similarities: new Float32Array(9) },
      { neighbours: 0 },
      { neighbours: 1.5 },
      { shrinkage: -1 },
      { shrinkage: Number.NaN },
      { shrinkage: Number.POSITIVE_INFINITY },
    ]) {
      expect(make(options)).toThrow(InvalidOptionsError)
    }
  })
})

interface Manifest {
  kind: string
  score: { userSimilarity?: unknown }
  files: { serving: { name: string; bytes: number; sha256: string } }
}

/** Saves the recommender and puts other tensors or another manifest in place, the digests corrected. */
async function tampered(
  tensors: Record<string, Float32Array | Int32Array>,
  change: (json: Manifest) => void = () => undefined,
): Promise<Files> {
  const files: Files = {}
  await recommender.save(files)
  const { sha256: _, ...json } = JSON.parse(new TextDecoder().decode(files['model.json']))
  const shapes = Object.entries(tensors).map(
    ([name, data]) => [name, { shape: [data.length], data }] as const,
  )
  const bytes = encodeSafetensors(new Map(shapes))
  json.files.serving = {
    ...json.files.serving,
    bytes: bytes.length,
    sha256: await sha256Hex(bytes),
  }
  change(json)
  files[json.files.serving.name] = bytes
  files['model.json'] = new TextEncoder().encode(JSON.stringify(json))
  return files
}

describe('loading a user-similarity model', () => {
  const rowPointers = Int32Array.of(0, 2, 2, 2)
  const columnIndices = Int32Array.of(1, 2)
  const values = Float32Array.of(1, 2)
  const fitting = { rowPointers, columnIndices, values }

  it('gives the same answers to users and to histories, and the same files again', async () => {
    const files: Files = {}
    await recommender.save(files)
    const loaded = (await Recommender.load(files)) as UserSimilarityRecommender
    expect(loaded).toBeInstanceOf(UserSimilarityRecommender)
    expect([loaded.neighbours, loaded.shrinkage]).toEqual([2, 0])
    expect(scoresOf([[1], [0, 2, 3]], loaded)).toEqual(scoresOf([[1], [0, 2, 3]]))
    expect(loaded.similarUsers('anna')).toEqual(recommender.similarUsers('anna'))
    const again: Files = {}
    await loaded.save(again)
    expect(again).toEqual(files)
  })

  it('takes tensors that fit', async () => {
    const loaded = await Recommender.load(await tampered(fitting))
    expect(loaded.score('anna', ['b', 'c'])).toEqual([1, 2])
  })

  it.each<[string, Record<string, Float32Array | Int32Array>, string]>([
    ['nothing', {}, "tensor 'rowPointers' is missing"],
    ['no columns', { rowPointers, values }, "tensor 'columnIndices' is missing"],
    ['no values', { rowPointers, columnIndices }, "tensor 'values' is missing"],
    ['a tensor too many', { ...fitting, weights: values }, "tensor 'weights' is not expected"],
    [
      'a row for each item',
      { ...fitting, rowPointers: Int32Array.of(0, 2, 2, 2, 2) },
      "'rowPointers' has the shape [5]; expected [4]",
    ],
    ['values cut off', { ...fitting, values: values.slice(1) }, 'has the shape [1]; expected [2]'],
    [
      'columns of another type',
      { ...fitting, columnIndices: values },
      "'columnIndices' is a Float32Array",
    ],
    [
      'rows beyond the entries',
      { ...fitting, rowPointers: Int32Array.of(0, 9, 2, 2) },
      'rowPointers',
    ],
    ['a user beyond the last', { ...fitting, columnIndices: Int32Array.of(1, 3) }, '0..2'],
    ['a user below the first', { ...fitting, columnIndices: Int32Array.of(-1, 2) }, '0..2'],
    ['columns out of order', { ...fitting, columnIndices: Int32Array.of(2, 1) }, 'must ascend'],
    [
      'a value that is NaN',
      { ...fitting, values: Float32Array.of(1, Number.NaN) },
      'values[1] is NaN',
    ],
    [
      'a value that is infinite',
      { ...fitting, values: Float32Array.of(Number.POSITIVE_INFINITY, 1) },
      'values[0] is Infinity',
    ],
  ])('rejects %s', async (_, tensors, problem) => {
    const load = Recommender.load(await tampered(tensors))
    await expect(load).rejects.toThrow(SerializationError)
    await expect(load).rejects.toThrow(problem)
  })

  it.each<[string, (json: Manifest) => void, string]>([
    [
      'no settings',
      (json) => delete json.score.userSimilarity,
      "'score.userSimilarity' belongs to",
    ],
    [
      'no neighbours',
      (json) => (json.score.userSimilarity = { neighbours: 0, shrinkage: 0 }),
      "'score.userSimilarity.neighbours'",
    ],
    [
      'a negative shrinkage',
      (json) => (json.score.userSimilarity = { neighbours: 1, shrinkage: -1 }),
      "'score.userSimilarity.shrinkage'",
    ],
    [
      'a setting too many',
      (json) => (json.score.userSimilarity = { neighbours: 1, shrinkage: 0, power: 2 }),
      "'score.userSimilarity'",
    ],
    [
      'settings of another kind',
      (json) => (json.kind = 'item-similarity'),
      "'score.userSimilarity' belongs to user-similarity",
    ],
  ])('rejects a manifest with %s', async (_, change, problem) => {
    const load = Recommender.load(await tampered(fitting, change))
    await expect(load).rejects.toThrow(SerializationError)
    await expect(load).rejects.toThrow(problem)
  })
})

it('takes a matrix that is empty', () => {
  const none = SparseMatrix.fromCoordinates({
    rows: 3,
    columns: 3,
    rowIndices: [],
    columnIndices: [],
    values: [],
  })
  const model = new UserSimilarityRecommender({ ...common, similarities: none, ...settings })
  expect(model.score('anna', ['c'])).toEqual([0])
})
