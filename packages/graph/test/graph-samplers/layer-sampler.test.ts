import { Rng, type SparseMatrix } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LayerSampler } from '../../src/graph-samplers/index.js'
import { graphCases } from '../support/graphs.js'
import {
  errorBound,
  estimateLayers,
  everyNode,
  graphOf,
  isInGraph,
  randomNumbers,
  range,
  rowOf,
  sampledLayers,
  unevenGraph,
  wholeLayers,
} from './support.js'

const rng = Rng.fromSeed(4)
const at = { epoch: 1, step: 3 }

/** Sum of squares of each column over some rows. */
function columnSquares(matrix: SparseMatrix, rows: Int32Array): Map<number, number> {
  const squares = new Map<number, number>()
  for (const row of rows) {
    const { columns, values } = rowOf(matrix, row)
    for (const [n, column] of columns.entries()) {
      squares.set(column, (squares.get(column) ?? 0) + (values[n] as number) ** 2)
    }
  }
  return squares
}

/** m_u / (s p_u), searched from the first column on. */
function referenceFactors(
  squares: ReadonlyMap<number, number>,
  draws: number,
  draw: (n: number) => number,
): Map<number, number> {
  const sorted = [...squares].sort(([a], [b]) => a - b)
  const total = sorted.reduce((sum, [, square]) => sum + square, 0)
  const factors = new Map<number, number>()
  for (let n = 0; n < draws; n++) {
    let below = 0
    const target = draw(n) * total
    const [column, square] = sorted.find(([, each]) => {
      below += each
      return below > target
    }) as [number, number]
    factors.set(column, (factors.get(column) ?? 0) + total / (draws * square))
  }
  return factors
}

describe('LayerSampler', () => {
  it('gives the layers of the whole graph, to the bit, where a layer holds all neighbours', () => {
    fc.assert(
      fc.property(graphCases, fc.integer({ min: 1, max: 3 }), (graphCase, steps) => {
        const graph = graphOf(graphCase)
        const layerSizes = new Array<number>(steps).fill(7)
        const sampled = new LayerSampler(graph, { layerSizes, rng }).sample(everyNode(graph), at)
        const x = randomNumbers(graph)
        expect(sampledLayers(sampled, x)).toEqual(wholeLayers(graph, x, steps))
      }),
    )
  })

  it('takes edges of the graph, from no more nodes than the layer has draws', () => {
    fc.assert(
      fc.property(
        graphCases,
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
        fc.nat(1000),
        (graphCase, layerSizes, step) => {
          const graph = graphOf(graphCase)
          const sampler = new LayerSampler(graph, { layerSizes, rng })
          const sampled = sampler.sample(everyNode(graph), { epoch: 0, step })
          expect(isInGraph(sampled, graph)).toBe(true)
          for (const [l, { toUsers, toItems }] of sampled.steps.entries()) {
            const size = layerSizes[layerSizes.length - 1 - l] as number
            expect(new Set(toUsers.columnIndices).size).toBeLessThanOrEqual(size)
            expect(new Set(toItems.columnIndices).size).toBeLessThanOrEqual(size)
          }
        },
      ),
    )
  })

  it('draws what the reference draws, with its weights', () => {
    const graph = unevenGraph()
    const whole = graph.biadjacency()
    const batch = { users: range(20), items: range(9) }
    const sampled = new LayerSampler(graph, { layerSizes: [5], rng }).sample(batch, at)
    const stream = rng.fork('layers').fork('1/3')
    for (const [side, { matrix, full, rows, rowPlaces, columns }] of [
      {
        matrix: sampled.steps[0]?.toUsers,
        full: whole,
        rows: batch.users,
        rowPlaces: sampled.placesOfUsers(batch.users),
        columns: sampled.items,
      },
      {
        matrix: sampled.steps[0]?.toItems,
        full: whole.transpose(),
        rows: batch.items,
        rowPlaces: sampled.placesOfItems(batch.items),
        columns: sampled.users,
      },
    ].entries()) {
      const factors = referenceFactors(columnSquares(full, rows), 5, (n) =>
        stream.uniformAt(side, n),
      )
      expect(factors.size).toBeGreaterThan(2)
      for (const [n, row] of rows.entries()) {
        const expected = rowOf(full, row)
        const own = rowOf(matrix as SparseMatrix, rowPlaces[n] as number)
        const taken = expected.columns.filter((column) => factors.has(column))
        expect(own.columns.map((column) => columns[column])).toEqual(taken)
        for (const [place, column] of taken.entries()) {
          const value = expected.values[expected.columns.indexOf(column)] as number
          expect(own.values[place]).toBeCloseTo((factors.get(column) as number) * value, 5)
        }
      }
    }
  })

  it('is unbiased over several hops', () => {
    const graph = unevenGraph()
    const x = randomNumbers(graph)
    const sampler = new LayerSampler(graph, { layerSizes: [6, 6, 6], rng })
    const batch = { users: Int32Array.of(5, 7, 10), items: Int32Array.of(0, 1, 2) }
    const whole = wholeLayers(graph, x, 3)
    const estimates = estimateLayers(sampler, batch, x, 6000)
    expect(estimates.size).toBe(24)
    for (const [name, { estimate, exact }] of estimates) {
      const { mean, standardError } = estimate
      expect(Math.abs(mean - exact(whole)), name).toBeLessThanOrEqual(
        errorBound * standardError + 1e-6,
      )
      expect(errorBound * standardError, name).toBeLessThan(0.12 * mean)
    }
  })

  it('refuses options out of range', () => {
    const make = (options: object) => () =>
      new LayerSampler(unevenGraph(), { rng, ...options } as never)
    expect(make({ layerSizes: [] })).toThrow(/layerSizes/)
    expect(make({ layerSizes: [0] })).toThrow(/layerSizes.0: got 0/)
    expect(make({ layerSizes: [1], rng: 3 })).toThrow(/expected an Rng/)
  })
})
