import { type BipartiteGraph, InvalidOptionsError } from '@gnnrec/graph'
import { ItemSimilarityRecommender } from '@gnnrec/serving'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Rp3Beta } from '../../src/index.js'
import { expectClose, largest } from '../support/compare.js'
import type { FixtureTensor } from '../support/fixtures.js'
import { blockGraph, graphOf, randomGraph, smallGraph } from '../support/graphs.js'
import { expectScores, historyFixtures } from '../support/history-fixtures.js'
import {
  abortedAfter,
  at,
  edgesArbitrary,
  expectReproducible,
  fitted,
  hurryClock,
  matrixOf,
  scoresOf,
} from './support.js'

afterEach(() => {
  vi.restoreAllMocks()
})

interface Settings {
  alpha: number
  beta: number
  neighbours: number
  normalize: boolean
}

/** W by its definition, dense and in float64. */
function referenceWeights(graph: BipartiteGraph, settings: Settings): number[][] {
  const { alpha, beta, neighbours, normalize } = settings
  const { itemCount, userCount, itemDegrees, userDegrees } = graph
  const weights = Array.from({ length: itemCount }, () => new Array<number>(itemCount).fill(0))
  for (let user = 0; user < userCount; user++) {
    for (const from of graph.userItems(user)) {
      for (const to of graph.userItems(user)) {
        if (from === to) continue
        const chance =
          (1 / (itemDegrees[from] as number)) ** alpha *
          (1 / (userDegrees[user] as number)) ** alpha
        const row = weights[from] as number[]
        row[to] = at(weights, from, to) + chance / (itemDegrees[to] as number) ** beta
      }
    }
  }
  return weights.map((row) => {
    const kept = row
      .map((value, item) => ({ value: Math.fround(value), item }))
      .filter(({ value }) => value > 0)
      .sort((a, b) => b.value - a.value || a.item - b.item)
      .slice(0, neighbours)
    const sum = normalize ? kept.reduce((sum, { item }) => sum + (row[item] as number), 0) : 1
    return row.map((value, item) => (kept.some((one) => one.item === item) ? value / sum : 0))
  })
}

describe('Rp3Beta', () => {
  const fixtures = historyFixtures('neighbours', 'rp3beta')

  it('has golden numbers', () => {
    expect(fixtures.map(({ case: name }) => name)).toEqual(['rp3beta-top3', 'rp3beta'])
  })

  it.each(fixtures)('has the weights and scores of $case', async (fixture) => {
    const model = await fitted(Rp3Beta, graphOf(fixture.graph), fixture.params)
    const expected = fixture.expected['weights'] as FixtureTensor
    const weights = (await matrixOf(model, model.itemCount)).flat()
    expectClose(weights, expected.data, 1e-5 * largest(expected.data))
    expectScores(model, fixture, 1e-5)
  })

  it('has the weights of a dense reference in float64', async () => {
    const settings = fc.record({
      alpha: fc.constantFrom(0, 0.5, 1, 1.7),
      beta: fc.constantFrom(0, 0.6, 1),
      neighbours: fc.integer({ min: 1, max: 9 }),
      normalize: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(edgesArbitrary, settings, async (edges, settings) => {
        const graph = graphOf(edges)
        const model = await fitted(Rp3Beta, graph, { ...settings })
        const weights = await matrixOf(model, graph.itemCount)
        // Which of nearly equal entries are kept may differ by rounding, so the kept values are compared.
        const sorted = (row: number[]) => [...row].sort((a, b) => b - a)
        const expected = referenceWeights(graph, settings).flatMap(sorted)
        expectClose(weights.flatMap(sorted), expected, 1e-6)
      }),
    )
  })

  it('keeps the lower indices of equal weights', async () => {
    const model = await fitted(Rp3Beta, graphOf(blockGraph(2, 5)), { neighbours: 2 })
    const kept = (await matrixOf(model, model.itemCount)).map((row) =>
      row.flatMap((value, i) => (value ? [i] : [])),
    )
    expect(kept[9]).toEqual([5, 6])
    expect(kept[5]).toEqual([6, 7])
  })

  it('gives items and users without edges nothing', async () => {
    const model = await fitted(Rp3Beta, graphOf(smallGraph))
    expect(scoresOf(model)[5]).toEqual([0, 0, 0, 0, 0])
    expect(scoresOf(model).every((row) => row[4] === 0)).toBe(true)
  })

  it('has no weights in a graph of one user with one item, normalized or not', async () => {
    for (const normalize of [false, true]) {
      const graph = graphOf({ users: 1, items: 2, edges: [[0, 1]] })
      expect(scoresOf(await fitted(Rp3Beta, graph, { normalize }))).toEqual([[0, 0]])
    }
  })

  it('gives the same bytes again, and the same answers when loaded', async () => {
    const graph = graphOf(randomGraph({ users: 40, items: 30, degree: 8 }))
    const options = { alpha: 0.7, beta: 0.3, neighbours: 7, normalize: true, splitHash: 'ab' }
    const { loaded } = await expectReproducible(Rp3Beta, graph, options)
    expect(loaded).toBeInstanceOf(ItemSimilarityRecommender)
    expect(loaded.origin).toEqual({
      architecture: 'rp3-beta',
      options: { alpha: 0.7, beta: 0.3, neighbours: 7, normalize: true },
      splitHash: 'ab',
    })
  })

  it('has the defaults of its documentation', async () => {
    const { origin } = await fitted(Rp3Beta, graphOf(smallGraph))
    expect(origin.options).toEqual({ alpha: 1, beta: 0.6, neighbours: 100, normalize: false })
  })

  it('lets the event loop run and stops with the reason of its signal', async () => {
    hurryClock()
    const graph = graphOf(randomGraph({ users: 40, items: 30, degree: 8 }))
    await expect(fitted(Rp3Beta, graph, { signal: abortedAfter(0) })).rejects.toThrow('enough')
  })

  it('refuses more neighbours than the machine holds, before it looks for them', async () => {
    vi.spyOn(process, 'constrainedMemory').mockReturnValue(16 * 10 * 4 - 1)
    const graph = graphOf(blockGraph(2, 5))
    expect(await fitted(Rp3Beta, graph, { neighbours: 3 })).toBeDefined()
    await expect(fitted(Rp3Beta, graph, { neighbours: 4 })).rejects.toMatchObject({
      code: 'MODEL_TOO_LARGE',
      message: expect.stringContaining('4 neighbours of each of 10 items are up to 40 in all'),
    })
  })

  it.each<[string, object, string]>([
    ['no neighbours', { neighbours: 0 }, 'neighbours: got 0'],
    ['a negative power', { alpha: -1 }, 'alpha: got -1'],
    ['a power that rounds chances to 0', { alpha: 4.5 }, 'alpha: got 4.5'],
    ['a power that is NaN', { beta: Number.NaN }, 'beta: got NaN'],
    ['an infinite power', { beta: Number.POSITIVE_INFINITY }, 'beta: got Infinity'],
    ['a misspelt option', { normalise: true }, "did you mean 'normalize'?"],
  ])('rejects %s', async (_, options, message) => {
    const fit = () => fitted(Rp3Beta, graphOf(smallGraph), options as never)
    await expect(fit()).rejects.toThrow(InvalidOptionsError)
    await expect(fit()).rejects.toThrow(message)
  })
})
