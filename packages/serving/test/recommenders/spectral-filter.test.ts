import { InvalidOptionsError, NonFiniteError, Rng, ShapeMismatchError } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  NotSupportedError,
  Recommender,
  SerializationError,
  SpectralFilterRecommender,
  type SpectralFilterRecommenderOptions,
} from '../../src/index.js'
import { servingProblem } from '../../src/model-folder/check-parts.js'
import { filterData } from '../../src/recommenders/spectral/filter-data.js'
import { KernelFilter } from '../../src/recommenders/spectral/kernel-filter.js'
import { PlainFilter } from '../../src/recommenders/spectral/plain-filter.js'
import type { SpectralRule } from '../../src/recommenders/spectral/spectral-rule.js'
import { common } from '../support/recommenders.js'

const ideal = { weight: 0.3, exponent: 0.5, merge: 'late' } as const
const vectors = Float32Array.of(1, 0, 0.5, 0.5, 0, 1, 0, -1)
const options: SpectralFilterRecommenderOptions<string, string> = {
  ...common,
  polynomial: [0.5, -0.5],
  ideal,
  vectors,
}

/** Histories of random items, of which the first is empty; with random weights when that is asked for. */
function someHistories(rng: Rng, count: number, itemCount: number, isWeighted = false) {
  const lists = Array.from({ length: count }, (_, row) =>
    Array.from({ length: itemCount }, (_, item) => item).filter(
      () => row > 0 && rng.uniform() < 0.3,
    ),
  )
  const pointers = Int32Array.of(0, ...lists.map((list) => list.length))
  for (let row = 1; row < pointers.length; row++) {
    pointers[row] = (pointers[row] as number) + (pointers[row - 1] as number)
  }
  const items = Int32Array.from(lists.flat())
  if (!isWeighted) return { pointers, items }
  return { pointers, items, weights: Float32Array.from(items, () => 0.1 + rng.uniform()) }
}

const coefficients = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), {
  minLength: 1,
  maxLength: 6,
})
const rules: fc.Arbitrary<SpectralRule> = fc.record({
  polynomial: coefficients,
  sharpening: fc.oneof(fc.constant([1]), coefficients),
  degreeExponent: fc.constantFrom(0, 0.4, 1),
  ideal: fc.option(
    fc.record({
      weight: fc.constantFrom(-1, 0.2, 3),
      exponent: fc.constantFrom(0, 0.5, 1),
      merge: fc.constantFrom('early' as const, 'late' as const),
    }),
    { nil: undefined },
  ),
})

describe('the filters of kernels and of plain JavaScript', () => {
  it('give the same bytes, for one history and for many', () => {
    const sizes = fc.record({
      users: fc.integer({ min: 0, max: 9 }),
      items: fc.integer({ min: 1, max: 70 }),
      asked: fc.constantFrom(1, 2, 5, 17, 70),
      rank: fc.integer({ min: 1, max: 9 }),
      seed: fc.nat(),
      isWeighted: fc.boolean(),
    })
    fc.assert(
      fc.property(rules, sizes, (rule, { users, items, asked, rank, seed, isWeighted }) => {
        const rng = Rng.fromSeed(seed)
        const seen = someHistories(rng, users, items, isWeighted)
        const table = Float32Array.from({ length: items * rank }, () => rng.normal())
        const data = filterData(rule, seen, items, rule.ideal && { rank, vectors: table })
        const histories = someHistories(rng, asked, items, isWeighted)
        const [plain, kernels] = [new PlainFilter(data), new KernelFilter(data)]
        const out = [new Float32Array(asked * items), new Float32Array(asked * items)] as const
        plain.score(histories, out[0])
        kernels.score(histories, out[1])
        expect(out[1]).toEqual(out[0])
        const shift = new Float32Array(items)
        shift[0] = Number.NEGATIVE_INFINITY
        const exclude = (place: number) => Int32Array.of(place % items)
        for (const added of [undefined, shift]) {
          const [a, b] = [plain, kernels].map((filter) =>
            filter.rank(histories, 3 % items || 1, exclude, added),
          )
          expect(b?.lengths).toEqual(a?.lengths)
          expect(b?.tied).toEqual(a?.tied)
          a?.lengths.forEach((length, row) => {
            const [start, end] = [row * a.k, row * a.k + length]
            expect(b?.items.subarray(start, end)).toEqual(a.items.subarray(start, end))
            expect(b?.scores.subarray(start, end)).toEqual(a.scores.subarray(start, end))
          })
        }
      }),
    )
  })

  it('find no lists when a score is NaN', () => {
    const rule = { polynomial: [3e38, 3e38, -3e38], sharpening: [3e38, 1], degreeExponent: 0 }
    const data = filterData(rule, common.seen, 4, undefined)
    for (const filter of [new PlainFilter(data), new KernelFilter(data)]) {
      expect(filter.rank(common.seen, 2, () => new Int32Array(), undefined)).toBeUndefined()
    }
  })
})

describe('SpectralFilterRecommender', () => {
  const recommender = new SpectralFilterRecommender(options)

  it('scores by G and by the vectors', () => {
    const plain = new SpectralFilterRecommender({ ...common, polynomial: [0.5, -0.5] })
    // anna saw a and b, ben saw b, so that G_aa = 1/2, G_ab = 1/(2 √2) and G_bb = 1/4 + 1/2.
    const [a, b] = plain.score('anna', ['a', 'b']) as [number, number]
    expect(a).toBeCloseTo(0.5 + Math.SQRT1_2 / 2, 6)
    expect(b).toBeCloseTo(Math.SQRT1_2 / 2 + 0.75, 6)
    // V Vᵀ (1, 0, 0, 0) = (1, 1/2, 0, 0), between roots of the degrees 1 and 2.
    const [a2, b2] = recommender.score('anna', ['a', 'b']) as [number, number]
    const [aa, ab, bb] = [1, 0.5, 0.5]
    expect(a2 - a).toBeCloseTo(0.3 * (aa + ab * Math.SQRT1_2), 6)
    expect(b2 - b).toBeCloseTo(0.3 * (ab * Math.SQRT2 + bb), 6)
  })

  it('ranks similar items by their scores, and has no similar users', () => {
    expect(recommender.similarItems('a', { k: 1 }).items).toEqual(['b'])
    expect(() => recommender.similarUsers('anna')).toThrow(NotSupportedError)
  })

  it('frees kernel memory when it is disposed of, and takes it again when it is asked', () => {
    const { usedBytes } = defaultRuntime().statistics
    const model = new SpectralFilterRecommender(options)
    const scores = model.score('ben', ['a', 'b'])
    const other = model.withColdStart('model')
    expect(other.score('ben', ['a', 'b'])).toEqual(scores)
    expect(defaultRuntime().statistics.usedBytes).toBeGreaterThan(usedBytes)
    model.dispose()
    model.dispose()
    expect(other.score('ben', ['a', 'b'])).toEqual(scores)
    other.dispose()
    expect(defaultRuntime().statistics.usedBytes).toBe(usedBytes)
    expect(model.score('ben', ['a', 'b'])).toEqual(scores)
    model.dispose()
    expect(defaultRuntime().statistics.usedBytes).toBe(usedBytes)
  })

  it('recommends among candidates and without excluded items as its scores say', () => {
    const all = recommender.recommend('ben', { k: 3 })
    expect(all.items[0]).toBe('a')
    expect(recommender.recommend('ben', { k: 3, exclude: ['a'] }).items).not.toContain('a')
    const some = recommender.recommend('ben', { k: 3, candidates: ['a', 'd'] })
    expect(some.items).toEqual(all.items.filter((item) => item !== 'c'))
  })

  it.each<[string, object, new (...given: never[]) => Error, string]>([
    ['no coefficients', { polynomial: [] }, InvalidOptionsError, 'polynomial'],
    ['a coefficient that is NaN', { polynomial: [Number.NaN] }, InvalidOptionsError, 'polynomial'],
    ['a coefficient beyond float32', { sharpening: [1e39] }, InvalidOptionsError, 'sharpening'],
    ['too many', { polynomial: new Array(258).fill(1) }, InvalidOptionsError, 'polynomial'],
    ['an exponent above 1', { degreeExponent: 1.5 }, InvalidOptionsError, 'degreeExponent'],
    ['an unknown merge', { ideal: { ...ideal, merge: 'never' } }, InvalidOptionsError, 'merge'],
    [
      'a part without vectors',
      { vectors: undefined },
      InvalidOptionsError,
      "'ideal' without 'vectors'",
    ],
    [
      'vectors without a part',
      { ideal: undefined },
      InvalidOptionsError,
      "'vectors' without 'ideal'",
    ],
    ['vectors that do not fit', { vectors: new Float32Array(6) }, ShapeMismatchError, '6 numbers'],
    ['no vectors', { vectors: new Float32Array() }, ShapeMismatchError, '0 numbers'],
    [
      'a vector that is NaN',
      { vectors: new Float32Array(4).fill(Number.NaN) },
      NonFiniteError,
      'The vector of item "a" (row 0)',
    ],
  ])('refuses %s', (_, wrong, type, message) => {
    const make = () => new SpectralFilterRecommender({ ...options, ...wrong } as never)
    expect(make).toThrow(type)
    expect(make).toThrow(message)
  })
})

describe('a folder with a filter', () => {
  type Manifest = { kind: string; score: { filter?: Record<string, unknown> }; sha256?: string }

  /** The files of a recommender after a change to its manifest, which old versions did not seal. */
  async function changed(change: (manifest: Manifest) => void, from = options) {
    const files: Record<string, Uint8Array> = {}
    await new SpectralFilterRecommender(from).save(files)
    const manifest = JSON.parse(new TextDecoder().decode(files['model.json'])) as Manifest
    delete manifest.sha256
    change(manifest)
    files['model.json'] = new TextEncoder().encode(JSON.stringify(manifest))
    return files
  }

  it('loads without a seal', async () => {
    const loaded = await Recommender.load(await changed(() => {}))
    expect(loaded.score('ben', ['a'])).toEqual(
      new SpectralFilterRecommender(options).score('ben', ['a']),
    )
  })

  it.each<[string, (manifest: Manifest) => void, string]>([
    ['no filter', ({ score }) => delete score.filter, "'filter' is missing"],
    [
      'another kind',
      (manifest) => (manifest.kind = 'popularity'),
      "'filter' does not belong to popularity",
    ],
    ['a foreign field', ({ score }) => Object.assign(score.filter ?? {}, { order: 3 }), 'order'],
    ['a text', ({ score }) => Object.assign(score.filter ?? {}, { polynomial: '1' }), 'polynomial'],
    [
      'null among numbers',
      ({ score }) => Object.assign(score.filter ?? {}, { sharpening: [null] }),
      'sharpening',
    ],
    [
      'thousands of numbers',
      ({ score }) => Object.assign(score.filter ?? {}, { polynomial: new Array(5000).fill(0) }),
      'polynomial',
    ],
    [
      'vectors that no part reads',
      ({ score }) => delete score.filter?.['ideal'],
      "tensor 'vectors' is not expected",
    ],
  ])('is refused with %s', async (_, change, message) => {
    const load = Recommender.load(await changed(change))
    await expect(load).rejects.toThrow(SerializationError)
    await expect(load).rejects.toThrow(message)
  })

  it('is refused without the vectors of its part', async () => {
    const plain = { ...common, polynomial: [1] }
    const files = await changed(({ score }) => Object.assign(score.filter ?? {}, { ideal }), plain)
    await expect(Recommender.load(files)).rejects.toThrow("tensor 'vectors' is missing")
  })

  it('is refused without a singular vector or without items', () => {
    const filter = { polynomial: [1], sharpening: [1], degreeExponent: 0, ideal }
    const score = { similarity: 'dot' as const, scale: 1, itemBias: false, filter }
    for (const [items, shape] of [
      [4, [4, 0]],
      [0, [0, 2]],
    ] as const) {
      const serving = new Map([['vectors', { shape, data: new Float32Array() }]])
      const problem = servingProblem('spectral-filter', { users: 3, items }, score, serving)
      expect(problem).toContain('one item and one singular vector')
    }
  })
})
