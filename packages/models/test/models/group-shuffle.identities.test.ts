import { Rng } from '@gnnrec/graph'
import { expect, it } from 'vitest'
import { GroupShuffle } from '../../src/group-shuffle/group-shuffle.js'
import type { GroupShuffleOptions } from '../../src/group-shuffle/group-shuffle-options.js'
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
import { layerZero64, type Parameters64, row64, symmetricOperator64 } from '../support/reference.js'
import { meanLayer64 } from '../support/reference-dgr.js'
import { groupShuffleLayers64, rotations64 } from '../support/reference-group-shuffle.js'
import {
  batchOf,
  evaluateLoss,
  layers,
  output,
  setWeights,
  weightValues,
} from '../support/training.js'

const list = randomGraph({ users: 30, items: 22, degree: 5 })
const batch = batchOf([1, 0, 1, 9], [2, 3, 2, 8], [7, 9, 7, 1, 0, 5, 6, 6])
const common = { embeddingDim: 16, blockSize: 4, seed: 'same' }
const plain = { embeddingDim: 16, seed: 'same' }

const make = (options: GroupShuffleOptions, of: EdgeList = list) =>
  owned(new GroupShuffle(graphOf(of), { ...common, ...options }))

const nodesOf = (model: GraphModel) => {
  const { users, items } = output(model)
  return [...users, ...items]
}

async function parameters64(model: GraphModel): Promise<Parameters64> {
  const values = Object.entries(await weightValues(model))
  return Object.fromEntries(values.map(([name, own]) => [name, Float64Array.from(own)]))
}

function expectSameLoss(model: GraphModel, other: GraphModel): void {
  const [own, theirs] = [evaluateLoss(model, batch), evaluateLoss(other, batch)]
  expect([own.total, own.terms]).toEqual([theirs.total, theirs.terms])
}

describeEachBackend('GroupShuffle whose rotations are the identity', () => {
  for (const layerCount of [1, 2, 3, 4]) {
    it(`is LightGcn with ${layerCount} layers to the bit, without residual`, async () => {
      const lightGcn = owned(new LightGcn(graphOf(list), { ...plain, layers: layerCount }))
      for (const orthogonalMap of ['cayley', 'exponential'] as const) {
        const model = make({ layers: layerCount, initialResidual: 0, orthogonalMap })
        expectSameBytes(output(model), output(lightGcn))
        expectSameLoss(model, lightGcn)
        for (const [l, layer] of layers(lightGcn).entries()) {
          expectSameBytes({ layer: layers(model)[l] as Float32Array }, { layer })
        }
        const [own, theirs] = [evaluateLoss(model, batch), evaluateLoss(lightGcn, batch)]
        for (const name of ['userEmbeddings', 'itemEmbeddings']) {
          const expected = theirs.gradients[name] as Float32Array
          expectClose(own.gradients[name] as Float32Array, expected, 1e-6 * largest(expected))
        }
      }
    })
  }

  it('is so for every symmetric K, too', async () => {
    const lightGcn = owned(new LightGcn(graphOf(list), plain))
    const model = make({ initialResidual: 0 })
    const blocks = Object.entries(await weightValues(model)).map(([name, values]) => {
      const symmetric = values.map((_, place) => {
        const [row, column] = [Math.floor(place / 4) % 4, place % 4]
        return row * column - 3 * Math.max(row, column)
      })
      return [name, name.startsWith('layer') ? symmetric : values]
    })
    setWeights(model, Object.fromEntries(blocks))
    expectSameBytes(output(model), output(lightGcn))
    expectSameLoss(model, lightGcn)
  })

  it('is the polynomial of LightGcn with layer weights, with a residual', () => {
    for (const initialResidual of [0.1, 0.6]) {
      const model = make({ layers: 3, initialResidual })
      const layerWeights = [0, 1, 2, 3].map((k) => {
        const residual = k === 0 ? 1 + 3 * initialResidual : 1 + (3 - k) * initialResidual
        return ((1 - initialResidual) ** k * residual) / 4
      })
      const lightGcn = owned(new LightGcn(graphOf(list), { ...plain, layerWeights }))
      expectClose(nodesOf(model), nodesOf(lightGcn), 1e-6 * largest(nodesOf(lightGcn)))
    }
  })
})

describeEachBackend('GroupShuffle without a graph', () => {
  it('is BprMf to the bit with 0 layers', () => {
    const model = make({ layers: 0, l2Weight: 0 })
    const bprMf = owned(new BprMf(graphOf(list), { ...plain, l2Weight: 0 }))
    expect(Object.keys(model.parameters())).toEqual(['userEmbeddings', 'itemEmbeddings'])
    expectSameBytes(output(model), output(bprMf))
    expectSameLoss(model, bprMf)
    expectSameBytes(evaluateLoss(model, batch).gradients, evaluateLoss(bprMf, batch).gradients)
    expect(layers(model)).toHaveLength(1)
  })

  it('is BprMf with a residual of 1, and nothing reaches its rotations', () => {
    for (const layerCount of [1, 3]) {
      const model = make({ layers: layerCount, initialResidual: 1, blockDeviation: 0.5 })
      const bprMf = owned(new BprMf(graphOf(list), plain))
      const expected = nodesOf(bprMf)
      expectClose(nodesOf(model), expected, 1e-7 * largest(expected))
      for (const layer of layers(model)) expectClose(layer, expected, 0)
      const [own, theirs] = [evaluateLoss(model, batch), evaluateLoss(bprMf, batch)]
      expectClose([own.total], [theirs.total], 1e-6)
      for (const [name, values] of Object.entries(own.gradients)) {
        if (name.startsWith('layer')) expect(largest(values)).toBe(0)
        else {
          const gradient = theirs.gradients[name] as Float32Array
          expectClose(values, gradient, 1e-6 * largest(gradient))
        }
      }
    }
  })
})

describeEachBackend('the propagation of GroupShuffle', () => {
  const choices: [1 | 2, 'cayley' | 'exponential'][] = [
    [2, 'cayley'],
    [2, 'exponential'],
    [1, 'cayley'],
    [1, 'exponential'],
  ]
  for (const [factors, orthogonalMap] of choices) {
    it(`is the dense recursion, its output the mean of layers: ${factors}, ${orthogonalMap}`, async () => {
      for (const [layerCount, initialResidual] of [
        [1, 0.2],
        [3, 0],
        [6, 0.1],
        [16, 0.5],
      ] as const) {
        const form = { factors, orthogonalMap, layers: layerCount, initialResidual }
        const model = make({ ...form, blockDeviation: 0.6 })
        const parameters = await parameters64(model)
        const rotations = rotations64(parameters, { ...form, dim: 16, blockSize: 4, l2Weight: 0 })
        const expected = groupShuffleLayers64(
          symmetricOperator64(list),
          layerZero64(parameters, list.users),
          rotations,
          initialResidual,
        )
        const actual = layers(model)
        expect(actual).toHaveLength(layerCount + 1)
        for (const [l, layer] of actual.entries()) {
          const { values } = expected[l] as (typeof expected)[0]
          expectClose(layer, values, 3e-6 * largest(values))
        }
        const { values } = meanLayer64(expected)
        expectClose(nodesOf(model), values, 3e-6 * largest(values))
      }
    })
  }

  it('keeps distances and dot products of the last layer where there is no residual', () => {
    for (const factors of [1, 2] as const) {
      const turned = make({ initialResidual: 0, blockDeviation: 1, factors, shuffle: 'random' })
      const still = owned(new LightGcn(graphOf(list), plain))
      const [last, expected] = [turned, still].map((model) => {
        const values = Float64Array.from(layers(model)[3] as Float32Array)
        return { values, userCount: list.users, dim: 16 }
      }) as [Parameters<typeof row64>[0], Parameters<typeof row64>[0]]
      expect(
        largest(last.values.map((v, i) => v - (expected.values[i] as number))),
      ).toBeGreaterThan(0.1 * largest(expected.values))
      const measure = (nodes: typeof last, a: number, b: number) => {
        const [x, y] = [row64(nodes, a), row64(nodes, b)]
        const dot = x.reduce((sum, value, c) => sum + value * (y[c] as number), 0)
        return [dot, Math.hypot(...x.map((value, c) => value - (y[c] as number)))]
      }
      const scale = largest(expected.values)
      for (let a = 0; a < 52; a++) {
        for (let b = 0; b < a; b++) {
          expectClose(measure(last, a, b), measure(expected, a, b), 1e-5 * scale)
        }
      }
    }
  })

  it('gives a node without edges its share of the free embedding', async () => {
    const model = make({ blockDeviation: 0.5, initialResidual: 0.25 }, smallGraph)
    const { values } = layerZero64(await parameters64(model), smallGraph.users)
    const final = nodesOf(model)
    for (const node of [5, smallGraph.users + 4]) {
      const range = [node * 16, (node + 1) * 16] as const
      // Layer 0 and α of it in three more: (1 + 3/4) / 4.
      expectClose(
        final.slice(...range),
        values.slice(...range).map((x) => 0.4375 * x),
        1e-7,
      )
    }
  })
})

describeEachBackend('relabelled nodes in GroupShuffle', () => {
  it('have the same embeddings, losses and gradients', async () => {
    const [newUser, newItem] = [shuffled(list.users, 'users'), shuffled(list.items, 'items')]
    const edges = list.edges.map(([u, i]): Edge => [newUser[u] as number, newItem[i] as number])
    const options: GroupShuffleOptions = { blockDeviation: 0.5, l2Weight: 0.5, shuffle: 'random' }
    const [model, other] = [make(options), make(options, { ...list, edges })]
    const moved = (values: Readonly<Record<string, Float32Array>>) => ({
      ...values,
      userEmbeddings: moveRows(values['userEmbeddings'] as Float32Array, newUser),
      itemEmbeddings: moveRows(values['itemEmbeddings'] as Float32Array, newItem),
    })
    setWeights(other, moved(await weightValues(model)))
    expectClose(output(other).users, moveRows(output(model).users, newUser), 1e-6)
    expectClose(output(other).items, moveRows(output(model).items, newItem), 1e-6)
    const renamed = (nodes: Int32Array, places: number[]) =>
      Int32Array.from(nodes, (node) => places[node] as number)
    const here = evaluateLoss(model, batch)
    const there = evaluateLoss(other, {
      users: renamed(batch.users, newUser),
      positives: renamed(batch.positives, newItem),
      negatives: renamed(batch.negatives, newItem),
    })
    expectClose([there.total], [here.total], 1e-5)
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
  const dim = table.length / places.length
  for (const [from, to] of places.entries()) {
    out.set(table.subarray(from * dim, (from + 1) * dim), to * dim)
  }
  return out
}
