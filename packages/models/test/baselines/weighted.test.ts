import { Rng, TimeSlice } from '@gnnrec/graph'
import { ItemSimilarityRecommender, Recommender, SpectralFilterRecommender } from '@gnnrec/serving'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alternate } from '../../src/ials/alternate.js'
import { resolveIalsOptions } from '../../src/ials/ials-options.js'
import {
  Ease,
  Ials,
  ItemKnn,
  type ModelClass,
  Popularity,
  Rp3Beta,
  Sansa,
  Slim,
  SpectralFilter,
  UserKnn,
} from '../../src/index.js'
import { blockGraph, type EdgeList, entriesOf, graphOf, smallGraph } from '../support/graphs.js'
import {
  at,
  edgesArbitrary,
  fitted,
  matrixOf,
  savedFiles,
  scoresOf,
  servingOf,
  solve,
} from './support.js'

// Each model against its formula on a dense R of weights in float64, written apart from the sources.

type Matrix = number[][]

const weightedEdges: fc.Arbitrary<EdgeList> = edgesArbitrary.chain((list) =>
  fc
    .array(fc.constantFrom(0.25, 1, 2, 5, 30), {
      minLength: list.edges.length,
      maxLength: list.edges.length,
    })
    .map((weights) => ({ ...list, weights })),
)

function ratings(list: EdgeList): Matrix {
  const matrix = zeros(list.users, list.items)
  for (const [user, item, value] of entriesOf(list)) (matrix[user] as number[])[item] = value
  return matrix
}

function zeros(rows: number, columns: number): Matrix {
  return Array.from({ length: rows }, () => new Array<number>(columns).fill(0))
}

const transpose = (a: Matrix, columns: number): Matrix =>
  Array.from({ length: columns }, (_, c) => a.map((row) => row[c] as number))

const multiply = (a: Matrix, b: Matrix, columns: number): Matrix =>
  a.map((row) =>
    Array.from({ length: columns }, (_, c) =>
      row.reduce((sum, value, k) => sum + value * at(b, k, c), 0),
    ),
  )

const sums = (a: Matrix): number[] => a.map((row) => row.reduce((sum, value) => sum + value, 0))

function expectClose(actual: Matrix, expected: Matrix, tolerance = 1e-5): void {
  const most = Math.max(1e-30, ...expected.flat().map(Math.abs))
  expected.forEach((row, r) => {
    row.forEach((value, c) => {
      expect(Math.abs(at(actual, r, c) - value)).toBeLessThanOrEqual(tolerance * most)
    })
  })
}

/** Returns a·b / (|a| |b| + shrinkage) for the rows of a matrix, 0 on the diagonal. */
function cosines(rows: Matrix, shrinkage: number): Matrix {
  const dot = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, k) => sum + value * (b[k] as number), 0)
  return rows.map((a, i) =>
    rows.map((b, j) => {
      const norms = Math.sqrt(dot(a, a) * dot(b, b)) + shrinkage
      return i === j || norms === 0 ? 0 : dot(a, b) / norms
    }),
  )
}

const neighbours = 100

const easeScores = (r: Matrix, { items }: EdgeList): Matrix => {
  const gram = multiply(transpose(r, items), r, items)
  const ridged = gram.map((row, i) => row.map((value, j) => value + (i === j ? 3 : 0)))
  const inverse = gram.map((_, j) =>
    solve(
      ridged,
      gram.map((_, i) => (i === j ? 1 : 0)),
    ),
  )
  const weights = inverse.map((row, i) =>
    row.map((_, j) => (i === j ? 0 : -at(inverse, j, i) / at(inverse, j, j))),
  )
  return multiply(r, weights, items)
}

const formulas: Record<string, [ModelClass, object, (r: Matrix, list: EdgeList) => Matrix]> = {
  Popularity: [
    Popularity as ModelClass,
    {},
    (r, { items }) => r.map(() => sums(transpose(r, items))),
  ],
  ItemKnn: [
    ItemKnn as ModelClass,
    { neighbours, shrinkage: 2 },
    (r, { items }) => multiply(r, cosines(transpose(r, items), 2), items),
  ],
  UserKnn: [
    UserKnn as ModelClass,
    { neighbours, shrinkage: 2 },
    (r, { items }) => multiply(cosines(r, 2), r, items),
  ],
  Rp3Beta: [
    Rp3Beta as ModelClass,
    { neighbours, alpha: 0.8, beta: 0.6 },
    (r, { items }) => {
      const columns = transpose(r, items)
      const [ofUsers, ofItems] = [sums(r), sums(columns)]
      const power = (value: number, degree: number) => (value === 0 ? 0 : (value / degree) ** 0.8)
      const toItems = r.map((row, u) => row.map((value) => power(value, ofUsers[u] as number)))
      const toUsers = columns.map((row, i) =>
        row.map((value) => power(value, ofItems[i] as number)),
      )
      const walks = multiply(toUsers, toItems, items).map((row, j) =>
        row.map((value, i) => (i === j || value === 0 ? 0 : value / (ofItems[i] as number) ** 0.6)),
      )
      return multiply(r, walks, items)
    },
  ],
  Ease: [Ease as ModelClass, { l2Weight: 3 }, easeScores],
  Sansa: [Sansa as ModelClass, { l2Weight: 3, factorEntries: 100, neighbours }, easeScores],
  'SpectralFilter, linear': [
    SpectralFilter as ModelClass,
    { filter: 'linear' },
    (r, { items }) => {
      const [ofUsers, ofItems] = [sums(r), sums(transpose(r, items))]
      const scaled = r.map((row, u) =>
        row.map((value, i) =>
          value === 0 ? 0 : value / Math.sqrt((ofUsers[u] as number) * (ofItems[i] as number)),
        ),
      )
      return multiply(r, multiply(transpose(scaled, items), scaled, items), items)
    },
  ],
}

describe.each(Object.entries(formulas))(
  '%s on a graph of weights',
  (_, [Model, options, score]) => {
    it('has the scores of its formula on a dense R', async () => {
      await fc.assert(
        fc.asyncProperty(weightedEdges, async (list) => {
          const found = scoresOf(await fitted(Model, graphOf(list), options as never))
          expectClose(found, score(ratings(list), list))
        }),
        { numRuns: 40 },
      )
    })

    it('answers the same after it was saved, and for the weighted histories of its users', async () => {
      const list: EdgeList = {
        ...smallGraph,
        weights: smallGraph.edges.map((_, place) => 1 + place),
      }
      const recommender = await fitted(Model, graphOf(list), options as never)
      expect(recommender.seen.weights).toEqual(graphOf(list).interactions.weights)
      const scores = scoresOf(recommender)
      const loaded = await Recommender.load(await savedFiles(recommender))
      expect(scoresOf(loaded.withColdStart('model'))).toEqual(scores)
      // A user is no neighbour of itself, the same history of somebody else is.
      const isLinear =
        recommender instanceof ItemSimilarityRecommender ||
        recommender instanceof SpectralFilterRecommender
      if (!isLinear) return
      const out = new Float32Array(list.users * list.items)
      recommender.scoreHistories(recommender.seen, out)
      expect([...out]).toEqual(scores.flat())
    })
  },
)

it('Sansa has the scores of Ease for products of weights that float32 does not hold', async () => {
  const { users, items, edges } = blockGraph(1, 6)
  const weights = edges.map((_, place) => 2e4 + ((5 * place) % 7))
  const graph = graphOf({ users, items, edges, weights })
  const scores = scoresOf(await fitted(Sansa as ModelClass, graph, { l2Weight: 2 }))
  expectClose(scores, scoresOf(await fitted(Ease as ModelClass, graph, { l2Weight: 2 })))
})

describe('Slim on a graph of weights', () => {
  it('has weights that meet the conditions of its problem', async () => {
    const settings = { l1Weight: 0.5, l2Weight: 30, tolerance: 1e-7, iterations: 20000, neighbours }
    await fc.assert(
      fc.asyncProperty(weightedEdges, async (list) => {
        const { items } = list
        const r = ratings(list)
        const gram = multiply(transpose(r, items), r, items)
        const weights = await matrixOf(await fitted(Slim, graphOf(list), settings), items)
        const most = Math.max(...gram.flat())
        for (let j = 0; j < items; j++) {
          for (let i = 0; i < items; i++) {
            if (i === j) continue
            const product = gram.reduce((sum, _, k) => sum + at(gram, i, k) * at(weights, k, j), 0)
            const slope = product - at(gram, i, j) + 30 * at(weights, i, j) + 0.5
            if (at(weights, i, j) > 0) expect(Math.abs(slope)).toBeLessThan(1e-4 * most)
            else expect(slope).toBeGreaterThan(-1e-4 * most)
          }
        }
      }),
      { numRuns: 40 },
    )
  })
})

describe.each([
  { convention: 'implicit', alpha: 2, l2Weight: 0.3 },
  { convention: 'rendle', unobservedWeight: 0.2, l2Weight: 0.05 },
] as const)('Ials with %j on a graph of weights', (convention) => {
  /** Returns the row that solves the least squares of its weights, the rows of the other side being fixed. */
  function solvedRow(weights: readonly number[], others: Matrix, dim: number): number[] {
    const isImplicit = convention.convention === 'implicit'
    const entries = weights.filter((weight) => weight > 0).length
    const ridge = isImplicit
      ? convention.l2Weight
      : convention.l2Weight * (entries + convention.unobservedWeight * weights.length)
    const a = zeros(dim, dim)
    const b = new Array<number>(dim).fill(0)
    weights.forEach((w, place) => {
      const other = others[place] as number[]
      const square = isImplicit ? 1 + convention.alpha * w : convention.unobservedWeight + w
      const target = isImplicit ? (w > 0 ? 1 + convention.alpha * w : 0) : w
      other.forEach((p, k) => {
        b[k]! += target * p
        other.forEach((q, l) => {
          ;(a[k] as number[])[l]! += square * p * q
        })
      })
    })
    a.forEach((row, k) => {
      row[k]! += ridge
    })
    return solve(a, b)
  }

  const dim = 3
  const rowsOf = (data: Float32Array): Matrix =>
    Array.from({ length: data.length / dim }, (_, row) =>
      Array.from(data.subarray(row * dim, (row + 1) * dim)),
    )
  const isMet = (weights: readonly number[]) => weights.some((weight) => weight > 0)

  it('has users that solve the weighted least squares', async () => {
    await fc.assert(
      fc.asyncProperty(weightedEdges, async (list) => {
        const model = await fitted(Ials, graphOf(list), { ...convention, embeddingDim: dim })
        const serving = await servingOf(model)
        const [x, y] = ['users', 'items'].map((name) =>
          rowsOf(serving.get(name)?.data as Float32Array),
        ) as [Matrix, Matrix]
        ratings(list).forEach((weights, user) => {
          if (isMet(weights)) expectClose([x[user] as number[]], [solvedRow(weights, y, dim)], 1e-3)
        })
      }),
      { numRuns: 30 },
    )
  })

  it('solves items by them in every sweep', async () => {
    await fc.assert(
      fc.asyncProperty(weightedEdges, async (list) => {
        const { settings } = resolveIalsOptions({ ...convention, embeddingDim: dim })
        const rng = Rng.fromSeed(3)
        const [users, items] = [list.users, list.items].map((count) => {
          const table = new Float32Array(count * dim)
          rng.fillNormal(table, 0.1)
          return table
        }) as [Float32Array, Float32Array]
        await alternate(
          graphOf(list),
          { users, items },
          { ...settings, sweeps: 3 },
          new TimeSlice(),
        )
        const [x, y, r] = [rowsOf(users), rowsOf(items), ratings(list)]
        for (let item = 0; item < list.items; item++) {
          const weights = r.map((row) => row[item] as number)
          if (isMet(weights)) expectClose([y[item] as number[]], [solvedRow(weights, x, dim)], 1e-3)
        }
      }),
      { numRuns: 30 },
    )
  })
})
