import { type BipartiteGraph, InvalidOptionsError } from '@gnnrec/graph'
import { NotSupportedError, UserSimilarityRecommender } from '@gnnrec/serving'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { UserKnn } from '../../src/index.js'
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
  matrixOf,
  scoresOf,
} from './support.js'

afterEach(() => {
  vi.restoreAllMocks()
})

interface Neighbour {
  readonly user: number
  readonly similarity: number
}

/** The users nearest to a history among some users, by the formula and a full sort. */
function referenceNearest(
  graph: BipartiteGraph,
  history: readonly number[],
  users: readonly number[],
  { neighbours, shrinkage }: { neighbours: number; shrinkage: number },
): Neighbour[] {
  return users
    .map((user) => {
      const items = graph.userItems(user)
      const common = items.filter((item) => history.includes(item)).length
      const norms = Math.sqrt(items.length * history.length)
      return { user, similarity: common === 0 ? 0 : common / (norms + shrinkage) }
    })
    .filter(({ similarity }) => similarity > 0)
    .sort((a, b) => Math.fround(b.similarity) - Math.fround(a.similarity) || a.user - b.user)
    .slice(0, neighbours)
}

function referenceScores(graph: BipartiteGraph, nearest: readonly Neighbour[]): number[] {
  return Array.from({ length: graph.itemCount }, (_, item) =>
    nearest.reduce(
      (sum, { user, similarity }) => sum + (graph.userItems(user).includes(item) ? similarity : 0),
      0,
    ),
  )
}

describe('UserKnn', () => {
  const fixtures = historyFixtures('neighbours', 'user-knn')

  it('has golden numbers', () => {
    expect(fixtures.map(({ case: name }) => name)).toEqual(['user-knn-top3', 'user-knn'])
  })

  it.each(fixtures)('has the similarities and scores of $case', async (fixture) => {
    const model = await fitted(UserKnn, graphOf(fixture.graph), fixture.params)
    const expected = fixture.expected['similarities'] as FixtureTensor
    const similarities = (await matrixOf(model, model.userCount)).flat()
    expectClose(similarities, expected.data, 1e-5 * largest(expected.data))
    expectScores(model, fixture, 1e-5)
  })

  it('scores users and histories as a dense reference in float64 does', async () => {
    await fc.assert(
      fc.asyncProperty(
        edgesArbitrary,
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom(0, 0.5, 10),
        fc.array(fc.uniqueArray(fc.nat(7)), { minLength: 1, maxLength: 4 }),
        async (edges, neighbours, shrinkage, wanted) => {
          const graph = graphOf(edges)
          const settings = { neighbours, shrinkage }
          const model = await fitted(UserKnn, graph, settings)
          const users = Array.from({ length: graph.userCount }, (_, user) => user)
          const scores = users.map((user) => {
            const others = users.filter((other) => other !== user)
            const history = Array.from(graph.userItems(user))
            return referenceScores(graph, referenceNearest(graph, history, others, settings))
          })
          expectClose(scoresOf(model).flat(), scores.flat(), 1e-5)
          const histories = wanted.map((list) => list.filter((item) => item < graph.itemCount))
          const expected = histories.map((history) =>
            referenceScores(graph, referenceNearest(graph, history, users, settings)),
          )
          expectClose(scoresOfHistories(model, listsOf(histories)), expected.flat(), 1e-5)
        },
      ),
    )
  })

  it('answers a history as the user with it, once that user is not in the graph', async () => {
    const edges = randomGraph({ users: 20, items: 15, degree: 5 })
    const own = await fitted(UserKnn, graphOf(edges), { neighbours: 4, shrinkage: 1 })
    const without = { ...edges, edges: edges.edges.filter(([user]) => user !== 7) }
    const other = await fitted(UserKnn, graphOf(without), { neighbours: 4, shrinkage: 1 })
    const history = Array.from(graphOf(edges).userItems(7))
    const asked = scoresOfHistories(other, listsOf([history]))
    expect(Array.from(asked)).toEqual(scoresOf(own)[7])
  })

  it('lists the neighbours of a user with their similarities, and no similar items', async () => {
    const graph = graphOf(randomGraph({ users: 12, items: 9, degree: 4 }))
    const settings = { neighbours: 5, shrinkage: 1 }
    const model = await fitted(UserKnn, graph, settings)
    const others = Array.from({ length: 12 }, (_, user) => user).filter((user) => user !== 3)
    const nearest = referenceNearest(graph, Array.from(graph.userItems(3)), others, settings)
    expect(model.similarUsers(3, { k: 12 })).toEqual({
      users: nearest.map(({ user }) => user),
      scores: nearest.map(({ similarity }) => Math.fround(similarity)),
      source: 'trained',
    })
    expect(() => model.similarItems(0)).toThrow(NotSupportedError)
  })

  it('keeps the lower indices of equally similar users', async () => {
    const model = await fitted(UserKnn, graphOf(blockGraph(2, 5)), { neighbours: 2 })
    expect(model.similarUsers(9, { k: 10 }).users).toEqual([5, 6])
    expect(model.similarUsers(5, { k: 10 }).users).toEqual([6, 7])
  })

  it('gives items and users without edges, and histories without any, nothing', async () => {
    const model = await fitted(UserKnn, graphOf(smallGraph))
    expect(scoresOf(model)[5]).toEqual([0, 0, 0, 0, 0])
    expect(scoresOf(model).every((row) => row[4] === 0)).toBe(true)
    expect(Array.from(scoresOfHistories(model, listsOf([[], [4]])))).toEqual(new Array(10).fill(0))
  })

  it('has no neighbours in a graph of one user, whose history still counts for others', async () => {
    const model = await fitted(UserKnn, graphOf({ users: 1, items: 2, edges: [[0, 1]] }), {
      shrinkage: 0,
    })
    expect(scoresOf(model)).toEqual([[0, 0]])
    expect(Array.from(scoresOfHistories(model, listsOf([[1], [0, 1]])))).toEqual([
      0,
      1,
      0,
      Math.fround(Math.SQRT1_2),
    ])
  })

  it('gives the same bytes again, and the same answers when loaded', async () => {
    const graph = graphOf(randomGraph({ users: 40, items: 30, degree: 8 }))
    const options = { neighbours: 7, shrinkage: 2, splitHash: 'ab' }
    const { model, loaded } = await expectReproducible(UserKnn, graph, options)
    expect(loaded).toBeInstanceOf(UserSimilarityRecommender)
    const lists = listsOf([[1, 2, 3], [], [29]])
    expect(scoresOfHistories(loaded, lists)).toEqual(scoresOfHistories(model, lists))
    expect(loaded.origin).toEqual({
      architecture: 'user-knn',
      options: { neighbours: 7, shrinkage: 2 },
      splitHash: 'ab',
    })
  })

  it('has the defaults of its documentation', async () => {
    const { origin } = await fitted(UserKnn, graphOf(smallGraph))
    expect(origin.options).toEqual({ neighbours: 100, shrinkage: 10 })
  })

  it('lets the event loop run and stops with the reason of its signal', async () => {
    hurryClock()
    const graph = graphOf(randomGraph({ users: 40, items: 30, degree: 8 }))
    await expect(fitted(UserKnn, graph, { signal: abortedAfter(0) })).rejects.toThrow('enough')
  })

  it('refuses more neighbours than the machine holds, before it looks for them', async () => {
    const graph = graphOf(blockGraph(2, 5))
    const memory = vi.spyOn(process, 'constrainedMemory').mockReturnValue(16 * 10 * 4)
    expect(await fitted(UserKnn, graph, { neighbours: 4 })).toBeDefined()
    memory.mockReturnValue(16 * 10 * 4 - 1)
    await expect(fitted(UserKnn, graph, { neighbours: 4 })).rejects.toMatchObject({
      code: 'MODEL_TOO_LARGE',
      message: expect.stringContaining('4 neighbours of each of 10 users are up to 40 in all'),
    })
  })

  it.each<[string, object, string]>([
    ['no neighbours', { neighbours: 0 }, 'neighbours: got 0'],
    ['a fraction of neighbours', { neighbours: 1.5 }, 'neighbours: got 1.5'],
    ['negative shrinkage', { shrinkage: -1 }, 'shrinkage: got -1'],
    ['shrinkage that is NaN', { shrinkage: Number.NaN }, 'shrinkage: got NaN'],
    ['infinite shrinkage', { shrinkage: Number.POSITIVE_INFINITY }, 'shrinkage: got Infinity'],
    ['a misspelt option', { neighbors: 5 }, "did you mean 'neighbours'?"],
  ])('rejects %s', async (_, options, message) => {
    const fit = () => fitted(UserKnn, graphOf(smallGraph), options as never)
    await expect(fit()).rejects.toThrow(InvalidOptionsError)
    await expect(fit()).rejects.toThrow(message)
  })
})
