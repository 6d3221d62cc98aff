import { Rng } from '@gnnrec/graph'
import { expect, it } from 'vitest'
import { Gcnii } from '../../src/gcnii/gcnii.js'
import type { GcniiOptions } from '../../src/gcnii/gcnii-options.js'
import { BprMf, type GraphModel, LightGcn } from '../../src/index.js'
import { describeEachBackend } from '../support/backends.js'
import { expectClose, expectSameBytes, largest, sameBytes } from '../support/compare.js'
import {
  type Edge,
  type EdgeList,
  graphOf,
  owned,
  randomGraph,
  smallGraph,
} from '../support/graphs.js'
import { filter64, layerZero64, multiply64, type Nodes64, row64 } from '../support/reference.js'
import { gcniiLayers64, loopedOperator64, solve64 } from '../support/reference-gcnii.js'
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
const list = randomGraph({ users: 14, items: 11, degree: 3 })
const linear = { activation: 'identity', head: 'none' } as const
const variants = ['gcnii', 'gcnii*'] as const

function make(options: GcniiOptions, of: EdgeList = list): Gcnii {
  return owned(new Gcnii(graphOf(of), { embeddingDim: dims, initialDeviation: 1, ...options }))
}

async function layerZeroOf(model: GraphModel): Promise<Nodes64> {
  const tables = Object.entries(await weightValues(model))
  const values = tables.map(([name, v]) => [name, Float64Array.from(v)])
  return layerZero64(Object.fromEntries(values), model.graph.userCount)
}

const nodesOf = (model: GraphModel) => {
  const { users, items } = output(model)
  return [...users, ...items]
}

/** Sets some of the parameters. */
async function change(model: Gcnii, values: Readonly<Record<string, ArrayLike<number>>>) {
  setWeights(model, { ...(await weightValues(model)), ...values })
}

/** Sets every W_l, row by row. */
async function setMaps(model: Gcnii, value: (row: number, column: number) => number) {
  const conv = Object.entries(await weightValues(model)).filter(([name]) => name.includes('conv'))
  const map = (_: number, i: number) => value(Math.floor(i / dims), i % dims)
  await change(model, Object.fromEntries(conv.map(([name, values]) => [name, values.map(map)])))
}

describeEachBackend('Gcnii without layers', () => {
  const batch = batchOf([0, 1, 3], [1, 2, 0], [4, 0, 3, 1, 1, 2])

  it('and head is BprMf to the bit, through training', async () => {
    const options = { embeddingDim: dims, seed: 3, layers: 0, head: 'none' } as const
    for (const more of [{}, { variant: 'gcnii*' }, { dropout: 0.5 }] as const) {
      const graph = graphOf(list)
      const gcnii = owned(new Gcnii(graph, { ...options, ...more }))
      const bprMf = owned(new BprMf(graph, { embeddingDim: dims, seed: 3 }))
      for (let round = 0; round < 2; round++) {
        expectSameBytes(output(gcnii), output(bprMf))
        const [own, other] = [evaluateLoss(gcnii, batch), evaluateLoss(bprMf, batch)]
        expect([own.total, own.terms]).toEqual([other.total, other.terms])
        expectSameBytes(own.gradients, other.gradients)
        const training = { steps: 15, batchSize: 20, seed: 3 }
        expect(trainSteps(gcnii, training)).toEqual(trainSteps(bprMf, training))
      }
    }
  })

  it('and with the head as it starts has the embeddings of BprMf, to the bit', () => {
    for (const head of ['linear', 'linear-without-bias'] as const) {
      const gcnii = make({ layers: 0, head, seed: 3, l2Weight: 0 })
      const options = { embeddingDim: dims, initialDeviation: 1, seed: 3, l2Weight: 0 }
      const bprMf = owned(new BprMf(gcnii.graph, options))
      expectSameBytes(output(gcnii), output(bprMf))
      const [own, other] = [evaluateLoss(gcnii, batch), evaluateLoss(bprMf, batch)]
      expect(own.total).toBe(other.total)
      expectSameBytes(
        { users: own.gradients['userEmbeddings'] as Float32Array },
        { users: other.gradients['userEmbeddings'] as Float32Array },
      )
    }
  })
})

describeEachBackend('the layers of Gcnii', () => {
  it('agree with the dense float64 reference at depth 6', async () => {
    for (const variant of variants) {
      for (const activation of ['relu', 'identity'] as const) {
        const settings = { layers: 6, variant, activation, identityDecay: 0.8 }
        const model = make({ ...settings, initialResidual: 0.3 })
        const parameters = Object.fromEntries(
          Object.entries(await weightValues(model)).map(([name, v]) => [
            name,
            Float64Array.from(v),
          ]),
        )
        const whole = { ...settings, userCount: list.users, initialResidual: 0.3, l2Weight: 0 }
        const expected = gcniiLayers64(loopedOperator64(list), parameters, whole)
        for (const [l, { values }] of expected.layers.entries()) {
          expectClose(layers(model)[l] as Float32Array, values, 2e-6 * largest(values))
        }
      }
    }
  })

  it('use no graph with α = 1, but for GCNII*', () => {
    const other = { ...list, edges: list.edges.slice(0, 9) }
    for (const activation of ['relu', 'identity'] as const) {
      const [here, there] = [list, other].map((of) =>
        make({ layers: 3, initialResidual: 1, activation }, of),
      ) as [Gcnii, Gcnii]
      expectSameBytes(output(here), output(there))
      const batch = batchOf([0, 1], [1, 2], [2, 0])
      expectSameBytes(evaluateLoss(here, batch).gradients, evaluateLoss(there, batch).gradients)
    }
    const star = (of: EdgeList) =>
      output(make({ layers: 3, initialResidual: 1, variant: 'gcnii*' }, of)).users
    expect(sameBytes(star(list), star(other))).toBe(false)
  })

  it('do not depend on λ where every W_l is what an identity mapping keeps', async () => {
    const initialResidual = 0.3
    const kept = {
      gcnii: (row: number, column: number) => (row === column ? 1 : 0),
      'gcnii*': (row: number, column: number) =>
        row % dims === column ? (row < dims ? 1 - initialResidual : initialResidual) : 0,
    }
    for (const variant of variants) {
      const of = async (identityDecay: number) => {
        const model = make({ layers: 4, variant, initialResidual, identityDecay })
        await setMaps(model, kept[variant])
        return nodesOf(model)
      }
      const [some, none, much] = [await of(0.5), await of(0), await of(3)]
      expectClose(some, none, 1e-6 * largest(none))
      expectClose(much, none, 3e-6 * largest(none))
    }
  })

  it('of GCNII* are those of GCNII with [(1-α) W; α W] for W', async () => {
    const options = { layers: 3, initialResidual: 0.3, identityDecay: 1 }
    const [plain, star] = [make(options), make({ ...options, variant: 'gcnii*' })]
    const weights = await weightValues(plain)
    await change(
      star,
      Object.fromEntries(
        [0, 1, 2].map((l) => {
          const values = [...(weights[`conv.${l}.weight`] as Float32Array)]
          const both = [...values.map((w) => 0.7 * w), ...values.map((w) => 0.3 * w)]
          return [`conv.${l}.weight`, both]
        }),
      ),
    )
    const expected = nodesOf(plain)
    expectClose(nodesOf(star), expected, 2e-6 * largest(expected))
  })

  it('are APPNP with λ = 0, and near personalized PageRank where there are many', async () => {
    const operator = loopedOperator64(list)
    for (const [initialResidual, depth] of [
      [0.3, 5],
      [0.3, 60],
      [0.1, 200],
    ] as const) {
      for (const variant of variants) {
        const model = make({ ...linear, layers: depth, variant, initialResidual, identityDecay: 0 })
        const e = await layerZeroOf(model)
        // ((1-α) Ã)^L E + α Σ_{k<L} ((1-α) Ã)^k E
        const weights = Array.from({ length: depth + 1 }, (_, k) => {
          const power = (1 - initialResidual) ** k
          return k === depth ? power : initialResidual * power
        })
        const { values } = filter64(operator, e, weights)
        expectClose(nodesOf(model), values, 2e-6 * largest(values))
        if (depth < 60) continue
        // α (I - (1-α) Ã)⁻¹ E
        const nodes = list.users + list.items
        const system = operator.map(
          (value, place) => (place % (nodes + 1) === 0 ? 1 : 0) - (1 - initialResidual) * value,
        )
        const limit = solve64(system, e).values.map((value) => initialResidual * value)
        expectClose(nodesOf(model), limit, 2e-6 * largest(limit))
      }
    }
  })

  it('take a share β_l of ln(λ/l + 1) from the weights', async () => {
    const identityDecay = 0.7
    const model = make({ ...linear, layers: 12, identityDecay, initialResidual: 0.5 })
    await setMaps(model, () => 0)
    const all = layers(model)
    const first = all[0] as Float32Array
    const operator = loopedOperator64(list)
    const betas = all.slice(1).map((layer, l) => {
      const before = { values: Float64Array.from(all[l] as Float32Array), userCount: 14, dim: dims }
      const { values } = multiply64(operator, before)
      // With W = 0 a layer is (1-β) S.
      const sum = values.map((value, i) => 0.5 * value + 0.5 * (first[i] as number))
      const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
        Array.from(a, (value, i) => value * (b[i] as number)).reduce((s, x) => s + x, 0)
      const share = dot(layer, sum) / dot(sum, sum)
      expectClose(
        layer,
        sum.map((value) => share * value),
        1e-6 * largest(sum),
      )
      return 1 - share
    })
    expect(betas[0]).toBeCloseTo(Math.log(1 + identityDecay), 6)
    for (const [place, beta] of betas.entries()) {
      const l = place + 1
      if (place > 0) expect(beta).toBeLessThan(betas[place - 1] as number)
      const gap = identityDecay / l - beta
      expect(gap).toBeGreaterThan(0)
      expect(gap).toBeLessThan((identityDecay / l) ** 2 / 2 + 1e-6)
    }
  })

  it('keep √(degree + 1) and let its sides with opposite signs die out', async () => {
    const roots = (degrees: Int32Array, sign: number) =>
      [...degrees].flatMap((degree) => new Array<number>(dims).fill(sign * Math.sqrt(degree + 1)))
    for (const sign of [1, -1]) {
      const model = make({ ...linear, layers: 40, initialResidual: 0, identityDecay: 0 })
      const { userDegrees, itemDegrees } = model.graph
      const [userEmbeddings, itemEmbeddings] = [roots(userDegrees, 1), roots(itemDegrees, sign)]
      await change(model, { userEmbeddings, itemEmbeddings })
      const start = [...userEmbeddings, ...itemEmbeddings]
      const last = layers(model)[40] as Float32Array
      if (sign === 1) expectClose(last, start, 1e-5 * largest(start))
      // There are not quite as many users as items, so a little of it is along √(degree + 1).
      else expect(largest(last)).toBeLessThan(0.3 * largest(start))
    }
  })

  it('leave what is not linear to ReLU, whose outputs are never negative', () => {
    const model = make({ layers: 3, head: 'none' })
    const [, ...hidden] = layers(model)
    for (const values of hidden) {
      expect(Math.min(...values)).toBe(0)
      expect(Math.max(...values)).toBeGreaterThan(0)
    }
  })

  it('work on a graph with one edge, and with isolated nodes', async () => {
    const single: EdgeList = { users: 3, items: 2, edges: [[1, 0]] }
    for (const of of [single, smallGraph]) {
      const model = make({ ...linear, layers: 3, identityDecay: 0, initialResidual: 0.5 }, of)
      const e = await layerZeroOf(model)
      const expected = filter64(loopedOperator64(of), e, [0.5, 0.25, 0.125, 0.125])
      expectClose(nodesOf(model), expected.values, 1e-6 * largest(expected.values))
      const { gradients } = evaluateLoss(model, batchOf([0, 1], [0, 1], [1, 0]))
      expect(Object.values(gradients).every((values) => values.every(Number.isFinite))).toBe(true)
      // Ã of a node without edges is 1 on itself.
      const isolated = of === single ? 0 : 5
      expectClose(
        nodesOf(model).slice(isolated * dims, (isolated + 1) * dims),
        row64(e, isolated),
        1e-6,
      )
    }
  })
})

describeEachBackend('64 layers', () => {
  /** Mean of 1 - |cos| over the pairs of users, and of items. */
  function distance(values: ArrayLike<number>, { users, items }: EdgeList, dim: number): number {
    const nodes = { values: Float64Array.from(values), userCount: users, dim }
    const rows = Array.from({ length: users + items }, (_, node) => row64(nodes, node))
    const dot = (a: Float64Array, b: Float64Array) =>
      a.reduce((sum, value, c) => sum + value * (b[c] as number), 0)
    let [sum, pairs] = [0, 0]
    for (const [first, last] of [
      [0, users],
      [users, users + items],
    ] as const) {
      for (let a = first; a < last; a++) {
        for (let b = first; b < a; b++) {
          const [x, y] = [rows[a], rows[b]] as [Float64Array, Float64Array]
          const norms = Math.sqrt(dot(x, x) * dot(y, y))
          sum += norms === 0 ? 0 : 1 - Math.abs(dot(x, y)) / norms
          pairs++
        }
      }
    }
    return sum / pairs
  }
  const of = randomGraph({ users: 40, items: 30, degree: 5 })
  const dim = 16

  it('keep the rows of Gcnii apart, where those of LightGCN collapse', () => {
    for (const options of [
      { activation: 'identity' },
      { activation: 'relu' },
      { activation: 'identity', variant: 'gcnii*' },
      { activation: 'relu', variant: 'gcnii*' },
    ] as const) {
      const model = make({ ...options, embeddingDim: dim, layers: 64 }, of)
      const all = layers(model)
      const [second, last] = [all[2], all[64]].map((values) =>
        distance(values as Float32Array, of, dim),
      ) as [number, number]
      expect(last).toBeGreaterThan(0.7 * second)
    }
    const lightGcn = owned(new LightGcn(graphOf(of), { embeddingDim: dim, layers: 64 }))
    const all = layers(lightGcn)
    expect(distance(all[2] as Float32Array, of, dim)).toBeGreaterThan(0.2)
    expect(distance(all[64] as Float32Array, of, dim)).toBeLessThan(1e-3)
  })
})

describeEachBackend('relabelled nodes in Gcnii', () => {
  it('have the same embeddings, losses and gradients', async () => {
    const [newUser, newItem] = [shuffled(list.users, 'users'), shuffled(list.items, 'items')]
    const edges = list.edges.map(([u, i]): Edge => [newUser[u] as number, newItem[i] as number])
    const renamed = (nodes: readonly number[], places: readonly number[]) =>
      nodes.map((node) => places[node] as number)
    for (const variant of variants) {
      const options = { layers: 3, variant, l2Weight: 0.1 }
      const [model, other] = [make(options), make(options, { ...list, edges })]
      const { userEmbeddings, itemEmbeddings, ...dense } = await weightValues(model)
      setWeights(other, {
        ...dense,
        userEmbeddings: moveRows(userEmbeddings as Float32Array, newUser),
        itemEmbeddings: moveRows(itemEmbeddings as Float32Array, newItem),
      })
      const [here, there] = [output(model), output(other)]
      expectClose(there.users, moveRows(here.users, newUser), 2e-6 * largest(here.users))
      expectClose(there.items, moveRows(here.items, newItem), 2e-6 * largest(here.items))
      const [users, positives, negatives] = [
        [0, 5, 5, 12, 3],
        [1, 2, 3, 8, 0],
        [4, 4, 0, 7, 9],
      ] as const
      const own = evaluateLoss(model, batchOf(users, positives, negatives))
      const relabelled = evaluateLoss(
        other,
        batchOf(renamed(users, newUser), renamed(positives, newItem), renamed(negatives, newItem)),
      )
      expect(relabelled.total).toBeCloseTo(own.total, 5)
      for (const [name, values] of Object.entries(own.gradients)) {
        const places = { userEmbeddings: newUser, itemEmbeddings: newItem }[name]
        const expected = places ? moveRows(values, places) : values
        expectClose(relabelled.gradients[name] as Float32Array, expected, 1e-5 * largest(values))
      }
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
