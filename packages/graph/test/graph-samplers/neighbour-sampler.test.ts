import {
  InvalidOptionsError,
  Rng,
  type SampledGraph,
  type SparseMatrix,
  UnknownIdError,
} from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FanOut, NeighbourSampler } from '../../src/graph-samplers/index.js'
import { graphCases } from '../support/graphs.js'
import {
  errorBound,
  estimateLayers,
  everyNode,
  graphOf,
  isInGraph,
  randomNumbers,
  rowOf,
  sampledLayers,
  unevenGraph,
  wholeLayers,
} from './support.js'

const rng = Rng.fromSeed(3)
const at = { epoch: 2, step: 5 }

/** Floyd's algorithm with a set, a sort and the same draws. */
function referencePicks(degree: number, fanOut: number, draw: (n: number) => number): number[] {
  const chosen = new Set<number>()
  for (let j = degree - fanOut; j < degree; j++) {
    const drawn = Math.floor(draw(j - degree + fanOut) * (j + 1))
    chosen.add(chosen.has(drawn) ? j : drawn)
  }
  return [...chosen].sort((a, b) => a - b)
}

describe('NeighbourSampler', () => {
  it('gives the layers of the whole graph, to the bit, with all neighbours', () => {
    fc.assert(
      fc.property(
        graphCases,
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom(0, 1),
        (graphCase, steps, regularization) => {
          const graph = graphOf(graphCase)
          const sampler = new NeighbourSampler(graph, {
            fanOuts: new Array<'all'>(steps).fill('all'),
            regularization,
            rng,
          })
          const batch = { users: Int32Array.of(graph.userCount - 1), items: Int32Array.of(0) }
          const sampled = sampler.sample(batch, at)
          const x = randomNumbers(graph)
          const expected = wholeLayers(graph, x, steps, regularization)
          const own = sampledLayers(sampled, x)
          const [user] = sampled.placesOfUsers(batch.users)
          const [item] = sampled.placesOfItems(batch.items)
          for (const [l, layer] of expected.entries()) {
            expect(own[l]?.users[user as number]).toBe(layer.users[graph.userCount - 1])
            expect(own[l]?.items[item as number]).toBe(layer.items[0])
          }
        },
      ),
    )
  })

  it('takes edges of the graph, as many as the fan-out or the degree, with d / min(f, d) of their value', () => {
    fc.assert(
      fc.property(
        graphCases,
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
        fc.nat(1000),
        (graphCase, fanOuts, epoch) => {
          const graph = graphOf(graphCase)
          const sampler = new NeighbourSampler(graph, { fanOuts, rng })
          const sampled = sampler.sample(everyNode(graph), { epoch, step: 0 })
          const whole = graph.biadjacency()
          expect(isInGraph(sampled, graph)).toBe(true)
          for (const [l, { toUsers, toItems }] of sampled.steps.entries()) {
            const fanOut = fanOuts[fanOuts.length - 1 - l] as number
            for (const [matrix, full] of [
              [toUsers, whole],
              [toItems, whole.transpose()],
            ] as const) {
              for (let row = 0; row < matrix.rows; row++) {
                const { columns, values } = rowOf(full, row)
                const own = rowOf(matrix, row)
                const size = Math.min(fanOut, columns.length)
                expect(own.columns).toHaveLength(size)
                for (const [place, column] of own.columns.entries()) {
                  const value = values[columns.indexOf(column)] as number
                  expect(own.values[place]).toBe(Math.fround((columns.length / size) * value))
                }
              }
            }
          }
        },
      ),
    )
  })

  it('draws what the reference draws at the same addresses', () => {
    const graph = unevenGraph()
    const whole = graph.biadjacency()
    const sampled = new NeighbourSampler(graph, { fanOuts: [3], rng }).sample(everyNode(graph), at)
    const stream = rng.fork('neighbours').fork('2/5')
    const { toUsers, toItems } = sampled.steps[0] as SampledGraph['steps'][number]
    let cut = 0
    for (const [side, [matrix, full]] of [
      [toUsers, whole],
      [toItems, whole.transpose()],
    ].entries()) {
      for (let row = 0; row < (matrix as SparseMatrix).rows; row++) {
        const { columns } = rowOf(full as SparseMatrix, row)
        const picks =
          columns.length <= 3
            ? columns
            : referencePicks(columns.length, 3, (n) => stream.uniformAt(side, 3 * row + n)).map(
                (pick) => columns[pick] as number,
              )
        if (columns.length > 3) cut++
        expect(rowOf(matrix as SparseMatrix, row).columns).toEqual(picks)
      }
    }
    expect(cut).toBeGreaterThanOrEqual(10)
  })

  it('leaves out rows that no later step reads', () => {
    // A path: u0 - i0 - u1 - i1 - u2.
    const graph = graphOf({
      users: 3,
      items: 2,
      pairs: [
        [0, 0],
        [1, 0],
        [1, 1],
        [2, 1],
      ],
    })
    const sampler = new NeighbourSampler(graph, { fanOuts: ['all', 'all'], rng })
    const sampled = sampler.sample({ users: Int32Array.of(0), items: new Int32Array(0) }, at)
    expect([...sampled.users]).toEqual([0, 1])
    expect([...sampled.items]).toEqual([0])
    const [first, last] = sampled.steps
    expect(last?.toUsers.rowPointers).toEqual(Int32Array.of(0, 1, 1))
    expect(last?.toItems.nonZeros).toBe(0)
    expect(first?.toItems.nonZeros).toBe(2)
    expect(sampled.entryCount).toBe(4)
  })

  it('is unbiased over several hops', () => {
    const graph = unevenGraph()
    const x = randomNumbers(graph)
    const sampler = new NeighbourSampler(graph, { fanOuts: [2, 2, 2], rng })
    const batch = { users: Int32Array.of(5, 7), items: Int32Array.of(0, 1) }
    const estimates = estimateLayers(sampler, batch, x, 4000)
    expect(estimates.size).toBe(16)
    for (const [name, { estimate, exact }] of estimates) {
      const { mean, standardError } = estimate
      expect(Math.abs(mean - exact(wholeLayers(graph, x, 3))), name).toBeLessThanOrEqual(
        errorBound * standardError + 1e-6,
      )
      // The bound is tight enough to tell a missing d / f, which is 2 at least for hubs.
      expect(errorBound * standardError, name).toBeLessThan(0.12 * mean)
    }
  })

  it('draws the same at an address, whatever was drawn before, and else at others', () => {
    const graph = unevenGraph()
    const sampler = () => new NeighbourSampler(graph, { fanOuts: [2, 2], rng: Rng.fromSeed(3) })
    const used = sampler()
    for (let step = 0; step < 3; step++) used.sample(everyNode(graph), { epoch: 0, step })
    const bytes = (sampled: SampledGraph) =>
      sampled.steps.map(({ toUsers, toItems }) => [
        [...toUsers.columnIndices],
        [...toItems.columnIndices],
      ])
    const again = bytes(used.sample(everyNode(graph), at))
    expect(again).toEqual(bytes(sampler().sample(everyNode(graph), at)))
    expect(again).not.toEqual(bytes(used.sample(everyNode(graph), { epoch: 2, step: 6 })))
    expect(again).not.toEqual(bytes(used.sample(everyNode(graph), { epoch: 3, step: 5 })))
    expect(again[0]).not.toEqual(again[1])
  })

  it('takes nodes that are repeated and in any order', () => {
    const graph = unevenGraph()
    const sampler = new NeighbourSampler(graph, { fanOuts: [2], rng })
    const a = sampler.sample({ users: Int32Array.of(9, 3, 9), items: Int32Array.of(1, 1) }, at)
    const b = sampler.sample({ users: Int32Array.of(3, 9), items: Int32Array.of(1) }, at)
    expect(a.users).toEqual(b.users)
    expect(a.steps[0]?.toUsers.columnIndices).toEqual(b.steps[0]?.toUsers.columnIndices)
  })

  it('refuses what it cannot sample', () => {
    const graph = unevenGraph()
    const make = (options: object) => () =>
      new NeighbourSampler(graph, { rng, ...options } as never)
    expect(make({ fanOuts: [] })).toThrow(InvalidOptionsError)
    expect(make({ fanOuts: [0] })).toThrow(/fanOuts.0: got 0/)
    expect(make({ fanOut: [3] })).toThrow(/did you mean 'fanOuts'/)
    const sampler = new NeighbourSampler(graph, { fanOuts: [2], rng })
    const none = new Int32Array(0)
    expect(() => sampler.sample({ users: Int32Array.of(24), items: none }, at)).toThrow(
      UnknownIdError,
    )
    expect(() => sampler.sample({ users: none, items: Int32Array.of(-1) }, at)).toThrow(
      /item index -1/,
    )
    expect(() => sampler.sample(everyNode(graph), { epoch: 0, step: 1.5 })).toThrow(
      /step of a sample: got 1.5/,
    )
    const sampled = sampler.sample({ users: Int32Array.of(1), items: none }, at)
    expect(() => sampled.placesOfUsers(Int32Array.of(0))).toThrow(/not among the/)
  })

  it('takes all neighbours where the fan-out is larger than any degree', () => {
    const graph = unevenGraph()
    const sampleBy = (fanOuts: FanOut[]) =>
      new NeighbourSampler(graph, { fanOuts, rng }).sample(everyNode(graph), at)
    const [all, many] = [sampleBy(['all', 'all']), sampleBy([2 ** 30, Number.MAX_SAFE_INTEGER])]
    expect(many.entryCount).toBe(all.entryCount)
    for (const [step, { toUsers }] of all.steps.entries()) {
      expect(many.steps[step]?.toUsers.values).toEqual(toUsers.values)
    }
  })
})
