import { type BipartiteGraph, InvalidOptionsError } from '@gnnrec/graph'
import { ItemSimilarityRecommender } from '@gnnrec/serving'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Ease, Sansa } from '../../src/index.js'
import { expectClose } from '../support/compare.js'
import { blockGraph, graphOf, randomGraph, smallGraph } from '../support/graphs.js'
import { listsOf, scoresOfHistories } from '../support/history-fixtures.js'
import {
  abortedAfter,
  at,
  edgesArbitrary,
  expectReproducible,
  fitted,
  gram,
  hurryClock,
  matrixOf,
  scoresOf,
  servingOf,
  solve,
} from './support.js'

afterEach(() => {
  vi.restoreAllMocks()
})

/** The weights of `Ease` for the same graph, dense. */
async function easeWeights(graph: BipartiteGraph, l2Weight: number): Promise<number[]> {
  const serving = await servingOf(await fitted(Ease, graph, { l2Weight }))
  return Array.from(serving.get('weights')?.data as Float32Array)
}

interface Settings {
  l2Weight: number
  factorEntries: number
}

/** All weights by the definition, dense: regressions on more popular items, then the product. */
function referenceWeights(graph: BipartiteGraph, settings: Settings): number[][] {
  const { l2Weight, factorEntries } = settings
  const { itemDegrees } = graph
  const matrix = gram(graph).map((row, i) => row.map((n, j) => n + (i === j ? l2Weight : 0)))
  const degree = (item: number) => itemDegrees[item] as number
  const order = matrix.map((_, item) => item).sort((a, b) => degree(b) - degree(a) || a - b)
  const product = matrix.map((row) => row.map(() => 0))
  order.forEach((item, rank) => {
    const preference = (other: number) =>
      at(matrix, item, other) / Math.sqrt(degree(other) + l2Weight)
    const chosen = order
      .slice(0, rank)
      .sort((a, b) => preference(b) - preference(a) || order.indexOf(a) - order.indexOf(b))
      .slice(0, factorEntries)
    const weights = solve(
      chosen.map((a) => chosen.map((b) => at(matrix, a, b))),
      chosen.map((a) => at(matrix, item, a)),
    )
    const row = matrix.map(() => 0)
    row[item] = 1
    chosen.forEach((other, place) => {
      row[other] = -(weights[place] as number)
    })
    const left = row.reduce((sum, value, other) => sum + value * at(matrix, item, other), 0)
    for (const [i, values] of product.entries()) {
      row.forEach((value, j) => {
        values[j] = (values[j] as number) + ((row[i] as number) * value) / left
      })
    }
  })
  return product.map((row, i) => row.map((value, j) => (i === j ? 0 : -value / at(product, j, j))))
}

describe('Sansa', () => {
  it('has the weights of Ease when the factor and the weights are dense', async () => {
    await fc.assert(
      fc.asyncProperty(
        edgesArbitrary,
        fc.constantFrom(0.01, 1, 20, 500),
        async (edges, l2Weight) => {
          const graph = graphOf(edges)
          const weights = await matrixOf(await fitted(Sansa, graph, { l2Weight }), edges.items)
          expectClose(weights.flat(), await easeWeights(graph, l2Weight), 1e-6)
        },
      ),
    )
  })

  it('equals Ease for items of which each was met together with every other', async () => {
    const graph = graphOf(randomGraph({ users: 90, items: 70, degree: 25 }))
    const options = { l2Weight: 5, factorEntries: 69, neighbours: 69 }
    const weights = await matrixOf(await fitted(Sansa, graph, options), 70)
    expectClose(weights.flat(), await easeWeights(graph, 5), 1e-6)
  })

  it('has the weights of a dense reference for any number of entries of the factor', async () => {
    const settings = fc.record({
      l2Weight: fc.constantFrom(0.5, 3, 100),
      factorEntries: fc.integer({ min: 1, max: 8 }),
    })
    await fc.assert(
      fc.asyncProperty(edgesArbitrary, settings, async (edges, settings) => {
        const graph = graphOf(edges)
        const weights = await matrixOf(await fitted(Sansa, graph, { ...settings }), edges.items)
        expectClose(weights.flat(), referenceWeights(graph, settings).flat(), 1e-6)
      }),
    )
  })

  it('keeps the largest weights of all, negative ones too, and some of each item', async () => {
    const graph = graphOf(randomGraph({ users: 40, items: 60, degree: 12 }))
    const all = (await matrixOf(await fitted(Sansa, graph, { l2Weight: 2 }), 60)).flat()
    const kept = (
      await matrixOf(await fitted(Sansa, graph, { l2Weight: 2, neighbours: 16 }), 60)
    ).flat()
    const count = kept.filter((weight) => weight !== 0).length
    expect(count).toBeLessThanOrEqual(60 * 16)
    // The bound is found to a hundredth, so that a few fewer may be kept.
    expect(count).toBeGreaterThan(60 * 12)
    expect(kept.some((weight) => weight < 0)).toBe(true)
    kept.forEach((weight, place) => {
      if (weight !== 0) expect(weight).toBe(all[place])
    })
    const perItem = Array.from({ length: 60 }, (_, item) => ({
      kept: kept.slice(60 * item, 60 * (item + 1)).map(Math.abs),
      all: all.slice(60 * item, 60 * (item + 1)).map(Math.abs),
    }))
    const own = perItem.map(({ kept }) => kept.filter((weight) => weight > 0))
    expect(Math.min(...own.map((weights) => weights.length))).toBeGreaterThanOrEqual(2)
    // Items with more than their own two have all weights above a bound that is the same for all.
    const free = own.filter((weights) => weights.length > 2)
    const bound = Math.min(...free.flat())
    for (const { kept, all } of perItem) {
      expect(all.filter((weight) => weight > 1.01 * bound).every((one) => kept.includes(one))).toBe(
        true,
      )
    }
  })

  it('scores users and histories by the rows of the items met', async () => {
    const graph = graphOf(randomGraph({ users: 30, items: 20, degree: 6 }))
    const model = await fitted(Sansa, graph, { l2Weight: 5, factorEntries: 4, neighbours: 9 })
    const weights = await matrixOf(model, 20)
    const histories = [[], [3], [0, 5, 19], Array.from({ length: 20 }, (_, item) => item)]
    const expected = histories.flatMap((history) =>
      weights.map((_, item) => history.reduce((sum, j) => sum + at(weights, j, item), 0)),
    )
    expectClose(scoresOfHistories(model, listsOf(histories)), expected, 1e-5)
    const own = Array.from(graph.userItems(7))
    expect(Array.from(scoresOfHistories(model, listsOf([own])))).toEqual(scoresOf(model)[7])
  })

  it('gives items and users without edges nothing', async () => {
    const model = await fitted(Sansa, graphOf(smallGraph), { l2Weight: 1 })
    expect(scoresOf(model)[5]).toEqual([0, 0, 0, 0, 0])
    expect(scoresOf(model).every((row) => row[4] === 0)).toBe(true)
    const one = await fitted(Sansa, graphOf({ users: 1, items: 1, edges: [[0, 0]] }))
    expect(scoresOf(one)).toEqual([[0]])
  })

  it('gives the same bytes again, and the same answers when loaded', async () => {
    const graph = graphOf(randomGraph({ users: 40, items: 30, degree: 8 }))
    const options = { l2Weight: 3, factorEntries: 5, neighbours: 7, splitHash: 'ab' }
    const { model, loaded } = await expectReproducible(Sansa, graph, options)
    expect(loaded).toBeInstanceOf(ItemSimilarityRecommender)
    expect(loaded.similarItems(3)).toEqual(model.similarItems(3))
    expect(loaded.origin).toEqual({
      architecture: 'sansa',
      options: { l2Weight: 3, factorEntries: 5, neighbours: 7 },
      splitHash: 'ab',
    })
  })

  it('has the defaults of its documentation', async () => {
    const { origin } = await fitted(Sansa, graphOf(smallGraph))
    expect(origin.options).toEqual({ l2Weight: 500, factorEntries: 100, neighbours: 200 })
  })

  it('lets the event loop run and stops with the reason of its signal at each of its steps', async () => {
    hurryClock()
    const graph = graphOf(randomGraph({ users: 40, items: 30, degree: 8 }))
    // One turn for each item in the choice of entries, counts, regressions and the two passes over the weights.
    for (const turns of [0, 29, 45, 80, 100, 130]) {
      const fit = fitted(Sansa, graph, { neighbours: 5, signal: abortedAfter(turns) })
      await expect(fit).rejects.toThrow(`enough of ${turns}`)
    }
  })

  it('refuses a factor beyond its limit before it begins, and says what to do', async () => {
    const graph = graphOf({ users: 1, items: 100_000, edges: [[0, 0]] })
    const fit = fitted(Sansa, graph, { memoryLimitBytes: 1e8 })
    await expect(fit).rejects.toMatchObject({
      code: 'MODEL_TOO_LARGE',
      message: expect.stringMatching(
        /factor and weights of 100000 items .*100 factorEntries and 200 neighbours.*100000000\. .*item-knn/,
      ),
    })
  })

  it('refuses counts of pairs beyond its limit', async () => {
    const graph = graphOf(blockGraph(1, 40))
    const needed = 40 * (24 * 39 + 16 * 39 + 120) + 8 * 39 ** 2
    // The item that most met predicts others, all others but one do so too: 38 * 39 / 2 counts of 8 bytes.
    const limit = needed + 8 * ((38 * 39) / 2)
    expect(await fitted(Sansa, graph, { memoryLimitBytes: limit })).toBeDefined()
    await expect(fitted(Sansa, graph, { memoryLimitBytes: limit - 1 })).rejects.toMatchObject({
      code: 'MODEL_TOO_LARGE',
      message: expect.stringContaining('counts of pairs'),
    })
  })

  it('rejects an l2Weight that rounding swallows', async () => {
    const fit = fitted(Sansa, graphOf(blockGraph(1, 4)), { l2Weight: 1e-17 })
    await expect(fit).rejects.toThrow(InvalidOptionsError)
    await expect(fit).rejects.toThrow(
      'l2Weight: got 1e-17, which is lost in rounding beside the counts of this graph, so that their matrix is not positive definite',
    )
  })

  it.each<[string, object, string]>([
    ['an l2Weight of 0', { l2Weight: 0 }, 'l2Weight: got 0'],
    ['an infinite l2Weight', { l2Weight: Number.POSITIVE_INFINITY }, 'l2Weight: got Infinity'],
    ['an l2Weight that is NaN', { l2Weight: Number.NaN }, 'l2Weight: got NaN'],
    ['a factor without entries', { factorEntries: 0 }, 'factorEntries: got 0'],
    ['half a neighbour', { neighbours: 0.5 }, 'neighbours: got 0.5'],
    ['a limit of 0', { memoryLimitBytes: 0 }, 'memoryLimitBytes: got 0'],
    ['a misspelt option', { l2weight: 5 }, "did you mean 'l2Weight'?"],
  ])('rejects %s', async (_, options, message) => {
    const fit = () => fitted(Sansa, graphOf(smallGraph), options as never)
    await expect(fit()).rejects.toThrow(InvalidOptionsError)
    await expect(fit()).rejects.toThrow(message)
  })
})
