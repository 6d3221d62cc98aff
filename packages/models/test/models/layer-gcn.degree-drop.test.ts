import { readFileSync } from 'node:fs'
import { type BipartiteGraph, Rng } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import {
  degreeWeights,
  drawEdges,
  graphOfEdges,
  keptEdgeCount,
} from '../../src/layer-gcn/degree-drop.js'
import { LayerGcn } from '../../src/layer-gcn/layer-gcn.js'
import type { LayerGcnOptions } from '../../src/layer-gcn/layer-gcn-options.js'
import { describeEachBackend } from '../support/backends.js'
import { expectClose, expectSameBytes, sameBytes } from '../support/compare.js'
import { fixtureFolder } from '../support/fixtures.js'
import { type Edge, type EdgeList, graphOf, owned, randomGraph } from '../support/graphs.js'
import { output, setWeights, weightValues } from '../support/training.js'

interface Fixture {
  readonly graph: EdgeList
  readonly params: { dropout: number }
  readonly expected: {
    edges: Edge[]
    weights: number[]
    keptCount: number
    inclusionProbabilities: number[] | null
    uniformInclusionProbability: number
    draws: { uniforms: number[]; kept: number[] }[]
    keptCountTable: { edges: number; dropout: number; kept: number }[]
  }
}

/** The edges of a graph, by user, then item. */
function edgesOf(graph: BipartiteGraph): Edge[] {
  return Array.from({ length: graph.userCount }, (_, user) =>
    Array.from(graph.userItems(user), (item): Edge => [user, item]),
  ).flat()
}

/** Counts how often each edge is among those drawn with uniforms of a seeded stream. */
function inclusion(weights: Float64Array, count: number, draws: number): Float64Array {
  const rng = Rng.fromSeed('inclusion')
  const shares = new Float64Array(weights.length)
  for (let draw = 0; draw < draws; draw++) {
    const edges = drawEdges(weights, count, (edge) => rng.uniformAt(draw, edge))
    for (const edge of edges) shares[edge]! += 1 / draws
  }
  return shares
}

/** Within 4.5 standard errors. */
function expectShares(shares: Float64Array, expected: readonly number[], draws: number): void {
  expect(shares).toHaveLength(expected.length)
  for (const [edge, share] of shares.entries()) {
    const p = expected[edge] as number
    expect(Math.abs(share - p)).toBeLessThan(4.5 * Math.sqrt((p * (1 - p)) / draws))
  }
}

for (const name of ['star', 'random']) {
  describe(`DegreeDrop of the fixture ${name}`, () => {
    const url = new URL(`layergcn--degreedrop-${name}.json`, fixtureFolder)
    const { graph: list, params, expected } = JSON.parse(readFileSync(url, 'utf8')) as Fixture
    const graph = graphOf(list)

    it('numbers and weighs the edges', () => {
      expect(edgesOf(graph)).toEqual(expected.edges)
      // The reference adds 1e-7 to degrees.
      expectClose(degreeWeights(graph), expected.weights, 1e-7)
    })

    it('keeps the edges of scripted uniforms', () => {
      expect(expected.draws.length).toBeGreaterThan(0)
      const count = keptEdgeCount(graph.edgeCount, params.dropout)
      expect(count).toBe(expected.keptCount)
      for (const { uniforms, kept } of expected.draws) {
        const edges = drawEdges(degreeWeights(graph), count, (edge) => uniforms[edge] as number)
        expect([...edges]).toEqual(kept)
      }
    })

    it('keeps as many edges as the table says', () => {
      expect(expected.keptCountTable.length).toBeGreaterThan(0)
      for (const { edges, dropout, kept } of expected.keptCountTable) {
        expect(keptEdgeCount(edges, dropout), `${edges} edges, rate ${dropout}`).toBe(kept)
      }
    })

    it('includes edges as often as their probabilities say', () => {
      const draws = 4000
      const equal = new Float64Array(graph.edgeCount).fill(1)
      const uniform = expected.edges.map(() => expected.uniformInclusionProbability)
      expectShares(inclusion(equal, expected.keptCount, draws), uniform, draws)
      const shares = inclusion(degreeWeights(graph), expected.keptCount, draws)
      if (expected.inclusionProbabilities) {
        expectShares(shares, expected.inclusionProbabilities, draws)
      }
    })
  })
}

describe('drawEdges', () => {
  const graph = graphOf(randomGraph({ users: 60, items: 50, degree: 6 }))
  const weights = degreeWeights(graph)

  it('drops edges between nodes of high degree more', () => {
    const shares = inclusion(weights, keptEdgeCount(graph.edgeCount, 0.3), 2000)
    const order = [...weights.keys()].sort((a, b) => (weights[a] ?? 0) - (weights[b] ?? 0))
    const mean = (edges: number[]) =>
      edges.reduce((sum, edge) => sum + (shares[edge] as number), 0) / edges.length
    const tenth = Math.floor(order.length / 10)
    expect(mean(order.slice(0, tenth))).toBeLessThan(0.62)
    expect(mean(order.slice(-tenth))).toBeGreaterThan(0.78)
  })

  it('draws exactly as many as asked, distinct and ascending, whatever the uniforms', () => {
    const uniforms: ((edge: number) => number)[] = [
      () => 0,
      () => 0.5,
      (edge) => (edge % 2 === 0 ? 0 : 1 - 2 ** -53),
      (edge) => (edge % 7) / 7,
    ]
    for (const uniform of uniforms) {
      for (const count of [1, 2, 17, graph.edgeCount - 1, graph.edgeCount]) {
        const edges = [...drawEdges(weights, count, uniform)]
        expect(edges).toEqual([...new Set(edges)].sort((a, b) => a - b))
        expect(edges).toHaveLength(count)
        expect(edges.every((edge) => edge >= 0 && edge < graph.edgeCount)).toBe(true)
      }
    }
  })
})

describe('drawEdges among equal keys', () => {
  it('takes the first, and no smaller key is left out for them', () => {
    const draw = (uniforms: number[], count: number) => [
      ...drawEdges(
        new Float64Array(uniforms.length).fill(0.5),
        count,
        (edge) => uniforms[edge] ?? 0,
      ),
    ]
    expect(draw([0, 0, 0, 0.9], 2)).toEqual([0, 3])
    expect(draw([0.2, 0.5, 0.2, 0.2, 0.7], 3)).toEqual([0, 1, 4])
  })
})

describe('graphOfEdges', () => {
  it('has these edges, all nodes, and weights from its own degrees in both directions', () => {
    const graph = graphOf(randomGraph({ users: 30, items: 20, degree: 4 }))
    const all = edgesOf(graph)
    const rng = Rng.fromSeed('edges')
    const kept = drawEdges(degreeWeights(graph), 40, (edge) => rng.uniformAt(0, edge))
    const pruned = graphOfEdges(graph, kept)
    expect(edgesOf(pruned)).toEqual(Array.from(kept, (edge) => all[edge]))
    expect([pruned.userCount, pruned.itemCount]).toEqual([30, 20])
    const toUsers = pruned.biadjacency({ normalization: 'symmetric' })
    const degrees = { users: new Map<number, number>(), items: new Map<number, number>() }
    for (const [user, item] of edgesOf(pruned)) {
      degrees.users.set(user, (degrees.users.get(user) ?? 0) + 1)
      degrees.items.set(item, (degrees.items.get(item) ?? 0) + 1)
    }
    const expected = edgesOf(pruned).map(([user, item]) =>
      Math.fround(1 / Math.sqrt((degrees.users.get(user) ?? 0) * (degrees.items.get(item) ?? 0))),
    )
    expect([...toUsers.values]).toEqual(expected)
    const back = toUsers.transpose()
    expect(back.nonZeros).toBe(40)
    for (const [place, [user, item]] of edgesOf(pruned).entries()) {
      const row = back.columnIndices.subarray(back.rowPointers[item], back.rowPointers[item + 1])
      const entry = (back.rowPointers[item] as number) + row.indexOf(user)
      expect(back.values[entry]).toBe(expected[place])
    }
  })
})

describeEachBackend('the edges of an epoch', () => {
  const list = randomGraph({ users: 12, items: 9, degree: 3 })
  const options = { embeddingDim: 6, layers: 2, edgePruning: 0.2 }
  const make = (more: LayerGcnOptions = {}) =>
    owned(new LayerGcn(graphOf(list), { ...options, ...more }))
  const training = (model: LayerGcn) => output(model, { training: true })
  const draw = (model: LayerGcn, epoch: number, seed: number | string = 0) => {
    model.beginEpoch(epoch, Rng.fromSeed(seed))
    return training(model)
  }

  /** The output of a model without pruning on the edges that the definition draws. */
  async function byDefinition(model: LayerGcn, epoch: number, isByDegree: boolean) {
    const { graph } = model
    const rng = Rng.fromSeed(0).fork('degree-drop')
    const weights = isByDegree ? degreeWeights(graph) : new Float64Array(graph.edgeCount).fill(1)
    const count = keptEdgeCount(graph.edgeCount, options.edgePruning)
    const edges = drawEdges(weights, count, (edge) => rng.uniformAt(epoch, edge))
    const plain = owned(new LayerGcn(graphOfEdges(graph, edges), { ...options, edgePruning: 0 }))
    setWeights(plain, await weightValues(model))
    return output(plain)
  }

  it('are by degree in even epochs, by chance alone in odd ones', async () => {
    const model = make()
    for (const epoch of [0, 1, 2, 3]) {
      expectSameBytes(draw(model, epoch), await byDefinition(model, epoch, epoch % 2 === 0))
    }
  })

  it('are by degree in all epochs with that schedule', async () => {
    const model = make({ pruningSchedule: 'degree' })
    for (const epoch of [0, 1, 2]) {
      expectSameBytes(draw(model, epoch), await byDefinition(model, epoch, true))
    }
  })

  it('stay for the epoch, change with it and with the stream, and come again', () => {
    const model = make()
    const first = draw(model, 0)
    expectSameBytes(training(model), first)
    const others = [draw(model, 1), draw(model, 2), draw(model, 0, 1)]
    const all = [first, ...others].map(({ users }) => users)
    for (const [n, users] of all.entries()) {
      for (const other of all.slice(n + 1)) expect(sameBytes(users, other)).toBe(false)
    }
    expectSameBytes(draw(model, 0), first)
    // Nor does it matter where in the epoch training resumes, or what another model drew.
    const other = make()
    other.beginEpoch(0, Rng.fromSeed(0), { startStep: 3 })
    expectSameBytes(training(other), first)
  })

  it('are drawn by the seed of the model until an epoch begins', () => {
    const [one, same, other] = [make({ seed: 1 }), make({ seed: 1 }), make({ seed: 2 })]
    expectSameBytes(training(one), training(same))
    expect(sameBytes(training(one).users, output(one).users)).toBe(false)
    expect(sameBytes(training(one).users, training(other).users)).toBe(false)
  })

  it('are all edges in evaluation, and in training without pruning', () => {
    const [pruning, whole] = [make(), make({ edgePruning: 0 })]
    draw(pruning, 0)
    expectSameBytes(output(pruning), output(whole))
    expectSameBytes(draw(whole, 0), output(whole))
    expect(sameBytes(training(pruning).users, output(pruning).users)).toBe(false)
  })
})
