import {
  BatchIterator,
  BipartiteGraph,
  type BipartiteGraphOptions,
  fromRecords,
  type InteractionTable,
  InvalidInteractionsError,
  InvalidOptionsError,
  Rng,
  samplers,
} from '@gnnrec/graph'
import { findLowRatings } from '@gnnrec/graph/files'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type GraphCase, graphCases, tableOf, toDense } from './support/graphs.js'

afterEach(() => {
  vi.restoreAllMocks()
})

const normalizations = ['symmetric', 'row', 'column', 'none'] as const

interface WeightedCase extends GraphCase {
  readonly weights: readonly number[]
}

/** Small graphs with repeated pairs and isolated nodes, and a weight for each row. */
const weightedCases: fc.Arbitrary<WeightedCase> = graphCases.chain((graph) =>
  fc
    .array(fc.constantFrom(0.125, 0.5, 1, 3, 1000), {
      minLength: graph.pairs.length,
      maxLength: graph.pairs.length,
    })
    .map((weights) => ({ ...graph, weights })),
)

function weightedTable({ users, items, pairs, weights }: WeightedCase): InteractionTable {
  return { ...tableOf(users, items, pairs), weight: Float32Array.from(weights) }
}

/** A of the sums of weights, or of a function of them, in float64. */
function denseWeights(
  { users, items, pairs, weights }: WeightedCase,
  map: (count: number) => number = (count) => count,
): number[][] {
  const nodes = users + items
  const sums = Array.from({ length: nodes }, () => new Array<number>(nodes).fill(0))
  pairs.forEach(([user, item], row) => {
    sums[user][users + item] += weights[row]
    sums[users + item][user] += weights[row]
  })
  return sums.map((row) => row.map((sum) => (sum === 0 ? 0 : map(sum))))
}

function normalized(a: number[][], normalization: string, regularization: number): number[][] {
  const degrees = a.map((row) => row.reduce((sum, value) => sum + value, 0) + regularization)
  const divisor = { symmetric: (r: number, c: number) => Math.sqrt(degrees[r] * degrees[c]) }
  return a.map((row, r) =>
    row.map((value, c) => {
      if (value === 0 || normalization === 'none') return value
      if (normalization === 'row') return value / degrees[r]
      if (normalization === 'column') return value / degrees[c]
      return value / divisor.symmetric(r, c)
    }),
  )
}

function expectClose(actual: number[][], expected: number[][]): void {
  expected.forEach((row, r) => {
    row.forEach((value, c) => {
      expect(Math.abs(actual[r][c] - value)).toBeLessThanOrEqual(1e-6 * Math.max(1, value))
    })
  })
}

describe('a graph of weights', () => {
  it('has the matrices of the dense definition', () => {
    fc.assert(
      fc.property(weightedCases, fc.constantFrom(0, 2.5), (graph, alpha) => {
        const made = BipartiteGraph.fromInteractions(weightedTable(graph), { weights: 'counts' })
        const a = denseWeights(graph)
        for (const normalization of normalizations) {
          const regularization = normalization === 'none' ? 0 : alpha
          const options = { normalization, regularization }
          const expected = normalized(a, normalization, regularization)
          expectClose(toDense(made.adjacency(options)), expected)
          const block = expected.slice(0, graph.users).map((row) => row.slice(graph.users))
          expectClose(toDense(made.biadjacency(options)), block)
          const loops = a.map((row, r) => row.map((value, c) => value + (r === c ? 1 : 0)))
          expectClose(
            toDense(made.adjacency({ ...options, selfLoops: true })),
            normalized(loops, normalization, regularization),
          )
        }
      }),
    )
  })

  it.each<[NonNullable<BipartiteGraphOptions['weights']>, (count: number) => number]>([
    ['counts', (count) => count],
    ['log', (count) => Math.log(1 + count)],
    [(count) => 40 * count + 1, (count) => 40 * count + 1],
  ])('takes the weights %s', (weights, map) => {
    fc.assert(
      fc.property(weightedCases, (graph) => {
        const made = BipartiteGraph.fromInteractions(weightedTable(graph), { weights })
        const a = denseWeights(graph, map)
        expectClose(toDense(made.adjacency({ normalization: 'none' })), a)
        const degrees = a.map((row) => row.reduce((sum, value) => sum + value, 0))
        const found = [...made.weightedUserDegrees, ...made.weightedItemDegrees]
        expectClose([found], [degrees])
        expect(made.isWeighted).toBe(true)
      }),
    )
  })

  it('counts the rows of pairs in a table without weights', () => {
    const record = { user: 'ann', item: 'jaws' }
    const table = fromRecords([record, { user: 'ann', item: 'alien' }, record])
    const graph = BipartiteGraph.fromInteractions(table, { weights: 'counts' })
    expect(toDense(graph.biadjacency({ normalization: 'none' }))).toEqual([[1, 2]])
    expect([...graph.userDegrees]).toEqual([2])
    expect([...graph.weightedUserDegrees]).toEqual([3])
  })

  it('equals one without weights when all weights are equal, where it is normalized', () => {
    fc.assert(
      fc.property(graphCases, fc.constantFrom(1, 0.3, 1e-30, 1e30), (graph, weight) => {
        const distinct = [...new Map(graph.pairs.map((pair) => [String(pair), pair])).values()]
        const plainTable = tableOf(graph.users, graph.items, distinct)
        const equal = { ...plainTable, weight: new Float32Array(distinct.length).fill(weight) }
        const weighted = BipartiteGraph.fromInteractions(equal, { weights: 'counts' })
        const plain = BipartiteGraph.fromInteractions(plainTable)
        for (const normalization of ['symmetric', 'row', 'column'] as const) {
          const [a, b] = [weighted, plain].map((one) => one.adjacency({ normalization }))
          expect(a.columnIndices).toEqual(b.columnIndices)
          if (weight === 1) expect(a.values).toEqual(b.values)
          expectClose(toDense(a), toDense(b))
        }
      }),
    )
  })

  it('leaves weights out with none, to the byte', () => {
    fc.assert(
      fc.property(weightedCases, (graph) => {
        const table = weightedTable(graph)
        const without = BipartiteGraph.fromInteractions(table, { weights: 'none' })
        const { weight: _, ...bare } = table
        const plain = BipartiteGraph.fromInteractions(bare)
        expect(without.interactions).toEqual(plain.interactions)
        expect(without.adjacency().values).toEqual(plain.adjacency().values)
        expect(without.isWeighted).toBe(false)
      }),
    )
  })

  it.each<[string, unknown, RegExp]>([
    [
      'of 0',
      () => 0,
      /'weights' returned 0 for the count 2 of user "ann" and item "jaws"; expected/,
    ],
    ['of NaN', () => Number.NaN, /returned NaN .*; expected a finite number/],
    ['of infinity', () => Infinity, /returned Infinity/],
    ['that is no number', () => '3', /returned 3 .*; expected a finite number/],
  ])('refuses a weight %s', (_, weights, message) => {
    const table = fromRecords([{ user: 'ann', item: 'jaws', weight: 2 }])
    const make = () => BipartiteGraph.fromInteractions(table, { weights } as never)
    expect(make).toThrow(InvalidInteractionsError)
    expect(make).toThrow(message)
  })

  it.each([
    [Float32Array.of(-1, 3), 'Row 0 has the weight -1; expected a number above 0'],
    [Float32Array.of(1, Number.NaN), 'Row 1 has the weight NaN'],
    [Float32Array.of(1), "The column 'weight' has 1 rows, 'userIndex' has 2"],
    [Float32Array.of(3e38, 3e38), 'add up to'],
  ])('refuses the weights %s of a table that was put together by hand', (weight, message) => {
    const pair = { user: 1, item: 1 }
    const table = { ...fromRecords([pair, pair]), weight }
    expect(() => BipartiteGraph.fromInteractions(table, { weights: 'log' })).toThrow(message)
  })

  it.each([{ weights: 'count' }, { weights: 3 }, { weight: 'counts' }, { lowRatings: 'drop' }])(
    'refuses the options %j',
    (options) => {
      const table = fromRecords([{ user: 1, item: 1 }])
      const make = () => BipartiteGraph.fromInteractions(table, options as never)
      expect(make).toThrow(InvalidOptionsError)
    },
  )
})

describe('what a graph says once', () => {
  function saidBy(table: InteractionTable, options: BipartiteGraphOptions = {}): unknown[] {
    const emitted = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    emitted.mockClear()
    BipartiteGraph.fromInteractions(table, options)
    BipartiteGraph.fromInteractions(table, options)
    return emitted.mock.calls.map(([message]) => message)
  }
  const rated = (...ratings: number[]) =>
    fromRecords(ratings.map((rating, item) => ({ user: 1, item, rating })))

  it('names weights that nobody asked for', () => {
    const table = fromRecords([{ user: 1, item: 1, weight: 2 }])
    expect(saidBy(table)).toEqual([expect.stringContaining("Pass weights: 'counts'")])
    for (const weights of ['none', 'counts', 'log'] as const) {
      expect(saidBy(fromRecords([{ user: 1, item: 1, weight: 2 }]), { weights })).toEqual([])
    }
  })

  it.each([
    [[1, -1], '1 of 2 interactions have a rating of at most 0.4 where the highest is 1'],
    [[-1, -1], '2 of 2 interactions have a rating of below 0'],
    [[1, 5, 4, 2], '2 of 4 interactions have a rating of at most 2 where the highest is 5'],
    [[0, 1], '1 of 2 interactions'],
    [[0, 3, 10], '1 of 3 interactions'],
  ])('names the low ratings of %j', (ratings, message) => {
    expect(saidBy(rated(...ratings))).toEqual([expect.stringContaining(message)])
    expect(saidBy(rated(...ratings), { lowRatings: 'accept' })).toEqual([])
  })

  it.each([
    [[4, 5, 4.5]],
    [[3, 5]],
    [[1, 1]],
    [[6, 10, 7]],
    // Book-Crossing has 0 for books that were not rated.
    [[0, 7, 10]],
    [[0, 0]],
    // These are counts.
    [[1, 2, 500]],
  ])('is nothing about the ratings %j', (ratings) => {
    expect(saidBy(rated(...ratings))).toEqual([])
    expect(findLowRatings(rated(...ratings))).toBeUndefined()
  })
})

describe('draws by weight', () => {
  const table = fromRecords([
    { user: 'ann', item: 'jaws', weight: 1 },
    { user: 'ann', item: 'alien', weight: 6 },
    { user: 'bob', item: 'alien', weight: 3 },
    { user: 'eve', item: 'brazil', weight: 0.001 },
  ])
  const graph = BipartiteGraph.fromInteractions(table, { weights: 'counts' })
  const strategy = 'interaction-weighted' as const

  it('come in proportion to the weights', () => {
    const batches = new BatchIterator(graph, { batchSize: 3, strategy, rng: Rng.fromSeed(5) })
    const counts = new Map<string, number>()
    const epochs = 3000
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const { users, positives, negatives } of batches.epoch(epoch)) {
        users.forEach((user, place) => {
          const key = `${graph.users.idOf(user)} ${graph.items.idOf(positives[place])}`
          counts.set(key, (counts.get(key) ?? 0) + 1)
          expect(graph.userItems(user)).not.toContain(negatives[place])
        })
      }
    }
    const draws = epochs * graph.edgeCount
    for (const [key, share] of [
      ['ann jaws', 0.1],
      ['ann alien', 0.6],
      ['bob alien', 0.3],
    ] as const) {
      // Five standard deviations.
      const error = 5 * Math.sqrt((share * (1 - share)) / draws)
      expect(Math.abs((counts.get(key) ?? 0) / draws - share)).toBeLessThan(error)
    }
    expect(counts.get('eve brazil') ?? 0).toBeLessThan(20)
  })

  it('are the same from any step on, and others in another epoch', () => {
    const settings = { batchSize: 1, strategy, rng: Rng.fromSeed(5) }
    const batches = () => new BatchIterator(graph, settings)
    const all = [...batches().epoch(4)]
    expect([...batches().epoch(4, { startStep: 2 })]).toEqual(all.slice(2))
    const positives = (epoch: number) => Array.from(batches().epoch(epoch), (b) => b.positives[0])
    expect([0, 1, 2, 3].map(positives)).not.toEqual([4, 4, 4, 4].map(positives))
  })

  it('need weights', async () => {
    const plain = BipartiteGraph.fromInteractions(table, { weights: 'none' })
    const rng = Rng.fromSeed(1)
    const make = () => new BatchIterator(plain, { batchSize: 1, strategy, rng })
    expect(make).toThrow(InvalidOptionsError)
    expect(make).toThrow("got 'interaction-weighted' for a graph without weights")
    const sampler = new samplers.WalkSubgraphSampler(plain, {
      roots: 4,
      walkLength: 2,
      steps: 2,
      rng,
    })
    await sampler.prepare()
    const options = { sampler, batchSize: 1, strategy, rng }
    expect(() => new samplers.SubgraphBatches(plain, options)).toThrow('without weights')
  })
})
