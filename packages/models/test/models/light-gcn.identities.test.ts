import { Rng } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import { BprMf, LightGcn } from '../../src/index.js'
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
import { filter64, layerZero64, symmetricOperator64 } from '../support/reference.js'
import {
  batchOf,
  evaluateLoss,
  layers,
  output,
  setWeights,
  trainSteps,
  weightValues,
} from '../support/training.js'

const connected = randomGraph({ users: 13, items: 9, degree: 3 })

/** A model whose every column holds the same values of the nodes. */
function modelOn(list: EdgeList, values: readonly number[], layerCount: number): LightGcn {
  const embeddingDim = 4
  const model = owned(new LightGcn(graphOf(list), { embeddingDim, layers: layerCount }))
  const columns = values.flatMap((value) => new Array<number>(embeddingDim).fill(value))
  setWeights(model, {
    userEmbeddings: columns.slice(0, list.users * embeddingDim),
    itemEmbeddings: columns.slice(list.users * embeddingDim),
  })
  return model
}

/** Each node's value after a layer, from the first column. */
const nodeValues = (layer: Float32Array) => [...layer].filter((_, place) => place % 4 === 0)

const constant = (list: EdgeList) => new Array<number>(list.users + list.items).fill(1)

/** √degree by node, times -1 on the items' side if `flipped`: the two ends of the spectrum. */
function rootDegrees(list: EdgeList, flipped = false): number[] {
  const { userDegrees, itemDegrees } = graphOf(list)
  const items = [...itemDegrees].map((degree) => (flipped ? -1 : 1) * Math.sqrt(degree))
  return [...[...userDegrees].map(Math.sqrt), ...items]
}

describeEachBackend('LightGcn with 0 layers', () => {
  it('is BprMf to the bit: output, loss, gradients and 30 steps of training', async () => {
    const graph = graphOf(randomGraph({ users: 60, items: 40, degree: 6 }))
    const options = { embeddingDim: 20, l2Weight: 1e-3, seed: 'same' }
    const lightGcn = owned(new LightGcn(graph, { ...options, layers: 0 }))
    const bprMf = owned(new BprMf(graph, options))
    const batch = batchOf([1, 0, 1], [2, 3, 2], [7, 9, 7, 1, 0, 5])
    const compare = async () => {
      expectSameBytes(output(lightGcn), output(bprMf))
      expectSameBytes(await weightValues(lightGcn), await weightValues(bprMf))
      const [a, b] = [evaluateLoss(lightGcn, batch), evaluateLoss(bprMf, batch)]
      expect([a.total, a.terms]).toEqual([b.total, b.terms])
      expectSameBytes(a.gradients, b.gradients)
    }
    await compare()
    for (const negativesPerPositive of [1, 2]) {
      const training = { steps: 30, batchSize: 50, negativesPerPositive, seed: 3 }
      const losses = trainSteps(lightGcn, training)
      expect(trainSteps(bprMf, training)).toEqual(losses)
      expect(losses[29]).toBeLessThan(losses[0] as number)
      await compare()
    }
  })
})

describeEachBackend('LightGcn', () => {
  it('gives what the dense filter gives', async () => {
    for (const [list, layerCount] of [
      [smallGraph, 3],
      [connected, 1],
      [connected, 4],
    ] as const) {
      const model = owned(new LightGcn(graphOf(list), { embeddingDim: 5, layers: layerCount }))
      const values = Object.fromEntries(
        Object.entries(await weightValues(model)).map(([name, x]) => [name, Float64Array.from(x)]),
      )
      const mean = new Array<number>(layerCount + 1).fill(1 / (layerCount + 1))
      const expected = filter64(symmetricOperator64(list), layerZero64(values, list.users), mean)
      const { users, items } = output(model)
      expectClose([...users, ...items], expected.values, 1e-7)
    }
  })

  it('has an output that is the mean of its layers', () => {
    const model = owned(new LightGcn(graphOf(connected), { embeddingDim: 5, layers: 3 }))
    const all = layers(model)
    const mean = all[0]?.map(
      (_, place) => all.reduce((sum, layer) => sum + (layer[place] ?? 0), 0) / 4,
    )
    const { users, items } = output(model)
    expectClose([...users, ...items], mean as Float32Array, 1e-7)
  })

  it('is linear in its parameters', async () => {
    const options = { embeddingDim: 6, layers: 3 }
    const graph = graphOf(connected)
    const [e, f] = ['e', 'f'].map((seed) => owned(new LightGcn(graph, { ...options, seed })))
    const sum = owned(new LightGcn(graph, options))
    const [ofE, ofF] = [await weightValues(e as LightGcn), await weightValues(f as LightGcn)]
    const combine = (x: Record<string, Float32Array>, y: Record<string, Float32Array>) =>
      Object.fromEntries(
        Object.entries(x).map(([name, values]) => [
          name,
          values.map((value, place) => 2 * value - 0.5 * (y[name]?.[place] as number)),
        ]),
      )
    setWeights(sum, combine(ofE, ofF))
    const expected = combine(output(e as LightGcn), output(f as LightGcn))
    expectClose(output(sum).users, expected['users'] as Float32Array, 1e-6)
    expectClose(output(sum).items, expected['items'] as Float32Array, 1e-6)
  })

  it('leaves 1/(L+1) of the free embedding to a node without edges', async () => {
    for (const layerCount of [1, 2, 3]) {
      const model = owned(
        new LightGcn(graphOf(smallGraph), { embeddingDim: 4, layers: layerCount }),
      )
      const weights = await weightValues(model)
      const { users, items } = output(model)
      for (const [final, name, node] of [
        [users, 'userEmbeddings', 5],
        [items, 'itemEmbeddings', 4],
      ] as const) {
        const own = (weights[name] as Float32Array).slice(node * 4, node * 4 + 4)
        expectClose(
          final.slice(node * 4, node * 4 + 4),
          own.map((x) => x / (layerCount + 1)),
          1e-8,
        )
      }
    }
  })

  it('does not look at the order or the repetition of edges', async () => {
    const unique = [...new Set(connected.edges.map(String))].map((edge) =>
      edge.split(',').map(Number),
    )
    const shuffled = [...connected.edges, ...connected.edges.slice(0, 9)].reverse()
    const variants = [unique as unknown as Edge[], shuffled].map((edges) =>
      owned(new LightGcn(graphOf({ ...connected, edges }), { embeddingDim: 4 })),
    ) as [LightGcn, LightGcn]
    expectSameBytes(output(variants[0]), output(variants[1]))
    const training = { steps: 10, batchSize: 20 }
    expect(trainSteps(variants[0], training)).toEqual(trainSteps(variants[1], training))
    expectSameBytes(await weightValues(variants[0]), await weightValues(variants[1]))
  })

  it('gives relabelled nodes the same embeddings', async () => {
    const { users, items } = connected
    const shuffled = (length: number, name: string) => {
      const rng = Rng.fromSeed(name)
      const keys = Array.from({ length }, () => rng.uniform())
      return keys.map((_, node) => node).sort((a, b) => (keys[a] as number) - (keys[b] as number))
    }
    const newUser = shuffled(users, 'users')
    const newItem = shuffled(items, 'items')
    const relabelled = {
      ...connected,
      edges: connected.edges.map(([u, i]): Edge => [newUser[u] as number, newItem[i] as number]),
    }
    const dim = 4
    const move = (table: Float32Array, places: number[]) => {
      const out = new Float32Array(table.length)
      for (const [from, to] of places.entries())
        out.set(table.subarray(from * dim, from * dim + dim), to * dim)
      return out
    }
    const model = owned(new LightGcn(graphOf(connected), { embeddingDim: dim }))
    const other = owned(new LightGcn(graphOf(relabelled), { embeddingDim: dim }))
    const weights = await weightValues(model)
    setWeights(other, {
      userEmbeddings: move(weights['userEmbeddings'] as Float32Array, newUser),
      itemEmbeddings: move(weights['itemEmbeddings'] as Float32Array, newItem),
    })
    expectClose(output(other).users, move(output(model).users, newUser), 1e-7)
    expectClose(output(other).items, move(output(model).items, newItem), 1e-7)
    const renamed = (nodes: number[], places: number[]) =>
      nodes.map((node) => places[node] as number)
    const [u, p, n] = [
      [0, 5, 5, 12],
      [1, 2, 3, 8],
      [4, 4, 0, 7],
    ] as const
    const here = evaluateLoss(model, batchOf([...u], [...p], [...n]))
    const there = evaluateLoss(
      other,
      batchOf(renamed([...u], newUser), renamed([...p], newItem), renamed([...n], newItem)),
    )
    expect(there.total).toBeCloseTo(here.total, 6)
    const gradient = (evaluation: typeof here, name: string) =>
      evaluation.gradients[name] as Float32Array
    expectClose(
      gradient(there, 'userEmbeddings'),
      move(gradient(here, 'userEmbeddings'), newUser),
      1e-7,
    )
    expectClose(
      gradient(there, 'itemEmbeddings'),
      move(gradient(here, 'itemEmbeddings'), newItem),
      1e-7,
    )
  })

  describe('spectrum', () => {
    it('keeps a constant vector where all degrees are equal', () => {
      const cycle: EdgeList = {
        users: 6,
        items: 6,
        edges: Array.from({ length: 6 }, (_, u) => [u, (u + 1) % 6] as Edge).flatMap(([u, i]) => [
          [u, u] as Edge,
          [u, i] as Edge,
        ]),
      }
      for (const layer of layers(modelOn(cycle, constant(cycle), 3))) {
        expectClose(nodeValues(layer), constant(cycle), 1e-6)
      }
    })

    it('scales it by √(a/b) and √(b/a) on a bi-regular graph, and back with the second layer', () => {
      // Every user has a = 2 items, every item b = 3 users.
      const biregular: EdgeList = {
        users: 6,
        items: 4,
        edges: Array.from({ length: 12 }, (_, e) => [e >> 1, e % 4] as Edge),
      }
      const { userDegrees, itemDegrees } = graphOf(biregular)
      expect([new Set(userDegrees), new Set(itemDegrees)]).toEqual([new Set([2]), new Set([3])])
      const [, one, two] = layers(modelOn(biregular, constant(biregular), 2)).map(nodeValues)
      const expected = [
        ...new Array<number>(6).fill(Math.sqrt(2 / 3)),
        ...new Array<number>(4).fill(Math.sqrt(3 / 2)),
      ]
      expectClose(one as number[], expected, 1e-6)
      expectClose(two as number[], constant(biregular), 1e-6)
    })

    it('does not keep it elsewhere', () => {
      const [, one] = layers(modelOn(connected, constant(connected), 1)).map(nodeValues)
      expect(largest((one as number[]).map((x) => x - 1))).toBeGreaterThan(0.05)
    })

    it('has the eigenvalues 1 with √degree, and -1 with the items turned around', () => {
      const smooth = rootDegrees(connected)
      for (const layer of layers(modelOn(connected, smooth, 4))) {
        expectClose(nodeValues(layer), smooth, 1e-5)
      }
      const swinging = rootDegrees(connected, true)
      for (const [l, layer] of layers(modelOn(connected, swinging, 4)).entries()) {
        expectClose(
          nodeValues(layer),
          swinging.map((x) => (l % 2 === 0 ? x : -x)),
          1e-5,
        )
      }
    })

    it('has no eigenvalue beyond ±1: no layer is longer than the one before', () => {
      const model = owned(new LightGcn(graphOf(connected), { embeddingDim: 8, layers: 6 }))
      const lengths = layers(model).map((layer) => Math.hypot(...layer))
      for (let l = 1; l < lengths.length; l++) {
        expect(lengths[l]).toBeLessThanOrEqual((lengths[l - 1] as number) * (1 + 1e-6))
      }
    })

    it('leaves only these two directions in a deep layer', () => {
      const rng = Rng.fromSeed('start')
      const start = constant(connected).map(() => rng.normal())
      const deep = nodeValues(layers(modelOn(connected, start, 200))[200] as Float32Array)
      const expected = new Array<number>(start.length).fill(0)
      for (const direction of [rootDegrees(connected), rootDegrees(connected, true)]) {
        const squared = direction.reduce((sum, x) => sum + x * x, 0)
        const share = direction.reduce((sum, x, n) => sum + x * (start[n] as number), 0) / squared
        for (const [n, x] of direction.entries()) expected[n]! += share * x
      }
      expectClose(deep, expected, 1e-4)
      expect(largest(expected)).toBeGreaterThan(0.05)
    })
  })
})
