import { type BipartiteGraph, InvalidOptionsError } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { ItemSimilarityRecommender, Recommender, SpectralFilterRecommender } from '@gnnrec/serving'
import fc from 'fast-check'
import { EigenvalueDecomposition, Matrix } from 'ml-matrix'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  ModelTooLargeError,
  models,
  SpectralFilter,
  type SpectralFilterOptions,
} from '../../src/index.js'
import { filterRule } from '../../src/spectral-filter/filter-rule.js'
import { resolveSpectralFilterOptions } from '../../src/spectral-filter/spectral-filter-options.js'
import { expectClose, largest } from '../support/compare.js'
import type { FixtureTensor } from '../support/fixtures.js'
import { blockGraph, graphOf, randomGraph, smallGraph } from '../support/graphs.js'
import {
  expectScores,
  historyFixtures,
  listsOf,
  scoresOfHistories,
} from '../support/history-fixtures.js'
import {
  abortedAfter,
  edgesArbitrary,
  expectReproducible,
  fitted,
  hurryClock,
  savedFiles,
  scoresOf,
} from './support.js'

afterEach(() => {
  vi.restoreAllMocks()
})

const filters: SpectralFilterOptions[] = [
  { filter: 'linear' },
  { filter: 'gf-cf', vectors: 2 },
  { filter: 'chebyshev', vectors: 2 },
  { filter: 'bspm', vectors: 2 },
  { filter: 'bspm', vectors: 2, merge: 'late', solver: 'euler', sharpenSteps: 3 },
]

/** A symmetric function of G = R̃ᵀ R̃, by its eigenvalues, in float64. */
class DenseFilter {
  readonly #degrees: readonly number[]
  readonly #vectors: Matrix
  readonly #values: readonly number[]

  constructor(graph: BipartiteGraph) {
    const { itemCount, itemDegrees, userDegrees } = graph
    const gram = Matrix.zeros(itemCount, itemCount)
    for (let user = 0; user < graph.userCount; user++) {
      for (const i of graph.userItems(user)) {
        for (const j of graph.userItems(user)) {
          const degrees = Math.sqrt((itemDegrees[i] as number) * (itemDegrees[j] as number))
          gram.set(i, j, gram.get(i, j) + 1 / (degrees * (userDegrees[user] as number)))
        }
      }
    }
    const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(gram, {
      assumeSymmetric: true,
    })
    this.#degrees = Array.from(itemDegrees)
    this.#vectors = eigenvectorMatrix
    this.#values = realEigenvalues
  }

  /** Returns `D^exponent f(G) D^-exponent`, with rows and columns of zeros for items without edges. */
  apply(exponent: number, f: (eigenvalue: number, rank: number) => number): Matrix {
    const order = this.#values
      .map((_, place) => place)
      .sort((a, b) => at(this.#values, b) - at(this.#values, a))
    const result = Matrix.zeros(this.#degrees.length, this.#degrees.length)
    for (const [rank, place] of order.entries()) {
      const vector = this.#vectors.getColumn(place)
      const factor = f(Math.max(0, at(this.#values, place)), rank)
      for (let i = 0; i < vector.length; i++) {
        for (let j = 0; j < vector.length; j++) {
          const value = factor * at(vector, i) * at(vector, j)
          result.set(i, j, result.get(i, j) + value)
        }
      }
    }
    const scale = (item: number, power: number) => {
      const degree = at(this.#degrees, item)
      return degree === 0 ? 0 : degree ** power
    }
    for (let i = 0; i < result.rows; i++) {
      for (let j = 0; j < result.columns; j++) {
        result.set(i, j, result.get(i, j) * scale(i, exponent) * scale(j, -exponent))
      }
    }
    return result
  }
}

function at(values: ArrayLike<number>, place: number): number {
  return values[place] as number
}

/** The matrix of a filter with all singular vectors, by the definitions and not by Chebyshev polynomials. */
function referenceMatrix(graph: BipartiteGraph, options: SpectralFilterOptions): Matrix {
  const dense = new DenseFilter(graph)
  const settings = resolveSpectralFilterOptions(options)
  if (settings.filter === 'linear') return dense.apply(0, (value) => value)
  const isKept = (value: number) => (value > 1e-9 ? 1 : 0)
  const { idealWeight } = settings
  const ideal = (exponent: number) => dense.apply(exponent, isKept).mul(idealWeight)
  switch (settings.filter) {
    case 'gf-cf':
      return dense.apply(0, (value) => value).add(ideal(0.5))
    case 'chebyshev': {
      const { degreeExponent } = settings
      const { polynomial } = filterRule(settings)
      const sum = (value: number) =>
        polynomial.reduce((sum, c, m) => sum + c * Math.cos(m * Math.acos(clamp(1 - 2 * value))), 0)
      return dense.apply(degreeExponent, (value) => sum(value) + idealWeight * isKept(value))
    }
    case 'bspm': {
      const { sharpenTime, sharpenSteps, solver, merge } = settings
      const sharpen = (value: number) => {
        const z = (-sharpenTime / sharpenSteps) * value
        return (
          (solver === 'euler' ? 1 + z : 1 + z + z ** 2 / 2 + z ** 3 / 6 + z ** 4 / 24) **
          sharpenSteps
        )
      }
      const blurred = dense.apply(0, (value) => value)
      return merge === 'early'
        ? dense.apply(0, sharpen).mmul(blurred.add(ideal(0.5)))
        : dense.apply(0, sharpen).mmul(blurred).add(ideal(0.5))
    }
  }
}

function clamp(value: number): number {
  return Math.min(1, Math.max(-1, value))
}

/** The scores of the users of a graph, by the matrix of a filter. */
function referenceScores(graph: BipartiteGraph, matrix: Matrix): number[] {
  return Array.from({ length: graph.userCount }, (_, user) =>
    Array.from({ length: graph.itemCount }, (_, item) =>
      graph.userItems(user).reduce((sum, met) => sum + matrix.get(item, met), 0),
    ),
  ).flat()
}

describe('SpectralFilter', () => {
  const fixtures = historyFixtures('filters', 'spectral-filter')

  it('has golden numbers', () => {
    expect(fixtures).toHaveLength(8)
  })

  it.each(fixtures)('has the scores of $case', async (fixture) => {
    const model = await fitted(SpectralFilter, graphOf(fixture.graph), fixture.params)
    expectScores(model, fixture, 2e-5)
  })

  it.each(fixtures)(
    'answers all histories of $case without the edges of a user',
    async (fixture) => {
      const graph = graphOf(fixture.graph)
      const { users, items, edges } = fixture.graph
      const rest = graphOf({ users, items, edges: edges.filter(([user]) => user !== 0) })
      const model = await fitted(SpectralFilter, rest, fixture.params)
      const expected = fixture.expected['withoutUser0'] as FixtureTensor
      const histories = Array.from({ length: users }, (_, user) =>
        Array.from(graph.userItems(user)),
      )
      const scores = scoresOfHistories(model, listsOf(histories))
      expectClose(scores, expected.data, 2e-5 * largest(expected.data))
    },
  )

  it.each(fixtures.filter(({ params }) => params['filter'] === 'chebyshev'))(
    'has the coefficients of $case',
    ({ params, expected }) => {
      const { polynomial } = filterRule(resolveSpectralFilterOptions(params))
      expectClose(polynomial, (expected['coefficients'] as FixtureTensor).data, 1e-12)
    },
  )

  it('has the scores of a dense reference in float64', async () => {
    const vectors = fc.record({
      vectors: fc.constant(1000),
      idealWeight: fc.constantFrom(0, 0.3, 1),
    })
    const options: fc.Arbitrary<SpectralFilterOptions> = fc.oneof(
      fc.constant({ filter: 'linear' } as const),
      vectors.map((shared) => ({ filter: 'gf-cf' as const, ...shared })),
      fc
        .tuple(
          vectors,
          fc.record({
            order: fc.integer({ min: 1, max: 16 }),
            flatness: fc.constantFrom(0.5, 1.5, 10),
            degreeExponent: fc.constantFrom(0, 0.4, 1),
            interpolation: fc.constantFrom('exact' as const, 'official' as const),
          }),
        )
        .map(([shared, own]) => ({ filter: 'chebyshev' as const, ...shared, ...own })),
      fc
        .tuple(
          vectors,
          fc.record({
            solver: fc.constantFrom('euler' as const, 'rk4' as const),
            sharpenTime: fc.constantFrom(0.5, 2.5),
            sharpenSteps: fc.integer({ min: 1, max: 5 }),
            merge: fc.constantFrom('early' as const, 'late' as const),
          }),
        )
        .map(([shared, own]) => ({ filter: 'bspm' as const, ...shared, ...own })),
    )
    await fc.assert(
      fc.asyncProperty(edgesArbitrary, options, async (edges, options) => {
        const graph = graphOf(edges)
        const model = await fitted(SpectralFilter, graph, { ...options })
        const expected = referenceScores(graph, referenceMatrix(graph, options))
        expectClose(scoresOf(model).flat(), expected, 3e-5 * Math.max(1, largest(expected)))
      }),
    )
  })

  it.each(filters)(
    'scores a history alone, in a block and by any number of threads alike: %o',
    async (options) => {
      const graph = graphOf(randomGraph({ users: 90, items: 70, degree: 9 }))
      const model = (await fitted(SpectralFilter, graph, {
        ...options,
      })) as SpectralFilterRecommender
      const together = scoresOf(model)
      for (let user = 0; user < graph.userCount; user++) {
        const alone = new Float32Array(graph.itemCount)
        model.scoreUsers(Int32Array.of(user), alone)
        expect(Array.from(alone)).toEqual(together[user])
      }
      await defaultRuntime().setThreads(3)
      try {
        expect(scoresOf(model)).toEqual(together)
        expect(scoresOf(await fitted(SpectralFilter, graph, { ...options }))).toEqual(together)
      } finally {
        await defaultRuntime().setThreads(1)
      }
    },
  )

  it.each(filters)(
    'gives the same bytes again, and the same answers when loaded: %o',
    async (options) => {
      const graph = graphOf(randomGraph({ users: 40, items: 30, degree: 8 }))
      const given = { ...options, splitHash: 'ab' }
      const { loaded } = await expectReproducible(SpectralFilter, graph, given)
      expect(loaded).toBeInstanceOf(SpectralFilterRecommender)
      expect(loaded.origin).toMatchObject({
        architecture: 'spectral-filter',
        splitHash: 'ab',
        options,
      })
    },
  )

  it('has the defaults of its documentation', async () => {
    const { origin } = await fitted(SpectralFilter, graphOf(smallGraph))
    expect(origin.options).toEqual({
      ...SpectralFilter.published.gowalla.chebyshev,
      tolerance: 1e-3,
      seed: 0,
    })
    const kept = ['gf-cf', 'bspm'].map((filter) =>
      resolveSpectralFilterOptions({ filter } as SpectralFilterOptions),
    )
    expect(kept).toMatchObject([
      SpectralFilter.published.gowalla.gfCf,
      SpectralFilter.published.gowalla.bspm,
    ])
  })

  it('uses all singular vectors of a graph that has fewer', async () => {
    const graph = graphOf(blockGraph(3, 4))
    const files = async (vectors: number) =>
      scoresOf(await fitted(SpectralFilter, graph, { filter: 'gf-cf', vectors }))
    const three = await files(3)
    const more = await files(9)
    expectClose(more.flat(), three.flat(), 1e-6)
  })

  it.each(filters)(
    'answers graphs of one user and lists of no, unknown and all items: %o',
    async (options) => {
      const one = await fitted(SpectralFilter, graphOf({ users: 1, items: 3, edges: [[0, 1]] }), {
        ...options,
      })
      expect(scoresOf(one)[0]?.[0]).toBe(0)
      expect(scoresOf(one)[0]?.[1]).toBeGreaterThan(0)
      const model = await fitted(SpectralFilter, graphOf(smallGraph), { ...options })
      // Item 4 of the graph has no edges.
      const scores = scoresOfHistories(model, listsOf([[], [4], [0, 1, 2, 3, 4], [0, 1, 2, 3]]))
      const rows = [0, 1, 2, 3].map((row) => Array.from(scores.subarray(5 * row, 5 * row + 5)))
      expect(rows[0]).toEqual([0, 0, 0, 0, 0])
      expect(rows[1]).toEqual([0, 0, 0, 0, 0])
      expect(rows[2]).toEqual(rows[3])
      expect(rows[3]?.every(Number.isFinite)).toBe(true)
    },
  )

  it('needs no singular vectors when they have no weight', async () => {
    const graph = graphOf(randomGraph({ users: 20, items: 15, degree: 5 }))
    const options = { filter: 'gf-cf', idealWeight: 0, memoryLimitBytes: 1 } as const
    const linear = await fitted(SpectralFilter, graph, { filter: 'linear' })
    expect(scoresOf(await fitted(SpectralFilter, graph, options))).toEqual(scoresOf(linear))
  })

  it('lets the event loop run and stops with the reason of its signal', async () => {
    hurryClock()
    const graph = graphOf(randomGraph({ users: 40, items: 30, degree: 8 }))
    await expect(fitted(SpectralFilter, graph, { signal: abortedAfter(0) })).rejects.toThrow(
      'enough',
    )
  })

  it('refuses what does not fit into its memory, before it takes any', async () => {
    const fit = () => fitted(SpectralFilter, graphOf(smallGraph), { memoryLimitBytes: 100 })
    await expect(fit()).rejects.toThrow(ModelTooLargeError)
    await expect(fit()).rejects.toThrow(/memoryLimitBytes is 100\. Take fewer vectors/)
  })

  it.each<[string, object, string]>([
    ['an unknown filter', { filter: 'quadratic' }, 'filter: got "quadratic"'],
    ['no vectors', { filter: 'gf-cf', vectors: 0 }, 'vectors: got 0'],
    ['too many vectors', { vectors: 1025 }, 'vectors: got 1025'],
    ['an order of 0', { order: 0 }, 'order: got 0'],
    ['no flatness', { flatness: 0 }, 'flatness: got 0'],
    ['a negative weight', { idealWeight: -1 }, 'idealWeight: got -1'],
    ['a weight that is NaN', { idealWeight: Number.NaN }, 'idealWeight: got NaN'],
    [
      'an infinite time',
      { filter: 'bspm', sharpenTime: Number.POSITIVE_INFINITY },
      'sharpenTime: got Infinity',
    ],
    ['an exponent above 1', { degreeExponent: 2 }, 'degreeExponent: got 2'],
    ['an option of another filter', { filter: 'linear', vectors: 3 }, "'vectors'"],
    ['a misspelt option', { flatnes: 1 }, "did you mean 'flatness'?"],
  ])('rejects %s', async (_, options, message) => {
    const fit = () => fitted(SpectralFilter, graphOf(smallGraph), options as never)
    await expect(fit()).rejects.toThrow(InvalidOptionsError)
    await expect(fit()).rejects.toThrow(message)
  })

  it('takes a seed with every filter, also with one that draws nothing', async () => {
    const graph = graphOf(smallGraph)
    const seeded = await fitted(SpectralFilter, graph, { filter: 'linear', seed: 7 })
    const unseeded = await fitted(SpectralFilter, graph, { filter: 'linear' })
    expect(scoresOf(seeded)).toEqual(scoresOf(unseeded))
  })

  it('rejects a time whose solution grows beyond all numbers', async () => {
    const options = { filter: 'bspm', sharpenTime: 1e12 } as const
    await expect(fitted(SpectralFilter, graphOf(smallGraph), options)).rejects.toThrow(
      /sharpenTime: got 1000000000000 in 1 steps/,
    )
  })
})

describe('SpectralFilter.compile', () => {
  const graph = graphOf(randomGraph({ users: 60, items: 40, degree: 8 }))

  it('is exact for unseen items when it keeps all weights that are positive', async () => {
    const model = new SpectralFilter(graph, { filter: 'linear' })
    const compiled = await model.compile({ neighbours: 40 })
    const exact = await model.toRecommender()
    const [a, b] = [scoresOf(exact), scoresOf(compiled)]
    for (const [user, row] of a.entries()) {
      const seen = new Set(graph.userItems(user))
      const unseen = row.flatMap((_, item) => (seen.has(item) ? [] : [item]))
      const pick = (scores: number[] | undefined) => unseen.map((item) => scores?.[item] as number)
      expectClose(pick(b[user]), pick(row), 1e-5)
    }
    expect(compiled.origin.options['compiled']).toEqual({
      neighbours: 40,
      listLength: 20,
      users: 60,
      overlap: 1,
    })
  })

  it.each(filters)('measures how much of the lists it keeps, and saves it: %o', async (options) => {
    const model = new SpectralFilter(graph, options)
    const compiled = await model.compile({ neighbours: 5, sampleUsers: 10, seed: 3 })
    const facts = compiled.origin.options['compiled'] as { overlap: number; users: number }
    expect(facts.users).toBe(10)
    expect(facts.overlap).toBeGreaterThan(0.4)
    expect(facts.overlap).toBeLessThan(1)
    const files = await savedFiles(compiled)
    const again = await model.compile({ neighbours: 5, sampleUsers: 10, seed: 3 })
    expect(await savedFiles(again)).toEqual(files)
    const loaded = await Recommender.load(files)
    expect(loaded).toBeInstanceOf(ItemSimilarityRecommender)
    expect(loaded.origin).toEqual(compiled.origin)
  })

  it('has an origin that makes no model, since that would have no compiled weights', async () => {
    const { origin } = await new SpectralFilter(graph, { filter: 'linear' }).compile()
    const { architecture, options } = origin as { architecture: string; options: object }
    const make = () => models.create(graph, { architecture, options } as never)
    expect(make).toThrow(InvalidOptionsError)
    expect(make).toThrow('compiled')
    const { compiled: _, ...filter } = options as { compiled: object }
    expect(models.create(graph, { architecture, options: filter } as never).options).toEqual(filter)
  })

  it('stops with the reason of its signal', async () => {
    const model = new SpectralFilter(graph, { filter: 'linear' })
    await model.prepare()
    hurryClock()
    await expect(model.compile({ signal: abortedAfter(0) })).rejects.toThrow('enough')
  })

  it('refuses weights that do not fit, and wrong options', async () => {
    const model = new SpectralFilter(graph, {
      filter: 'gf-cf',
      idealWeight: 0,
      memoryLimitBytes: 9,
    })
    await expect(model.compile()).rejects.toThrow(ModelTooLargeError)
    const linear = new SpectralFilter(graph, { filter: 'linear', memoryLimitBytes: 9 })
    await expect(linear.compile()).rejects.toThrow(/memoryLimitBytes is 9/)
    await expect(model.compile({ neighbours: 0 })).rejects.toThrow(/neighbours: got 0/)
    await expect(model.compile({ neighbors: 3 } as never)).rejects.toThrow(
      /did you mean 'neighbours'/,
    )
  })
})
