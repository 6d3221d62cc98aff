import { type BipartiteGraph, InvalidOptionsError, Rng, TimeSlice } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { EmbeddingRecommender } from '@gnnrec/serving'
import type { LeastSquaresFoldIn } from '@gnnrec/serving/model-folder'
import fc from 'fast-check'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { alternate } from '../../src/ials/alternate.js'
import { type IalsOptions, resolveIalsOptions } from '../../src/ials/ials-options.js'
import { Ials, ModelTooLargeError } from '../../src/index.js'
import { expectClose, largest } from '../support/compare.js'
import type { FixtureTensor } from '../support/fixtures.js'
import { graphOf, randomGraph, smallGraph } from '../support/graphs.js'
import {
  expectScores,
  type HistoryFixture,
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
  servingOf,
} from './support.js'

afterEach(() => {
  vi.restoreAllMocks()
})
afterAll(() => defaultRuntime().setThreads(1))

interface Tables {
  readonly users: Float32Array
  readonly items: Float32Array
}

/** A model of given embeddings after some sweeps. */
async function swept(graph: BipartiteGraph, tables: Tables, options: IalsOptions, sweeps: number) {
  const { settings } = resolveIalsOptions(options)
  const copies = { users: tables.users.slice(), items: tables.items.slice() }
  await alternate(graph, copies, { ...settings, sweeps }, new TimeSlice())
  return copies
}

/** The value that is minimized, by its definition and in float64. */
function objective(
  graph: BipartiteGraph,
  { users, items }: Tables,
  foldIn: LeastSquaresFoldIn,
): number {
  const { userCount, itemCount, userDegrees, itemDegrees } = graph
  const dim = users.length / userCount
  const weightOf = (degree: number, others: number) =>
    foldIn.convention === 'implicit'
      ? foldIn.l2Weight
      : foldIn.l2Weight *
        (degree + foldIn.unobservedWeight * others) ** foldIn.regularizationExponent
  let sum = 0
  for (let user = 0; user < userCount; user++) {
    const met = new Set(graph.userItems(user))
    for (let item = 0; item < itemCount; item++) {
      let score = 0
      for (let i = 0; i < dim; i++) {
        score += (users[user * dim + i] as number) * (items[item * dim + i] as number)
      }
      const error = (met.has(item) ? 1 : 0) - score
      if (foldIn.convention === 'implicit') {
        sum += (met.has(item) ? 1 + foldIn.alpha : 1) * error ** 2
      } else sum += foldIn.unobservedWeight * score ** 2 + (met.has(item) ? error ** 2 : 0)
    }
  }
  const sides = [
    [users, userDegrees, itemCount],
    [items, itemDegrees, userCount],
  ] as const
  for (const [table, degrees, others] of sides) {
    table.forEach((value, at) => {
      sum += weightOf(degrees[Math.floor(at / dim)] as number, others) * value ** 2
    })
  }
  return sum
}

interface ExpectedSweeps {
  readonly sweeps: { users: FixtureTensor; items: FixtureTensor }[]
  readonly losses: number[]
}

function startOf({ tensors }: HistoryFixture): Tables {
  const { users, items } = tensors as Record<'users' | 'items', FixtureTensor>
  return { users: Float32Array.from(users.data), items: Float32Array.from(items.data) }
}

function recommenderOf(
  graph: BipartiteGraph,
  tables: Tables,
  foldIn: LeastSquaresFoldIn,
): EmbeddingRecommender {
  return new EmbeddingRecommender({
    users: graph.users,
    items: graph.items,
    seen: graph.interactions,
    embeddingDim: tables.users.length / graph.userCount,
    userEmbeddings: tables.users,
    itemEmbeddings: tables.items,
    foldIn,
    coldStart: 'model',
  })
}

const fixtures = historyFixtures('ials', 'ials')

describe('Ials with golden numbers', () => {
  it('knows them all', () => {
    const names = fixtures.map((fixture) => fixture.case).sort()
    expect(names).toEqual(['implicit', 'implicit-iso', 'rendle', 'rendle-half'])
  })

  it.each(fixtures)('has the tables, the objective and the scores of $case', async (fixture) => {
    const graph = graphOf(fixture.graph)
    const options = fixture.params as unknown as IalsOptions
    const { foldIn } = resolveIalsOptions(options).settings
    const { sweeps, losses } = fixture.expected as unknown as ExpectedSweeps
    let tables = startOf(fixture)
    expect(objective(graph, tables, foldIn)).toBeCloseTo(losses[0] as number, 9)
    for (const [sweep, expected] of sweeps.entries()) {
      tables = await swept(graph, tables, options, 1)
      for (const side of ['users', 'items'] as const) {
        const { data } = expected[side]
        expectClose(tables[side], data, 2e-5 * largest(data))
      }
      const loss = losses[sweep + 1] as number
      expect(Math.abs(objective(graph, tables, foldIn) - loss)).toBeLessThan(2e-5 * loss)
    }
    expectScores(recommenderOf(graph, tables, foldIn), fixture, 2e-5)
  })
})

const conventions: IalsOptions[] = [
  { convention: 'rendle', unobservedWeight: 0.2, l2Weight: 0.01 },
  { convention: 'rendle', unobservedWeight: 0, l2Weight: 0.1, regularizationExponent: 0 },
  { convention: 'implicit', alpha: 5, l2Weight: 0.2 },
  { convention: 'implicit', alpha: 0, l2Weight: 1 },
]

describe.each(conventions)('Ials with %o', (convention) => {
  const { foldIn } = resolveIalsOptions(convention).settings

  it('lowers the objective with every sweep, whatever the blocks', async () => {
    const blocks = fc.integer({ min: 1, max: 12 })
    await fc.assert(
      fc.asyncProperty(edgesArbitrary, blocks, fc.nat(99), async (edges, blockSize, seed) => {
        const graph = graphOf(edges)
        const options = { ...convention, embeddingDim: 10, blockSize, initialDeviation: 0.5, seed }
        let before = Number.POSITIVE_INFINITY
        for (const sweeps of [1, 2, 3, 5]) {
          const model = await fitted(Ials, graph, { ...options, sweeps })
          const serving = await servingOf(model)
          const [users, items] = ['users', 'items'].map(
            (name) => serving.get(name)?.data as Float32Array,
          ) as [Float32Array, Float32Array]
          const value = objective(graph, { users, items }, foldIn)
          expect(value).toBeLessThanOrEqual(before * (1 + 1e-5) + 1e-5)
          before = value
        }
      }),
      { numRuns: 15 },
    )
  })

  it('comes by blocks near the objective of exact solutions, and stays at their minimum', async () => {
    const graph = graphOf(randomGraph({ users: 40, items: 30, degree: 6 }))
    const exactly = { ...convention, embeddingDim: 16, blockSize: 16 }
    const blocked = { ...exactly, blockSize: 8 }
    const rng = Rng.fromSeed(1)
    const start = { users: new Float32Array(40 * 16), items: new Float32Array(30 * 16) }
    rng.fillNormal(start.users, 0.03)
    rng.fillNormal(start.items, 0.03)
    const best = await swept(graph, start, exactly, 400)
    const value = objective(graph, best, foldIn)
    // Many sweeps end at another minimum of nearly the same value.
    const other = objective(graph, await swept(graph, start, blocked, 60), foldIn)
    expect(Math.abs(other - value)).toBeLessThan(0.1 * value)
    const kept = objective(graph, await swept(graph, best, blocked, 3), foldIn)
    expect(Math.abs(kept - value)).toBeLessThan(1e-3 * value)
  })

  it('gives items and users without edges nothing', async () => {
    const scores = scoresOf(await fitted(Ials, graphOf(smallGraph), { ...convention }))
    expect(scores[5]).toEqual([0, 0, 0, 0, 0])
    expect(scores.every((row) => row[4] === 0)).toBe(true)
  })

  it('answers one user with one item, an empty history, one of unknown items, and all items', async () => {
    const graph = graphOf({ users: 1, items: 2, edges: [[0, 1]] })
    const model = await fitted(Ials, graph, { ...convention, embeddingDim: 3 })
    expect(scoresOf(model).flat().every(Number.isFinite)).toBe(true)
    const asked = scoresOfHistories(model, listsOf([[], [0], [1], [0, 1]]))
    expect(Array.from(asked.slice(0, 4))).toEqual([0, 0, 0, 0])
    expect(asked.every(Number.isFinite)).toBe(true)
  })
})

describe('Ials', () => {
  it.each(conventions)('answers the history of a user as the user, with %o', async (convention) => {
    const graph = graphOf(randomGraph({ users: 30, items: 20, degree: 5 }))
    for (const sweeps of [1, 16]) {
      const options = { ...convention, l2Weight: 0.05, embeddingDim: 4, sweeps }
      const model = await fitted(Ials, graph, options)
      const own = scoresOf(model).flat()
      const asked = scoresOfHistories(model, graph.interactions)
      expectClose(asked, own, 1e-6 * largest(own))
    }
  })

  it('answers it nearly as the user where blocks of coordinates are solved', async () => {
    const graph = graphOf(randomGraph({ users: 30, items: 20, degree: 5 }))
    const options = { embeddingDim: 4, blockSize: 2, sweeps: 300, l2Weight: 0.05 }
    const model = await fitted(Ials, graph, options)
    const own = scoresOf(model).flat()
    expectClose(scoresOfHistories(model, graph.interactions), own, 1e-3 * largest(own))
  })

  it('finds communities', async () => {
    const edges = [0, 1].flatMap((half) =>
      Array.from({ length: 60 }, (_, n) => {
        const [user, item] = [n % 10, (n * 7 + Math.floor(n / 10)) % 8]
        return [half * 10 + user, half * 8 + item] as const
      }),
    )
    const model = await fitted(Ials, graphOf({ users: 20, items: 16, edges }), {
      embeddingDim: 2,
      l2Weight: 0.1,
    })
    const scores = scoresOf(model)
    scores.forEach((row, user) => {
      const half = user < 10 ? 0 : 8
      const inside = row.slice(half, half + 8)
      const outside = row.filter((_, item) => item < half || item >= half + 8)
      expect(Math.min(...inside)).toBeGreaterThan(0.7)
      expect(largest(outside)).toBeLessThan(1e-6)
    })
  })

  it('gives the same bytes again and for any number of threads, and the same answers when loaded', async () => {
    const graph = graphOf(randomGraph({ users: 90, items: 70, degree: 8 }))
    const options = { embeddingDim: 12, sweeps: 2, seed: 'a', splitHash: 'ab' }
    const { model, files, loaded } = await expectReproducible(Ials, graph, options)
    for (const threads of [1, 2, 3]) {
      await defaultRuntime().setThreads(threads)
      expect(await savedFiles(await fitted(Ials, graph, options))).toEqual(files)
    }
    expect(loaded).toBeInstanceOf(EmbeddingRecommender)
    const histories = listsOf([[1, 2], [], [69]])
    expect(scoresOfHistories(loaded, histories)).toEqual(scoresOfHistories(model, histories))
    expect(await savedFiles(loaded)).toEqual(files)
    expect(loaded.origin).toEqual({
      architecture: 'ials',
      options: {
        convention: 'rendle',
        unobservedWeight: 0.1,
        l2Weight: 0.003,
        regularizationExponent: 1,
        embeddingDim: 12,
        sweeps: 2,
        blockSize: 12,
        initialDeviation: 0.1 / Math.sqrt(12),
        seed: 'a',
      },
      splitHash: 'ab',
    })
    const other = await fitted(Ials, graph, { ...options, seed: 'b' })
    expect(scoresOf(other)).not.toEqual(scoresOf(model))
  })

  it('has the defaults of its documentation, also from options that were saved', async () => {
    const graph = graphOf(smallGraph)
    const { options } = new Ials(graph, { embeddingDim: 512, convention: 'implicit' })
    expect(options).toEqual({
      convention: 'implicit',
      alpha: 10,
      l2Weight: 0.1,
      embeddingDim: 512,
      sweeps: 16,
      blockSize: 128,
      initialDeviation: 0.1 / Math.sqrt(512),
      seed: 0,
    })
    expect(new Ials(graph, options as never).options).toEqual(options)
    expect(new Ials(graph).options).toMatchObject({ embeddingDim: 64, blockSize: 64 })
    expect(new Ials(graph, { embeddingDim: 256 }).options['blockSize']).toBe(256)
  })

  it('lets the event loop run and stops with the reason of its signal', async () => {
    hurryClock()
    const graph = graphOf(randomGraph({ users: 40, items: 30, degree: 8 }))
    const { usedBytes } = defaultRuntime().statistics
    for (const turns of [0, 1, 2, 5]) {
      await expect(fitted(Ials, graph, { signal: abortedAfter(turns) })).rejects.toThrow(
        `enough of ${turns}`,
      )
    }
    expect(defaultRuntime().statistics.usedBytes).toBe(usedBytes)
  })

  it('refuses tables that do not fit before it takes memory, and says what to do', async () => {
    const fit = fitted(Ials, graphOf(smallGraph), { memoryLimitBytes: 50_000 })
    await expect(fit).rejects.toThrow(ModelTooLargeError)
    await expect(fit).rejects.toThrow(
      /^ials needs 5\d{4} bytes .* memoryLimitBytes: 50000\. Take a smaller embeddingDim/,
    )
    expect(await fitted(Ials, graphOf(smallGraph), { memoryLimitBytes: 60_000 })).toBeDefined()
  })

  it('names the remedy when a matrix is not positive definite', async () => {
    // Two items cannot span more than two dimensions.
    const graph = graphOf({
      users: 3,
      items: 2,
      edges: [
        [0, 0],
        [1, 1],
        [2, 0],
      ],
    })
    for (const convention of ['rendle', 'implicit']) {
      const fit = fitted(Ials, graph, { convention, l2Weight: 0, embeddingDim: 5 })
      await expect(fit).rejects.toThrow(InvalidOptionsError)
      await expect(fit).rejects.toThrow('not positive definite. Raise l2Weight')
    }
  })

  it.each<[string, object, string]>([
    ['a convention that it does not know', { convention: 'als' }, "expected 'rendle' or 'impl"],
    ['an option of the other convention', { alpha: 3 }, "unknown option 'alpha'"],
    ['a misspelt option', { convention: 'implicit', alhpa: 3 }, "did you mean 'alpha'?"],
    ['a negative weight', { unobservedWeight: -1 }, 'unobservedWeight: got -1'],
    ['a weight that is NaN', { l2Weight: Number.NaN }, 'l2Weight: got NaN'],
    [
      'an infinite α',
      { convention: 'implicit', alpha: Number.POSITIVE_INFINITY },
      'alpha: got Infinity',
    ],
    ['no dimension', { embeddingDim: 0 }, 'embeddingDim: got 0'],
    ['embeddings too long to solve for', { embeddingDim: 2049 }, 'embeddingDim: got 2049'],
    ['a power that overflows', { regularizationExponent: 1000 }, 'Lower regularizationExponent'],
    ['no sweep', { sweeps: 0 }, 'sweeps: got 0'],
    ['blocks of nothing', { blockSize: 0 }, 'blockSize: got 0'],
    ['a start of zeros', { initialDeviation: 0 }, 'initialDeviation: got 0'],
  ])('rejects %s', async (_, options, message) => {
    const fit = () => fitted(Ials, graphOf(smallGraph), options as never)
    await expect(fit()).rejects.toThrow(InvalidOptionsError)
    await expect(fit()).rejects.toThrow(message)
  })
})
