import os from 'node:os'
import { type BipartiteGraph, InvalidOptionsError } from '@gnnrec/graph'
import { ItemSimilarityRecommender, NotSupportedError, Recommender } from '@gnnrec/serving'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ItemKnn } from '../../src/item-knn/item-knn.js'
import { blockGraph, graphOf, randomGraph, smallGraph } from '../support/graphs.js'
import {
  abortedAfter,
  at,
  edgesArbitrary,
  expectReproducible,
  fitted,
  gram,
  hurryClock,
  savedFiles,
  scoresOf,
  servingOf,
} from './support.js'

afterEach(() => {
  vi.restoreAllMocks()
})

/** The neighbours of each item and their similarities, by the formula and a full sort. */
function referenceNeighbours(graph: BipartiteGraph, neighbours: number, shrinkage: number) {
  const counts = gram(graph)
  return counts.map((row, i) =>
    row
      .map((count, j) => {
        const norms = Math.sqrt(at(counts, i, i) * at(counts, j, j))
        return { item: j, similarity: count === 0 ? 0 : count / (norms + shrinkage) }
      })
      .filter(({ item, similarity }) => item !== i && similarity > 0)
      .sort(
        (a, b) =>
          Math.fround(b.similarity) - Math.fround(a.similarity) || (a.item < b.item ? -1 : 1),
      )
      .slice(0, neighbours),
  )
}

describe('ItemKnn', () => {
  it('scores as a dense reference in float64 does', async () => {
    await fc.assert(
      fc.asyncProperty(
        edgesArbitrary,
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(0, 0.5, 10),
        async (edges, neighbours, shrinkage) => {
          const graph = graphOf(edges)
          const reference = referenceNeighbours(graph, neighbours, shrinkage)
          const scores = scoresOf(await fitted(ItemKnn, graph, { neighbours, shrinkage }))
          for (let user = 0; user < graph.userCount; user++) {
            const seen = new Set(graph.userItems(user))
            reference.forEach((nearest, item) => {
              const expected = nearest
                .filter(({ item }) => seen.has(item))
                .reduce((sum, { similarity }) => sum + similarity, 0)
              expect(at(scores, user, item)).toBeCloseTo(expected, 5)
            })
          }
        },
      ),
    )
  })

  it('lists the neighbours of an item with their similarities, and no other', async () => {
    await fc.assert(
      fc.asyncProperty(
        edgesArbitrary,
        fc.integer({ min: 1, max: 4 }),
        async (edges, neighbours) => {
          const graph = graphOf(edges)
          const model = await fitted(ItemKnn, graph, { neighbours, shrinkage: 1 })
          referenceNeighbours(graph, neighbours, 1).forEach((nearest, item) => {
            expect(model.similarItems(item, { k: graph.itemCount })).toEqual({
              items: nearest.map(({ item }) => item),
              scores: nearest.map(({ similarity }) => Math.fround(similarity)),
              source: 'trained',
            })
          })
        },
      ),
    )
  })

  it('takes the nearest of the item that is scored, not of the items met', async () => {
    // Items 0 and 1 go together three times; item 2 was met by one user, with item 0.
    const pairs = [0, 1, 2].flatMap((user) => [[user, 0] as const, [user, 1] as const])
    const graph = graphOf({ users: 5, items: 3, edges: [...pairs, [3, 0], [3, 2], [4, 0]] })
    const model = await fitted(ItemKnn, graph, { neighbours: 1, shrinkage: 0 })
    // The one neighbour of item 0 is item 1, yet item 2 finds its own neighbour 0 in the history.
    expect(model.similarItems(0, { k: 2 }).items).toEqual([1])
    expect(model.score(4, [2])[0]).toBeCloseTo(1 / Math.sqrt(5), 6)
  })

  it('keeps the lower indices of equally similar items', async () => {
    const model = await fitted(ItemKnn, graphOf(blockGraph(2, 5)), { neighbours: 2 })
    expect(model.similarItems(9, { k: 10 }).items).toEqual([5, 6])
    expect(model.similarItems(5, { k: 10 }).items).toEqual([6, 7])
  })

  it('gives items and users without edges nothing', async () => {
    const model = await fitted(ItemKnn, graphOf(smallGraph))
    expect(scoresOf(model)[5]).toEqual([0, 0, 0, 0, 0])
    expect(model.similarItems(4, { k: 5 })).toEqual({
      items: [],
      scores: [],
      source: 'trained',
    })
    expect(model.recommend(5, { k: 2 }).items).toEqual([0, 1])
  })

  it('has no neighbours in a graph with one edge', async () => {
    const model = await fitted(ItemKnn, graphOf({ users: 2, items: 2, edges: [[0, 1]] }))
    expect(scoresOf(model).flat()).toEqual([0, 0, 0, 0])
    const loaded = await Recommender.load(await savedFiles(model))
    expect(loaded.similarItems(1).items).toEqual([])
  })

  it('leaves a user who has met every item an empty list', async () => {
    const edges = [0, 1, 2].map((item) => [0, item] as const)
    const model = await fitted(ItemKnn, graphOf({ users: 2, items: 3, edges: [...edges, [1, 0]] }))
    expect(model.recommend(0).items).toEqual([])
    expect(model.recommend(1).items).toEqual([1, 2])
  })

  it('counts repeated interactions once', async () => {
    const edges = smallGraph.edges
    const once = await fitted(ItemKnn, graphOf(smallGraph))
    const twice = await fitted(ItemKnn, graphOf({ ...smallGraph, edges: [...edges, ...edges] }))
    expect(scoresOf(twice)).toEqual(scoresOf(once))
  })

  it('knows no similar users', async () => {
    const model = await fitted(ItemKnn, graphOf(smallGraph))
    expect(() => model.similarUsers(0)).toThrow(NotSupportedError)
  })

  it('keeps at most the neighbours asked for when saved, as compressed rows', async () => {
    const graph = graphOf(randomGraph({ users: 40, items: 30, degree: 8 }))
    const serving = await servingOf(await fitted(ItemKnn, graph, { neighbours: 3 }))
    const columns = serving.get('columnIndices')?.data as Int32Array
    const perItem = new Int32Array(30)
    for (const column of columns) perItem[column] = (perItem[column] as number) + 1
    expect(Array.from(perItem)).toEqual(new Array(30).fill(3))
  })

  it('gives the same bytes again, and the same answers when loaded', async () => {
    const graph = graphOf(randomGraph({ users: 40, items: 30, degree: 8 }))
    const options = { neighbours: 7, shrinkage: 2, splitHash: 'ab' }
    const { model, loaded } = await expectReproducible(ItemKnn, graph, options)
    expect(loaded).toBeInstanceOf(ItemSimilarityRecommender)
    expect(loaded.similarItems(3)).toEqual(model.similarItems(3))
    expect(loaded.origin).toEqual({
      architecture: 'item-knn',
      options: { neighbours: 7, shrinkage: 2 },
      splitHash: 'ab',
    })
  })

  it('has the defaults of its documentation', async () => {
    const { origin } = await fitted(ItemKnn, graphOf(smallGraph))
    expect(origin.options).toEqual({ neighbours: 100, shrinkage: 10 })
    expect(origin.splitHash).toBeNull()
  })

  it('lets the event loop run and stops with the reason of its signal', async () => {
    hurryClock()
    const graph = graphOf(randomGraph({ users: 40, items: 30, degree: 8 }))
    await expect(fitted(ItemKnn, graph, { signal: abortedAfter(0) })).rejects.toThrow('enough')
    await expect(fitted(ItemKnn, graph, { signal: AbortSignal.abort() })).rejects.toThrow('aborted')
  })

  it('refuses more neighbours than the machine holds, before it looks for them', async () => {
    const graph = graphOf(blockGraph(2, 5))
    const bytes = 16 * 10 * 9
    const memory = vi.spyOn(process, 'constrainedMemory').mockReturnValue(bytes)
    expect(await fitted(ItemKnn, graph, { neighbours: 1e9 })).toBeDefined()
    memory.mockReturnValue(bytes - 1)
    await expect(fitted(ItemKnn, graph, { neighbours: 1e9 })).rejects.toMatchObject({
      code: 'MODEL_TOO_LARGE',
      message: expect.stringContaining(
        '1000000000 neighbours of each of 10 items are up to 90 in all; a matrix on this machine holds at most 89.',
      ),
    })
    expect(await fitted(ItemKnn, graph, { neighbours: 3 })).toBeDefined()
  })

  it('refuses more neighbours than int32 pointers can count', async () => {
    vi.spyOn(process, 'constrainedMemory').mockReturnValue(2 ** 50)
    vi.spyOn(os, 'totalmem').mockReturnValue(2 ** 50)
    const items = 50_000
    const all = Array.from({ length: items }, (_, item) => [0, item] as const)
    const graph = graphOf({ users: 1, items, edges: all })
    await expect(fitted(ItemKnn, graph, { neighbours: items })).rejects.toMatchObject({
      code: 'MODEL_TOO_LARGE',
      message: expect.stringContaining('2499950000 in all'),
    })
  })

  it.each<[string, object, string]>([
    ['no neighbours', { neighbours: 0 }, 'neighbours: got 0'],
    ['a fraction of neighbours', { neighbours: 1.5 }, 'neighbours: got 1.5'],
    ['negative shrinkage', { shrinkage: -1 }, 'shrinkage: got -1'],
    ['infinite shrinkage', { shrinkage: Number.POSITIVE_INFINITY }, 'shrinkage: got Infinity'],
    ['a misspelt option', { neighbors: 5 }, "did you mean 'neighbours'?"],
  ])('rejects %s', async (_, options, message) => {
    const fit = () => fitted(ItemKnn, graphOf(smallGraph), options as never)
    await expect(fit()).rejects.toThrow(InvalidOptionsError)
    await expect(fit()).rejects.toThrow(message)
  })
})
