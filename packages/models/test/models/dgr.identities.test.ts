import { Rng } from '@gnnrec/graph'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Dgr } from '../../src/dgr/dgr.js'
import type { DgrOptions, SmoothProjection } from '../../src/dgr/dgr-options.js'
import { BprMf, type GraphModel, LightGcn } from '../../src/index.js'
import { describeEachBackend } from '../support/backends.js'
import { expectClose, expectSameBytes, largest } from '../support/compare.js'
import {
  type Edge,
  type EdgeList,
  graphOf,
  owned,
  randomGraph,
  smallGraph,
} from '../support/graphs.js'
import { layerZero64, multiply64, type Nodes64, symmetricOperator64 } from '../support/reference.js'
import {
  desmoothedLayers64,
  meanLayer64,
  neighbourTables64,
  rootDegrees64,
} from '../support/reference-dgr.js'
import {
  batchOf,
  evaluateLoss,
  layers,
  output,
  setWeights,
  trainSteps,
  weightValues,
} from '../support/training.js'

const dims = 6
const shareOf = { official: 0.5, exact: 1 }
const withoutNeighbours = { neighbourWeight: 0, marginalWeight: 0 }
const list = randomGraph({ users: 13, items: 10, degree: 3 })

function make(of: EdgeList, options: DgrOptions): Dgr {
  return owned(new Dgr(graphOf(of), { embeddingDim: dims, ...withoutNeighbours, ...options }))
}

/** Sets the free embeddings from values of all nodes, users first. */
function setNodes(model: GraphModel, values: ArrayLike<number>): void {
  const split = model.graph.userCount * dims
  setWeights(model, {
    userEmbeddings: Array.from(values).slice(0, split),
    itemEmbeddings: Array.from(values).slice(split),
  })
}

const nodesOf = (model: GraphModel) => {
  const { users, items } = output(model)
  return [...users, ...items]
}

async function layerZeroOf(model: GraphModel) {
  const { userEmbeddings, itemEmbeddings } = await weightValues(model)
  const values = {
    userEmbeddings: Float64Array.from(userEmbeddings as Float32Array),
    itemEmbeddings: Float64Array.from(itemEmbeddings as Float32Array),
  }
  return layerZero64(values, model.graph.userCount)
}

describeEachBackend('Dgr that takes nothing out and has no neighbours', () => {
  const common = { embeddingDim: 20, seed: 'same', initialization: 'normal' } as const
  const still = (layerCount: number): DgrOptions => ({
    ...common,
    ...withoutNeighbours,
    layers: layerCount,
    desmoothing: new Array<number>(layerCount).fill(0),
  })
  const graph = graphOf(randomGraph({ users: 60, items: 40, degree: 6 }))
  const batch = batchOf([1, 0, 1], [2, 3, 2], [7, 9, 7, 1, 0, 5])

  async function expectSame(dgr: Dgr, other: GraphModel): Promise<void> {
    expectSameBytes(output(dgr), output(other))
    expectSameBytes(await weightValues(dgr), await weightValues(other))
    const [own, theirs] = [evaluateLoss(dgr, batch), evaluateLoss(other, batch)]
    expect([own.total, own.terms]).toEqual([theirs.total, theirs.terms])
    expectSameBytes(own.gradients, theirs.gradients)
  }

  for (const layerCount of [0, 1, 2, 3, 4]) {
    it(`is LightGcn with ${layerCount} layers to the bit, through training`, async () => {
      const options = { l2Weight: 1e-3 }
      const dgr = owned(
        new Dgr(graph, { ...still(layerCount), ...options, regularization: 'layer-zero' }),
      )
      const lightGcn = owned(new LightGcn(graph, { ...common, ...options, layers: layerCount }))
      await expectSame(dgr, lightGcn)
      for (const [l, layer] of layers(lightGcn).entries()) {
        expectSameBytes({ layer: layers(dgr)[l] as Float32Array }, { layer })
      }
      const training = { steps: 15, batchSize: 50, negativesPerPositive: 2, seed: 3 }
      expect(trainSteps(dgr, training)).toEqual(trainSteps(lightGcn, training))
      await expectSame(dgr, lightGcn)
    })

    it(`is LightGcn with ${layerCount} layers to the bit, but for the official regularizer`, () => {
      const dgr = owned(new Dgr(graph, { ...still(layerCount), l2Weight: 0 }))
      const lightGcn = owned(new LightGcn(graph, { ...common, l2Weight: 0, layers: layerCount }))
      const [own, theirs] = [evaluateLoss(dgr, batch), evaluateLoss(lightGcn, batch)]
      expect([own.total, own.terms['bpr']]).toEqual([theirs.total, theirs.terms['bpr']])
      expect(own.terms['l2']).not.toBe(theirs.terms['l2'])
      expectSameBytes(own.gradients, theirs.gradients)
    })
  }

  it('is BprMf to the bit with 0 layers', async () => {
    const dgr = owned(new Dgr(graph, { ...still(0), regularization: 'layer-zero' }))
    await expectSame(dgr, owned(new BprMf(graph, common)))
  })
})

describeEachBackend('the propagation of Dgr', () => {
  it('is that of the dense matrix √d√dᵀ, and its output the mean of its layers', async () => {
    const coefficients = fc.array(fc.float({ min: -0.875, max: 2, noNaN: true }), { maxLength: 5 })
    const projections = fc.constantFrom<SmoothProjection>('official', 'exact')
    await fc.assert(
      fc.asyncProperty(coefficients, projections, fc.nat(), async (a, projection, seed) => {
        const edges = randomGraph({ users: 8, items: 7, degree: 2 }, seed).edges.slice(3)
        const of = { users: 9, items: 8, edges }
        const graph = graphOf(of)
        const options = { ...withoutNeighbours, embeddingDim: 3, layers: a.length, seed }
        const model = new Dgr(graph, { ...options, desmoothing: a, projection })
        const expected = desmoothedLayers64(of, await layerZeroOf(model), a, shareOf[projection])
        for (const [l, layer] of layers(model).entries()) {
          const { values } = expected[l] as (typeof expected)[0]
          expectClose(layer, values, 2e-6 * largest(values))
        }
        const { values } = meanLayer64(expected)
        expectClose(nodesOf(model), values, 2e-6 * largest(values))
        model.dispose()
        graph.dispose()
      }),
      { numRuns: 60 },
    )
  })

  it('adds to the smooth direction where a is below 0', async () => {
    const desmoothing = [-0.5, 0, -0.9]
    for (const projection of ['exact', 'official'] as const) {
      const model = make(list, { layers: 3, desmoothing, projection })
      const layerZero = await layerZeroOf(model)
      const expected = desmoothedLayers64(list, layerZero, desmoothing, shareOf[projection])
      const { values } = meanLayer64(expected)
      expectClose(nodesOf(model), values, 2e-6 * largest(values))
      const still = make(list, { layers: 3, desmoothing: [0, 0, 0], projection })
      setNodes(still, layerZero.values)
      expect(nodesOf(model)).not.toEqual(nodesOf(still))
    }
  })

  const a = [0.3, 1.7, 0, 0.5]

  it('leaves the smooth direction as it is where exact, and lets it grow by 1 + a/2 where not', () => {
    for (const projection of ['exact', 'official'] as const) {
      const model = make(list, { layers: 4, desmoothing: a, projection })
      const c = Array.from({ length: dims }, (_, place) => (place - 2.5) / 7)
      const smooth = [...rootDegrees64(list)].flatMap((root) => c.map((x) => root * x))
      setNodes(model, smooth)
      let factor = 1
      let factorSum = 0
      for (const [l, layer] of layers(model).entries()) {
        if (l > 0 && projection === 'official') factor *= 1 + (a[l - 1] as number) / 2
        factorSum += factor
        const expected = smooth.map((x) => factor * x)
        expectClose(layer, expected, 3e-6 * largest(expected))
      }
      const expected = smooth.map((x) => (factorSum / 5) * x)
      expectClose(nodesOf(model), expected, 3e-6 * largest(expected))
    }
  })

  it('multiplies what is orthogonal to the smooth direction by (1 + a) Â', async () => {
    for (const projection of ['exact', 'official'] as const) {
      const model = make(list, { layers: 4, desmoothing: a, projection })
      const root = rootDegrees64(list)
      const squaredNorm = root.reduce((sum, x) => sum + x * x, 0)
      const { values, ...shape } = await layerZeroOf(model)
      const orthogonal = values.map((value, i) => {
        const column = i % dims
        const along = root.reduce(
          (s, x, node) => s + x * (values[node * dims + column] as number),
          0,
        )
        return value - (along / squaredNorm) * (root[Math.floor(i / dims)] as number)
      })
      setNodes(model, orthogonal)
      let expected: Nodes64 = { ...shape, values: orthogonal }
      for (const [l, layer] of layers(model).entries()) {
        if (l > 0) {
          const y = multiply64(symmetricOperator64(list), expected)
          expected = { ...y, values: y.values.map((value) => (1 + (a[l - 1] as number)) * value) }
        }
        expectClose(layer, expected.values, 3e-6 * largest(expected.values))
      }
    }
  })

  it('is linear in its parameters', async () => {
    const options = { layers: 3, desmoothing: [0.1, 1.1, 0.2] }
    const [e, f] = ['e', 'f'].map((seed) => make(list, { ...options, seed })) as [Dgr, Dgr]
    const sum = make(list, options)
    const combine = (x: ArrayLike<number>, y: ArrayLike<number>) =>
      Array.from(x, (value, i) => 2 * value - 0.5 * (y[i] as number))
    const [ofE, ofF] = [await layerZeroOf(e), await layerZeroOf(f)]
    setNodes(sum, combine(ofE.values, ofF.values))
    expectClose(nodesOf(sum), combine(nodesOf(e), nodesOf(f)), 2e-6)
  })

  it('leaves 1/(L+1) of the free embedding to a node without edges', async () => {
    const model = make(smallGraph, { layers: 3 })
    const { values } = await layerZeroOf(model)
    const final = nodesOf(model)
    for (const node of [5, smallGraph.users + 4]) {
      const range = [node * dims, (node + 1) * dims] as const
      const own = values.slice(...range).map((x) => x / 4)
      expectClose(final.slice(...range), own, 1e-7)
    }
  })

  it('works on a graph with one edge', async () => {
    const single: EdgeList = { users: 3, items: 2, edges: [[1, 0]] }
    const model = make(single, { layers: 3, neighbourWeight: 1, marginalWeight: 1, neighbours: 1 })
    await model.prepare()
    const expected = desmoothedLayers64(single, await layerZeroOf(model), [0.1, 1.1, 0], 0.5)
    expectClose(nodesOf(model), meanLayer64(expected).values, 1e-6)
    const { total, terms, gradients } = evaluateLoss(model, batchOf([1], [0], [1]))
    expect(total).toBeGreaterThan(terms['bpr'] as number)
    // One item meets itself only: a nearest item and no marginal one.
    expect(terms['marginalNeighbours']).toBeCloseTo(0, 10)
    expect(Object.values(gradients).every((values) => values.every(Number.isFinite))).toBe(true)
  })
})

describeEachBackend('relabelled nodes in Dgr', () => {
  // A graph without equal ω at the ends of rows of the tables, where the lower item would win.
  const neighbours = 3
  const of = randomGraph({ users: 14, items: 12, degree: 4 })

  it('have the same embeddings, losses and gradients', async () => {
    const tables = neighbourTables64(of, neighbours)
    for (const [item, row] of neighbourTables64(of, 12).nearest.entries()) {
      const hasMarginal = tables.marginal[item]?.length === neighbours
      for (const end of [neighbours, ...(hasMarginal ? [row.length - neighbours] : [])]) {
        const [last, next] = [row[end - 1]?.weight, row[end]?.weight ?? 0] as [number, number]
        expect(last).toBeGreaterThan(1.000001 * next)
      }
    }
    expect(tables.marginal.flat().length).toBeGreaterThan(2 * neighbours)
    const [newUser, newItem] = [shuffled(of.users, 'users'), shuffled(of.items, 'items')]
    const edges = of.edges.map(([u, i]): Edge => [newUser[u] as number, newItem[i] as number])
    const options = { neighbours, neighbourWeight: 0.5, marginalWeight: 0.5, l2Weight: 0.5 }
    const [model, other] = [make(of, options), make({ ...of, edges }, options)]
    await Promise.all([model.prepare(), other.prepare()])
    const tablesOf = await weightValues(model)
    const moved = (values: Readonly<Record<string, Float32Array>>) => ({
      userEmbeddings: moveRows(values['userEmbeddings'] as Float32Array, newUser),
      itemEmbeddings: moveRows(values['itemEmbeddings'] as Float32Array, newItem),
    })
    setWeights(other, moved(tablesOf))
    expectClose(output(other).users, moveRows(output(model).users, newUser), 1e-6)
    expectClose(output(other).items, moveRows(output(model).items, newItem), 1e-6)
    const [users, positives, negatives] = [
      [0, 5, 5, 12, 3],
      [1, 2, 3, 8, 0],
      [4, 4, 0, 7, 9],
    ] as const
    const renamed = (nodes: readonly number[], places: number[]) =>
      nodes.map((node) => places[node] as number)
    const here = evaluateLoss(model, batchOf([...users], [...positives], [...negatives]))
    const there = evaluateLoss(
      other,
      batchOf(renamed(users, newUser), renamed(positives, newItem), renamed(negatives, newItem)),
    )
    for (const [name, value] of Object.entries(here.terms)) {
      expect(there.terms[name]).toBeCloseTo(value, 5)
    }
    for (const [name, values] of Object.entries(moved(here.gradients))) {
      expectClose(there.gradients[name] as Float32Array, values, 1e-6)
    }
  })
})

function shuffled(length: number, name: string): number[] {
  const rng = Rng.fromSeed(name)
  const keys = Array.from({ length }, () => rng.uniform())
  return keys.map((_, node) => node).sort((a, b) => (keys[a] as number) - (keys[b] as number))
}

function moveRows(table: Float32Array, places: readonly number[]): Float32Array {
  const out = new Float32Array(table.length)
  for (const [from, to] of places.entries()) {
    out.set(table.subarray(from * dims, (from + 1) * dims), to * dims)
  }
  return out
}
