import { type BipartiteGraph, Rng, type SampledGraph, type SparseMatrix } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WalkNeighbourSampler } from '../../src/graph-samplers/index.js'
import { graphCases } from '../support/graphs.js'
import {
  errorBound,
  estimateLayers,
  everyNode,
  graphOf,
  isInGraph,
  randomNumbers,
  rowOf,
  unevenGraph,
  wholeLayers,
} from './support.js'

const rng = Rng.fromSeed(8)
const at = { epoch: 4, step: 1 }

/** Visits of the walks from a user, by item, counted in a map. */
function referenceVisits(
  graph: BipartiteGraph,
  user: number,
  { walks, visits, stop }: { walks: number; visits: number; stop: number },
  draw: (n: number) => number,
): Map<number, number> {
  const counts = new Map<number, number>()
  const pick = (list: Int32Array, n: number) => list[Math.floor(draw(n) * list.length)] as number
  for (let walk = 0; walk < walks; walk++) {
    let at = user
    for (let visit = 0; visit < visits; visit++) {
      const n = 3 * (walk * visits + visit)
      const item = pick(graph.userItems(at), n)
      counts.set(item, (counts.get(item) ?? 0) + 1)
      if (draw(n + 1) < stop) break
      at = pick(graph.itemUsers(item), n + 2)
    }
  }
  return counts
}

describe('WalkNeighbourSampler', () => {
  it('takes the most visited nodes, weighted by their shares of visits', () => {
    const graph = unevenGraph()
    const options = { neighbours: [4], walks: 15, visits: 3, stopProbability: 0.3 }
    const sampler = new WalkNeighbourSampler(graph, { ...options, regularization: 2, rng })
    const sampled = sampler.sample(everyNode(graph), at)
    const stream = rng.fork('walk-neighbours').fork('4')
    let cut = 0
    for (let user = 0; user < graph.userCount; user++) {
      const own = rowOf(sampled.steps[0]?.toUsers as SparseMatrix, user)
      const degree = graph.userDegrees[user] as number
      if (degree === 0) {
        expect(own.columns).toEqual([])
        continue
      }
      const counts = referenceVisits(graph, user, { walks: 15, visits: 3, stop: 0.3 }, (n) =>
        stream.uniformAt(0, user * 15 * 3 * 3 + n),
      )
      const top = [...counts].sort(([a, n], [b, m]) => m - n || a - b).slice(0, 4)
      if (counts.size > 4) cut++
      const total = top.reduce((sum, [, count]) => sum + count, 0)
      expect(own.columns).toEqual(top.map(([item]) => item).sort((a, b) => a - b))
      for (const [item, count] of top) {
        const other = graph.itemDegrees[item] as number
        const value = ((count / total) * degree) / Math.sqrt((degree + 2) * (other + 2))
        expect(own.values[own.columns.indexOf(item)]).toBeCloseTo(value, 6)
      }
    }
    expect(cut).toBeGreaterThan(3)
  })

  it('stays on edges of the graph with one visit, and within the walks beyond', () => {
    fc.assert(
      fc.property(graphCases, fc.nat(1000), (graphCase, step) => {
        const graph = graphOf(graphCase)
        const address = { epoch: 0, step }
        const near = { neighbours: [3, 2], walks: 4, visits: 1, rng }
        const around = new WalkNeighbourSampler(graph, near).sample(everyNode(graph), address)
        expect(isInGraph(around, graph)).toBe(true)
        const far = { neighbours: [3], walks: 4, visits: 2, stopProbability: 0, rng }
        const wide = new WalkNeighbourSampler(graph, far).sample(everyNode(graph), address)
        for (let user = 0; user < graph.userCount; user++) {
          const within = new Set<number>()
          for (const item of graph.userItems(user)) {
            for (const other of graph.itemUsers(item)) {
              for (const reached of graph.userItems(other)) within.add(reached)
            }
          }
          const { columns } = rowOf(wide.steps[0]?.toUsers as SparseMatrix, user)
          expect(columns.length).toBeLessThanOrEqual(3)
          expect(columns.every((column) => within.has(column))).toBe(true)
          expect(columns.length > 0).toBe(graph.userDegrees[user] !== 0)
        }
      }),
    )
  })

  it('estimates the propagation itself where walks are single steps and none is cut off', () => {
    const graph = unevenGraph()
    const x = randomNumbers(graph)
    const options = { neighbours: [6], walks: 6, visits: 1, rng }
    const batch = { users: Int32Array.of(5, 7), items: Int32Array.of(0, 1) }
    const estimates = estimateLayers(
      new WalkNeighbourSampler(graph, options),
      batch,
      x,
      4000,
      (epoch) => ({ epoch, step: 0 }),
    )
    expect(estimates.size).toBe(8)
    for (const [name, { estimate, exact }] of estimates) {
      const { mean, standardError } = estimate
      const expected = exact(wholeLayers(graph, x, 1))
      expect(Math.abs(mean - expected), name).toBeLessThanOrEqual(errorBound * standardError + 1e-6)
      expect(errorBound * standardError, name).toBeLessThan(0.12 * mean)
    }
  })

  it('walks anew in each epoch, and keeps fewer of the same for hops that take fewer', () => {
    const graph = unevenGraph()
    const make = () => new WalkNeighbourSampler(graph, { neighbours: [2, 5], walks: 10, rng })
    const entries = (sampled: SampledGraph, l: number) =>
      Array.from({ length: graph.userCount }, (_, user) =>
        rowOf(sampled.steps[l]?.toUsers as SparseMatrix, user),
      )
    const used = make()
    const first = used.sample(everyNode(graph), { epoch: 0, step: 0 })
    used.sample(everyNode(graph), at)
    const again = used.sample(everyNode(graph), { epoch: 0, step: 9 })
    expect(entries(again, 0)).toEqual(entries(first, 0))
    expect(entries(make().sample(everyNode(graph), at), 0)).not.toEqual(entries(first, 0))
    const [wide, narrow] = [entries(first, 0), entries(first, 1)]
    for (const [user, { columns }] of narrow.entries()) {
      expect(columns).toHaveLength(Math.min(2, wide[user]?.columns.length as number))
      for (const column of columns) expect(wide[user]?.columns).toContain(column)
    }
  })

  it('refuses options out of range', () => {
    const make = (options: object) => () =>
      new WalkNeighbourSampler(unevenGraph(), { rng, neighbours: [3], ...options })
    expect(make({ neighbours: [] })).toThrow(/neighbours/)
    expect(make({ walks: 0 })).toThrow(/walks: got 0/)
    expect(make({ visits: 101 })).toThrow(/visits: got 101/)
    expect(make({ stopProbability: 1.1 })).toThrow(/stopProbability: got 1.1/)
  })
})
