import { Rng } from '@gnnrec/graph'
import { expect, it } from 'vitest'
import { LightGcn } from '../../src/index.js'
import { describeEachBackend } from '../support/backends.js'
import { expectClose, largest } from '../support/compare.js'
import { type Edge, type EdgeList, graphOf, owned, randomGraph } from '../support/graphs.js'
import { layers, setWeights } from '../support/training.js'

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

describeEachBackend('the spectrum of LightGcn', () => {
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
