import { type BipartiteGraph, InvalidOptionsError } from '@gnnrec/graph'
import { ItemSimilarityRecommender, NotSupportedError } from '@gnnrec/serving'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Ease } from '../../src/ease/ease.js'
import { ModelTooLargeError } from '../../src/parameters/model-too-large-error.js'
import { graphOf, randomGraph, smallGraph } from '../support/graphs.js'
import {
  abortedAfter,
  at,
  edgesArbitrary,
  expectReproducible,
  fitted,
  gram,
  hurryClock,
  scoresOf,
  servingOf,
} from './support.js'

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

async function weightsOf(graph: BipartiteGraph, l2Weight: number): Promise<number[][]> {
  const serving = await servingOf(await fitted(Ease, graph, { l2Weight }))
  const { shape, data } = serving.get('weights') as { shape: number[]; data: Float32Array }
  const items = graph.itemCount
  expect(shape).toEqual([items, items])
  return Array.from({ length: items }, (_, i) =>
    Array.from(data.subarray(i * items, (i + 1) * items)),
  )
}

/** `-P_ij / P_jj` with P from Gauss and Jordan's elimination with pivots, one column at a time. */
function referenceWeights(graph: BipartiteGraph, l2Weight: number): number[][] {
  const n = graph.itemCount
  const rows = gram(graph).map((row, i) => [
    ...row.map((count, j) => count + (i === j ? l2Weight : 0)),
    ...row.map((_, j) => (i === j ? 1 : 0)),
  ])
  for (let k = 0; k < n; k++) {
    const best = rows.reduce(
      (b, _, r) => (r > b && Math.abs(at(rows, r, k)) > Math.abs(at(rows, b, k)) ? r : b),
      k,
    )
    const pivotRow = rows[best] as number[]
    rows[best] = rows[k] as number[]
    const scaled = pivotRow.map((value) => value / (pivotRow[k] as number))
    rows[k] = scaled
    for (let r = 0; r < n; r++) {
      if (r === k) continue
      const factor = at(rows, r, k)
      rows[r] = (rows[r] as number[]).map((value, c) => value - factor * (scaled[c] as number))
    }
  }
  return rows.map((row, i) =>
    row.slice(n).map((value, j) => (i === j ? 0 : -value / at(rows, j, n + j))),
  )
}

function largestDifference(a: number[][], b: number[][]): number {
  return Math.max(...a.flatMap((row, i) => row.map((value, j) => Math.abs(value - at(b, i, j)))))
}

describe('Ease', () => {
  it('has the weights of an inverse by elimination', async () => {
    await fc.assert(
      fc.asyncProperty(
        edgesArbitrary,
        fc.constantFrom(0.01, 1, 20, 500),
        async (edges, l2Weight) => {
          const graph = graphOf(edges)
          const weights = await weightsOf(graph, l2Weight)
          expect(largestDifference(weights, referenceWeights(graph, l2Weight))).toBeLessThan(1e-6)
        },
      ),
    )
  })

  // Below, at and above the edges of tiles (4) and blocks (64).
  it.each([3, 4, 5, 63, 64, 65, 130])(
    'solves the normal equations exactly for %i items: (G + λI)(I - B) is diagonal and positive',
    async (items) => {
      const graph = graphOf(randomGraph({ users: 90, items, degree: 12 }, items))
      const l2Weight = 5
      const counts = gram(graph)
      const weights = await weightsOf(graph, l2Weight)
      const largest = Math.max(...counts.flat())
      for (let i = 0; i < items; i++) {
        for (let j = 0; j < items; j++) {
          let sum = 0
          for (let k = 0; k < items; k++) {
            const left = at(counts, i, k) + (i === k ? l2Weight : 0)
            sum += left * ((k === j ? 1 : 0) - at(weights, k, j))
          }
          if (i === j) expect(sum).toBeGreaterThanOrEqual(l2Weight)
          else expect(Math.abs(sum)).toBeLessThan(1e-5 * largest)
        }
      }
    },
  )

  it('gives two items the weights worked out by hand', async () => {
    // Three users met item 0, two met item 1, one of them both: B_01 = c / (n_0 + λ).
    const edges = [
      [0, 0],
      [1, 0],
      [2, 0],
      [2, 1],
      [3, 1],
    ] as const
    const weights = await weightsOf(graphOf({ users: 4, items: 2, edges }), 2)
    expect(weights).toEqual([
      [0, Math.fround(1 / 5)],
      [1 / 4, 0],
    ])
  })

  it('has a diagonal of zeros and scores by the rows of the items met', async () => {
    const graph = graphOf(randomGraph({ users: 30, items: 20, degree: 6 }))
    const weights = await weightsOf(graph, 10)
    for (let item = 0; item < 20; item++) expect(at(weights, item, item)).toBe(0)
    const scores = scoresOf(await fitted(Ease, graph, { l2Weight: 10 }))
    for (let user = 0; user < 30; user++) {
      for (let item = 0; item < 20; item++) {
        const expected = graph.userItems(user).reduce((sum, j) => sum + at(weights, j, item), 0)
        expect(at(scores, user, item)).toBeCloseTo(expected, 5)
      }
    }
  })

  it('tends to the co-occurrences divided by λ as λ grows', async () => {
    const graph = graphOf(smallGraph)
    const weights = await weightsOf(graph, 1e7)
    const expected = gram(graph).map((row, i) => row.map((count, j) => (i === j ? 0 : count)))
    expect(
      largestDifference(
        weights.map((row) => row.map((w) => w * 1e7)),
        expected,
      ),
    ).toBeLessThan(1e-5)
  })

  it('gives items and users without edges nothing', async () => {
    const model = await fitted(Ease, graphOf(smallGraph), { l2Weight: 1 })
    const scores = scoresOf(model)
    expect(scores[5]).toEqual([0, 0, 0, 0, 0])
    expect(scores.map((row) => row[4])).toEqual([0, 0, 0, 0, 0, 0, 0])
  })

  it('solves a graph in which everybody has met everything', async () => {
    const edges = [0, 1, 2].flatMap((user) => [0, 1, 2].map((item) => [user, item] as const))
    const model = await fitted(Ease, graphOf({ users: 3, items: 3, edges }), { l2Weight: 1 })
    // P = (3 J + I)⁻¹ = I - 3/10 J, hence B = (3/10) / (7/10) off the diagonal.
    expect(scoresOf(model).flat()).toEqual(new Array(9).fill(Math.fround(2 * Math.fround(3 / 7))))
    expect(model.recommend(0).items).toEqual([])
  })

  it('ranks the items similar to one by their weights for it', async () => {
    const graph = graphOf(randomGraph({ users: 30, items: 9, degree: 4 }))
    const model = await fitted(Ease, graph, { l2Weight: 10 })
    const weights = await weightsOf(graph, 10)
    const { items, scores } = model.similarItems(4, { k: 9 })
    const others = weights.map((row, item) => ({ item, weight: row[4] as number }))
    const sorted = others.filter(({ item }) => item !== 4).sort((a, b) => b.weight - a.weight)
    expect(items).toEqual(sorted.map(({ item }) => item))
    expect(scores).toEqual(sorted.map(({ weight }) => weight))
    expect(() => model.similarUsers(0)).toThrow(NotSupportedError)
  })

  it('gives the same bytes again, and the same answers when loaded', async () => {
    const graph = graphOf(randomGraph({ users: 40, items: 30, degree: 8 }))
    const { model, loaded } = await expectReproducible(Ease, graph, { splitHash: 'ab' })
    expect(loaded).toBeInstanceOf(ItemSimilarityRecommender)
    expect(loaded.similarItems(3)).toEqual(model.similarItems(3))
    expect(loaded.origin).toEqual({
      architecture: 'ease',
      options: { l2Weight: 500 },
      splitHash: 'ab',
    })
  })

  describe('before it takes memory', () => {
    const items = 20_000
    const manyItems = graphOf({ users: 1, items, edges: [[0, 0]] })

    it('refuses items whose matrices do not fit, and says what to do', async () => {
      const allocated = vi.fn()
      vi.stubGlobal('Float64Array', allocated)
      const error = await fitted(Ease, manyItems).catch((error) => error)
      expect(allocated).not.toHaveBeenCalled()
      expect(error).toBeInstanceOf(ModelTooLargeError)
      expect(error.code).toBe('MODEL_TOO_LARGE')
      for (const part of [
        '20000 × 20000 items',
        '4800000000 bytes',
        '4294967296 bytes',
        'sansa or item-knn',
      ]) {
        expect(error.message).toContain(part)
      }
    })

    it('takes as much as it is allowed and no more', async () => {
      const graph = graphOf(smallGraph)
      const needed = 12 * 8 * 8
      expect(Ease.fits(graph.itemCount, needed - 1)).toBe(false)
      expect(Ease.fits(graph.itemCount, needed)).toBe(true)
      await expect(fitted(Ease, graph, { memoryLimitBytes: needed - 1 })).rejects.toThrow(
        ModelTooLargeError,
      )
      expect(await fitted(Ease, graph, { memoryLimitBytes: needed })).toBeDefined()
    })

    it('says so when the system gives no memory', async () => {
      vi.stubGlobal('Float64Array', function refuse() {
        throw new RangeError('Array buffer allocation failed')
      })
      const fit = fitted(Ease, manyItems, { memoryLimitBytes: 1e10 })
      await expect(fit).rejects.toThrow(ModelTooLargeError)
      await expect(fit).rejects.toThrow('which the system does not give')
    })
  })

  it('rejects an l2Weight that rounding swallows', async () => {
    // Two items always met together leave nothing but λ for the second pivot.
    const edges = [0, 1, 2].flatMap((user) => [0, 1].map((item) => [user, item] as const))
    const fit = fitted(Ease, graphOf({ users: 3, items: 2, edges }), { l2Weight: 1e-17 })
    await expect(fit).rejects.toThrow(InvalidOptionsError)
    await expect(fit).rejects.toThrow('l2Weight: got 1e-17, which is lost in rounding')
  })

  it('lets the event loop run and stops with the reason of its signal', async () => {
    hurryClock()
    const graph = graphOf(randomGraph({ users: 40, items: 30, degree: 8 }))
    // One turn for each item, block and row: stop in the counting, the elimination and the end.
    for (const turns of [0, 30, 31, 40, 63, 80]) {
      await expect(fitted(Ease, graph, { signal: abortedAfter(turns) })).rejects.toThrow(
        `enough of ${turns}`,
      )
    }
    await expect(fitted(Ease, graph, { signal: AbortSignal.abort() })).rejects.toThrow('aborted')
  })

  it.each<[string, object, string]>([
    ['an l2Weight of 0', { l2Weight: 0 }, 'l2Weight: got 0'],
    ['an infinite l2Weight', { l2Weight: Number.POSITIVE_INFINITY }, 'l2Weight: got Infinity'],
    ['an l2Weight that is NaN', { l2Weight: Number.NaN }, 'l2Weight: got NaN'],
    ['a limit of 0', { memoryLimitBytes: 0 }, 'memoryLimitBytes: got 0'],
    ['a misspelt option', { l2weight: 5 }, "did you mean 'l2Weight'?"],
  ])('rejects %s', async (_, options, message) => {
    const fit = () => fitted(Ease, graphOf(smallGraph), options as never)
    await expect(fit()).rejects.toThrow(InvalidOptionsError)
    await expect(fit()).rejects.toThrow(message)
  })
})
