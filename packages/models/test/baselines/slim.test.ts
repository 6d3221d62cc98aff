import { type BipartiteGraph, InvalidOptionsError } from '@gnnrec/graph'
import { ItemSimilarityRecommender, NotSupportedError } from '@gnnrec/serving'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Slim } from '../../src/index.js'
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
  solve,
} from './support.js'

afterEach(() => {
  vi.restoreAllMocks()
})

const exact = { tolerance: 1e-12, iterations: 10_000 }

/** The gradient of the smooth part and of l1Weight, an entry for each item, for the score of one item. */
function gradient(
  counts: readonly (readonly number[])[],
  target: number,
  weights: readonly number[],
  { l1Weight, l2Weight }: { l1Weight: number; l2Weight: number },
): number[] {
  return counts.map((row, i) => {
    const product = row.reduce((sum, count, k) => sum + count * (weights[k] as number), 0)
    return product - at(counts, i, target) + l2Weight * (weights[i] as number) + l1Weight
  })
}

/** The one best column, found by trying all sets of items that may have weights. */
function referenceColumn(
  counts: readonly (readonly number[])[],
  target: number,
  settings: { l1Weight: number; l2Weight: number },
): number[] {
  const others = counts.map((_, i) => i).filter((i) => i !== target)
  for (let set = 0; set < 2 ** others.length; set++) {
    const items = others.filter((_, place) => set & (1 << place))
    const matrix = items.map((i) =>
      items.map((k) => at(counts, i, k) + (i === k ? settings.l2Weight : 0)),
    )
    const found = solve(
      matrix,
      items.map((i) => at(counts, i, target) - settings.l1Weight),
    )
    const weights = counts.map((_, i) =>
      items.includes(i) ? (found[items.indexOf(i)] as number) : 0,
    )
    const slopes = gradient(counts, target, weights, settings)
    if (weights.every((w) => w >= 0) && others.every((i) => (slopes[i] as number) > -1e-9)) {
      return weights
    }
  }
  throw new Error('no set of items is optimal')
}

async function columnsOf(graph: BipartiteGraph, options: object): Promise<number[][]> {
  const rows = await matrixOf(await fitted(Slim, graph, { ...options }), graph.itemCount)
  return rows.map((_, column) => rows.map((row) => row[column] as number))
}

describe('Slim', () => {
  const settings = fc.record({
    l1Weight: fc.constantFrom(0, 0.1, 1, 2.5),
    l2Weight: fc.constantFrom(0.5, 1, 20),
  })

  it('has the weights of a dense reference in float64 that tries all sets of items', async () => {
    await fc.assert(
      fc.asyncProperty(edgesArbitrary, settings, async (edges, settings) => {
        const graph = graphOf(edges)
        const columns = await columnsOf(graph, { ...settings, ...exact })
        const counts = gram(graph)
        const expected = columns.map((_, target) => referenceColumn(counts, target, settings))
        expectClose(columns.flat(), expected.flat(), 1e-5)
      }),
      { numRuns: 50 },
    )
  })

  it('meets the conditions of an optimum: no slope where there is weight, none downhill elsewhere', async () => {
    for (const [l1Weight, l2Weight] of [
      [0, 0.5],
      [1, 5],
      [3, 50],
    ] as const) {
      const graph = graphOf(randomGraph({ users: 90, items: 60, degree: 12 }))
      const columns = await columnsOf(graph, { l1Weight, l2Weight, ...exact })
      const counts = gram(graph)
      expect(columns.flat().some((weight) => weight > 0)).toBe(true)
      columns.forEach((weights, target) => {
        const slopes = gradient(counts, target, weights, { l1Weight, l2Weight })
        expect(weights[target]).toBe(0)
        weights.forEach((weight, item) => {
          if (item === target) return
          expect(weight).toBeGreaterThanOrEqual(0)
          if (weight > 0) expect(Math.abs(slopes[item] as number)).toBeLessThan(1e-4)
          else expect(slopes[item]).toBeGreaterThan(-1e-4)
        })
      })
    }
  })

  it('gives two items the weights worked out by hand', async () => {
    // Three users met item 0, three met item 1, two of them both: w = (c - l1) / (n + l2).
    const edges = [0, 1, 2, 3].flatMap((user) => [
      ...(user < 3 ? [[user, 0] as const] : []),
      ...(user > 0 ? [[user, 1] as const] : []),
    ])
    const columns = await columnsOf(graphOf({ users: 4, items: 2, edges }), {
      l1Weight: 0.5,
      l2Weight: 1,
    })
    expect(columns).toEqual([
      [0, 0.375],
      [0.375, 0],
    ])
  })

  it('has no weights where l1Weight is at least the number of common users', async () => {
    const graph = graphOf(blockGraph(2, 4))
    expect((await columnsOf(graph, { l1Weight: 4 })).flat().every((w) => w === 0)).toBe(true)
    expect((await columnsOf(graph, { l1Weight: 3.9 })).flat().some((w) => w > 0)).toBe(true)
  })

  it('keeps the largest weights of the score of an item', async () => {
    const graph = graphOf(randomGraph({ users: 60, items: 20, degree: 8 }))
    const options = { l1Weight: 0.1, l2Weight: 5 }
    const all = await columnsOf(graph, options)
    const kept = await columnsOf(graph, { ...options, neighbours: 3 })
    const largest = all.map((column) => {
      const least = [...column].sort((a, b) => b - a)[2] as number
      return column.map((weight) => (weight >= least ? weight : 0))
    })
    expect(kept).toEqual(largest)
  })

  it('scores users and histories by the rows of the items met', async () => {
    const graph = graphOf(randomGraph({ users: 30, items: 20, degree: 6 }))
    const model = await fitted(Slim, graph, { l1Weight: 0.1, l2Weight: 5 })
    const weights = await matrixOf(model, 20)
    const histories = [[], [3], [0, 5, 19]]
    const expected = histories.flatMap((history) =>
      weights.map((_, item) => history.reduce((sum, j) => sum + at(weights, j, item), 0)),
    )
    expectClose(scoresOfHistories(model, listsOf(histories)), expected, 1e-6)
    const own = Array.from(graph.userItems(7))
    expect(Array.from(scoresOfHistories(model, listsOf([own])))).toEqual(scoresOf(model)[7])
    expect(() => model.similarUsers(0)).toThrow(NotSupportedError)
  })

  it('gives items and users without edges nothing', async () => {
    const model = await fitted(Slim, graphOf(smallGraph), { l1Weight: 0, l2Weight: 1 })
    expect(scoresOf(model)[5]).toEqual([0, 0, 0, 0, 0])
    expect(scoresOf(model).every((row) => row[4] === 0)).toBe(true)
    const one = await fitted(Slim, graphOf({ users: 1, items: 2, edges: [[0, 1]] }))
    expect(scoresOf(one)).toEqual([[0, 0]])
  })

  it('gives the same bytes again, and the same answers when loaded', async () => {
    const graph = graphOf(randomGraph({ users: 40, items: 30, degree: 8 }))
    const options = { l1Weight: 0.1, l2Weight: 3, neighbours: 7, splitHash: 'ab' }
    const { loaded } = await expectReproducible(Slim, graph, options)
    expect(loaded).toBeInstanceOf(ItemSimilarityRecommender)
    expect(loaded.origin).toEqual({
      architecture: 'slim',
      options: { l1Weight: 0.1, l2Weight: 3, neighbours: 7, tolerance: 1e-4, iterations: 100 },
      splitHash: 'ab',
    })
  })

  it('has the defaults of its documentation', async () => {
    const { origin } = await fitted(Slim, graphOf(smallGraph))
    expect(origin.options).toEqual({
      l1Weight: 1,
      l2Weight: 50,
      neighbours: 200,
      tolerance: 1e-4,
      iterations: 100,
    })
  })

  it('warns once of weights that would need more sweeps, and says what to do', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined)
    const graph = graphOf(randomGraph({ users: 40, items: 30, degree: 8 }))
    await fitted(Slim, graph, { l1Weight: 0, l2Weight: 0, iterations: 2 })
    expect(warned).toHaveBeenCalledOnce()
    expect(warned.mock.calls[0]?.[0]).toMatch(
      /of 30 items .* after 2 sweeps.*raise iterations or l2Weight/,
    )
    warned.mockClear()
    await fitted(Slim, graph, { l1Weight: 1, l2Weight: 100 })
    expect(warned).not.toHaveBeenCalled()
  })

  it('lets the event loop run and stops with the reason of its signal', async () => {
    hurryClock()
    const graph = graphOf(randomGraph({ users: 40, items: 30, degree: 8 }))
    await expect(fitted(Slim, graph, { signal: abortedAfter(0) })).rejects.toThrow('enough')
  })

  it('refuses more weights than the machine holds, before it looks for them', async () => {
    vi.spyOn(process, 'constrainedMemory').mockReturnValue(16 * 10 * 4 - 1)
    const graph = graphOf(blockGraph(2, 5))
    await expect(fitted(Slim, graph, { neighbours: 4 })).rejects.toMatchObject({
      code: 'MODEL_TOO_LARGE',
      message: expect.stringContaining('slim: 4 neighbours of each of 10 items are up to 40'),
    })
  })

  it.each<[string, object, string]>([
    ['a negative l1Weight', { l1Weight: -1 }, 'l1Weight: got -1'],
    ['an infinite l2Weight', { l2Weight: Number.POSITIVE_INFINITY }, 'l2Weight: got Infinity'],
    ['an l2Weight that is NaN', { l2Weight: Number.NaN }, 'l2Weight: got NaN'],
    ['no neighbours', { neighbours: 0 }, 'neighbours: got 0'],
    ['a negative tolerance', { tolerance: -1 }, 'tolerance: got -1'],
    ['no iterations', { iterations: 0 }, 'iterations: got 0'],
    ['a misspelt option', { l1weight: 5 }, "did you mean 'l1Weight'?"],
  ])('rejects %s', async (_, options, message) => {
    const fit = () => fitted(Slim, graphOf(smallGraph), options as never)
    await expect(fit()).rejects.toThrow(InvalidOptionsError)
    await expect(fit()).rejects.toThrow(message)
  })
})
