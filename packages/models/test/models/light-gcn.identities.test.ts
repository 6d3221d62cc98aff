import { Rng } from '@gnnrec/graph'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { EmbeddingModel } from '../../src/embedding-model.js'
import { BprMf, type ForwardOptions, LightGcn, type LightGcnOptions } from '../../src/index.js'
import type { BatchForward } from '../../src/objective/batch-rows.js'
import type { BatchTensors } from '../../src/objective/batch-tensors.js'
import { describeEachBackend } from '../support/backends.js'
import { expectClose, expectSameBytes } from '../support/compare.js'
import { type Edge, graphOf, owned, randomGraph, smallGraph } from '../support/graphs.js'
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
  it('gives what the dense filter gives, on any graph', async () => {
    const edge = fc.tuple(fc.nat(7), fc.nat(5))
    const cases = fc.record({
      edges: fc.array(edge, { minLength: 1, maxLength: 40 }),
      weights: fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 1, maxLength: 5 }),
    })
    await fc.assert(
      fc.asyncProperty(cases, async ({ edges, weights }) => {
        const list = { users: 8, items: 6, edges }
        const layerWeights = weights.map((weight) => weight / 4)
        const graph = graphOf(list)
        const embeddingDim = 5
        const settings = { embeddingDim, layers: layerWeights.length - 1, layerWeights }
        const model = new LightGcn(graph, settings)
        const values = Object.fromEntries(
          Object.entries(await weightValues(model)).map(([name, x]) => [
            name,
            Float64Array.from(x),
          ]),
        )
        const layerZero = layerZero64(values, list.users)
        const expected = filter64(symmetricOperator64(list), layerZero, layerWeights)
        const { users, items } = output(model)
        model.dispose()
        graph.dispose()
        expectClose([...users, ...items], expected.values, 1e-6)
      }),
      { numRuns: 60 },
    )
  })

  it('takes the names of two means for their weights', () => {
    const outputOf = (layerWeights?: LightGcnOptions['layerWeights']) => {
      const options = { embeddingDim: 5, layers: 2, layerWeights }
      return output(owned(new LightGcn(graphOf(connected), options)))
    }
    expect(outputOf('mean')).toEqual(outputOf())
    expect(outputOf('mean')).toEqual(outputOf([1 / 3, 1 / 3, 1 / 3]))
    expect(outputOf('propagated-mean')).toEqual(outputOf([0, 1 / 2, 1 / 2]))
  })

  it('keeps its weights when the array that it was given changes', () => {
    const layerWeights = [0.25, 0.75]
    const model = owned(new LightGcn(graphOf(connected), { layers: 1, layerWeights }))
    layerWeights[0] = 5
    expect(model.layerWeights).toEqual([0.25, 0.75])
    expect(model.options.layerWeights).toEqual([0.25, 0.75])
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

  it.each([[undefined], [{ name: 'sampled-softmax' } as const]])(
    "trains on the batch's rows in the bytes of propagating to all nodes, with the loss %j",
    async (loss) => {
      const list = randomGraph({ users: 60, items: 40, degree: 6 })
      const options = { embeddingDim: 20, layers: 3, l2Weight: 1e-3, ...(loss && { loss }) }
      const [rows, whole] = [LightGcn, WholeLightGcn].map((Model) =>
        owned(new Model(graphOf(list), options)),
      ) as [LightGcn, LightGcn]
      const training = { steps: 20, batchSize: 30, negativesPerPositive: 2 }
      expect(trainSteps(rows, training)).toEqual(trainSteps(whole, training))
      expectSameBytes(await weightValues(rows), await weightValues(whole))
    },
  )
})

type ComputeRows = (
  this: EmbeddingModel,
  indices: BatchTensors,
  options: Required<ForwardOptions>,
) => BatchForward

/** LightGCN that propagates to all nodes and takes the batch's rows from there. */
class WholeLightGcn extends LightGcn {
  protected override batchForward(indices: BatchTensors, options: Required<ForwardOptions>) {
    const plain: unknown = Reflect.get(EmbeddingModel.prototype, 'batchForward')
    return (plain as ComputeRows).call(this, indices, options)
  }
}
