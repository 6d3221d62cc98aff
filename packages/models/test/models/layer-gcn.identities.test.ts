import { Rng } from '@gnnrec/graph'
import { expect, it } from 'vitest'
import { LayerGcn } from '../../src/layer-gcn/layer-gcn.js'
import type { LayerGcnOptions } from '../../src/layer-gcn/layer-gcn-options.js'
import { describeEachBackend } from '../support/backends.js'
import { expectClose, largest } from '../support/compare.js'
import { type EdgeList, graphOf, owned, randomGraph, smallGraph } from '../support/graphs.js'
import {
  layerZero64,
  multiply64,
  type Nodes64,
  row64,
  symmetricOperator64,
} from '../support/reference.js'
import { cosine64, layerGcn64, refinedLayers64 } from '../support/reference-layer-gcn.js'
import {
  batchOf,
  evaluateLoss,
  layers,
  output,
  setWeights,
  weightValues,
} from '../support/training.js'

const dims = 8
const options = { embeddingDim: dims, layers: 3, edgePruning: 0 }
const list = randomGraph({ users: 14, items: 11, degree: 3 }, 3)

const make = (of: EdgeList = smallGraph, more: LayerGcnOptions = {}) =>
  owned(new LayerGcn(graphOf(of), { ...options, ...more }))

type Tables = { readonly userEmbeddings: Float32Array; readonly itemEmbeddings: Float32Array }

const tablesOf = async (model: LayerGcn) => (await weightValues(model)) as Tables

/** The output of a model, users first, with other free embeddings. */
function outputWith(model: LayerGcn, tables: Readonly<Record<string, ArrayLike<number>>>) {
  setWeights(model, tables)
  const { users, items } = output(model)
  return Float32Array.from([...users, ...items])
}

const mapTables = (tables: Tables, change: (rows: Float32Array) => Float32Array) => ({
  userEmbeddings: change(tables.userEmbeddings),
  itemEmbeddings: change(tables.itemEmbeddings),
})

const norm = (row: Float64Array) => Math.hypot(...row)

async function nodesOf(model: LayerGcn, userCount: number): Promise<Nodes64> {
  const tables = Object.entries(await weightValues(model))
  return layerZero64(
    Object.fromEntries(tables.map(([name, values]) => [name, Float64Array.from(values)])),
    userCount,
  )
}

describeEachBackend('LayerGCN', () => {
  it('is homogeneous and odd', async () => {
    const model = make(list)
    const tables = await tablesOf(model)
    const plain = outputWith(model, tables)
    for (const factor of [2.5, 0.1, -1, -3]) {
      const scaled = outputWith(
        model,
        mapTables(tables, (rows) => rows.map((value) => factor * value)),
      )
      expectClose(
        scaled,
        plain.map((value) => factor * value),
        1e-5 * largest(scaled),
      )
    }
  })

  it('turns with the embeddings', async () => {
    const model = make(list)
    const tables = await tablesOf(model)
    const plain = outputWith(model, tables)
    // I - 2 h hᵀ, a reflection.
    const rng = Rng.fromSeed('turn')
    const direction = Array.from({ length: dims }, () => rng.normal())
    const length = Math.hypot(...direction)
    const h = direction.map((value) => value / length)
    const turn = (rows: Float32Array) =>
      rows.map((value, place) => {
        const row = rows.subarray(place - (place % dims), place - (place % dims) + dims)
        return (
          value -
          2 * (h[place % dims] as number) * row.reduce((s, x, c) => s + x * (h[c] as number), 0)
        )
      })
    const turned = outputWith(model, mapTables(tables, turn))
    expectClose(turned, turn(plain), 1e-5 * largest(plain))
    expect(largest(turned.map((value, i) => value - (plain[i] as number)))).toBeGreaterThan(
      0.1 * largest(plain),
    )
  })

  it('gives the smooth direction times the number of layers', () => {
    for (const depth of [1, 2, 4]) {
      const model = make(smallGraph, { layers: depth })
      const c = Array.from({ length: dims }, (_, place) => (place - 2.5) / 7)
      const smooth = (degrees: Int32Array) =>
        Float32Array.from([...degrees].flatMap((degree) => c.map((x) => Math.sqrt(degree) * x)))
      const { userDegrees, itemDegrees } = model.graph
      const tables = { userEmbeddings: smooth(userDegrees), itemEmbeddings: smooth(itemDegrees) }
      const expected = [...tables.userEmbeddings, ...tables.itemEmbeddings].map((x) => depth * x)
      expectClose(outputWith(model, tables), expected, 1e-5 * largest(expected))
    }
  })

  it('is cos(ÂE, E) ⊙ ÂE with one layer', async () => {
    const model = make(list, { layers: 1 })
    const e = await nodesOf(model, list.users)
    const y = multiply64(symmetricOperator64(list), e)
    const expected = y.values.map(
      (value, place) =>
        value * cosine64(row64(y, Math.floor(place / dims)), row64(e, Math.floor(place / dims))),
    )
    const { users, items } = output(model)
    expectClose([...users, ...items], expected, 1e-5 * largest(expected))
  })

  it('agrees with the dense float64 reference at depth 6, in output and layers', async () => {
    const model = make(list, { layers: 6, initialization: 'normal', initialDeviation: 1 })
    const e = await nodesOf(model, list.users)
    const operator = symmetricOperator64(list)
    const expected = layerGcn64(operator, e, 6).values
    const { users, items } = output(model)
    expectClose([...users, ...items], expected, 1e-5 * largest(expected))
    const all = layers(model)
    expect(all).toHaveLength(7)
    for (const [l, { values }] of refinedLayers64(operator, e, 6).entries()) {
      expectClose(all[l] as Float32Array, values, 1e-5 * largest(values))
    }
  })

  it('sums the layers without layer 0', () => {
    const model = make()
    const [, ...refined] = layers(model)
    const sum = (place: number) => refined.reduce((total, layer) => total + (layer[place] ?? 0), 0)
    const { users, items } = output(model)
    const expected = Array.from({ length: 12 * dims }, (_, place) => sum(place))
    expectClose([...users, ...items], expected, 1e-6 * largest(expected))
  })

  it('makes no row longer than the product it comes from', async () => {
    const model = make(list, { layers: 4, initialization: 'normal', initialDeviation: 1 })
    const operator = symmetricOperator64(list)
    const all = layers(model)
    const shorter: number[] = []
    for (let l = 1; l <= 4; l++) {
      const before = { values: Float64Array.from(all[l - 1] ?? []), userCount: 14, dim: dims }
      const product = multiply64(operator, before)
      const refined = { ...before, values: Float64Array.from(all[l] ?? []) }
      for (let node = 0; node < 25; node++) {
        const ratio = norm(row64(refined, node)) / norm(row64(product, node))
        expect(ratio).toBeLessThanOrEqual(1 + 1e-5)
        if (ratio < 0.9) shorter.push(ratio)
      }
    }
    expect(shorter.length).toBeGreaterThan(50)
  })

  it('gives isolated nodes zeros, no gradient and no NaN', () => {
    const model = make(smallGraph, { l2Weight: 0 })
    const { users, items } = output(model)
    expect(users.subarray(5 * dims, 6 * dims).every((value) => value === 0)).toBe(true)
    expect(items.subarray(4 * dims).every((value) => value === 0)).toBe(true)
    expect([...users, ...items].every(Number.isFinite)).toBe(true)
    // The isolated user 5 and item 4 take part in the batch.
    const { total, gradients } = evaluateLoss(model, batchOf([0, 5, 2], [1, 2, 3], [4, 0, 4]))
    expect(total).toBeGreaterThan(0)
    const { userEmbeddings, itemEmbeddings } = gradients as unknown as Tables
    expect(largest(userEmbeddings.subarray(5 * dims, 6 * dims))).toBe(0)
    expect(largest(itemEmbeddings.subarray(4 * dims))).toBe(0)
    expect([...userEmbeddings, ...itemEmbeddings].every(Number.isFinite)).toBe(true)
    expect(largest(userEmbeddings.subarray(0, dims))).toBeGreaterThan(0)
  })

  it('stays finite with tables of zeros', () => {
    const model = make()
    const [userEmbeddings, itemEmbeddings] = [7, 5].map((rows) => new Float32Array(rows * dims))
    const zeros = { userEmbeddings, itemEmbeddings } as Tables
    expect(largest(outputWith(model, { ...zeros }))).toBe(0)
    const { total, gradients } = evaluateLoss(model, batchOf([0, 1], [1, 2], [2, 3]))
    expect(total).toBeCloseTo(2 * Math.log(2), 5)
    for (const gradient of Object.values(gradients)) expect(largest(gradient)).toBe(0)
  })

  it('relabels with its nodes', async () => {
    const model = make(list)
    const tables = await tablesOf(model)
    const rng = Rng.fromSeed('labels')
    const shuffle = (length: number) => {
      const order = Array.from({ length }, (_, index) => index)
      for (let i = length - 1; i > 0; i--) {
        const j = rng.integer(i + 1)
        ;[order[i], order[j]] = [order[j] as number, order[i] as number]
      }
      return order
    }
    // New label n stands for the old one order[n].
    const [userOrder, itemOrder] = [shuffle(list.users), shuffle(list.items)]
    const relabelled = make({
      ...list,
      edges: list.edges.map(([u, i]) => [userOrder.indexOf(u), itemOrder.indexOf(i)]),
    })
    const permute = (rows: Float32Array, order: number[]) =>
      Float32Array.from(order.flatMap((old) => [...rows.subarray(old * dims, (old + 1) * dims)]))
    setWeights(relabelled, {
      userEmbeddings: permute(tables.userEmbeddings, userOrder),
      itemEmbeddings: permute(tables.itemEmbeddings, itemOrder),
    })
    const [plain, other] = [output(model), output(relabelled)]
    const scale = largest(plain.users)
    expectClose(other.users, permute(plain.users, userOrder), 1e-5 * scale)
    expectClose(other.items, permute(plain.items, itemOrder), 1e-5 * scale)
  })
})
