import type { BipartiteGraph } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import { beforeAll, describe, expect, it } from 'vitest'
import { BprMf, type GraphModel, LightGcn, Popularity } from '../../src/index.js'
import { describeEachBackend } from '../support/backends.js'
import { expectSameBytes, sameBytes } from '../support/compare.js'
import { blockGraph, graphOf, owned, randomGraph } from '../support/graphs.js'
import { expectSameOnThreads } from '../support/threads.js'
import { layers, trainSteps, weightValues } from '../support/training.js'

const small = randomGraph({ users: 40, items: 30, degree: 5 })

describe('threads', () => {
  it('give the same bytes after 50 steps, whether 1, 2, 3 or 4', async () => {
    const make = (graph: BipartiteGraph) => new LightGcn(graph, { layers: 2, edgeDropout: 0.1 })
    await expectSameOnThreads(make, { steps: 50, batchSize: 1024 })
  })
})

describeEachBackend('seeds', () => {
  const train = async (seed: number | string, samplingSeed = 1) => {
    const model = owned(new LightGcn(graphOf(small), { embeddingDim: 12, edgeDropout: 0.2, seed }))
    trainSteps(model, { steps: 8, batchSize: 30, seed: samplingSeed })
    return await weightValues(model)
  }
  const differ = (a: Record<string, Float32Array>, b: Record<string, Float32Array>) =>
    Object.keys(a).every((name) => !sameBytes(a[name] as Float32Array, b[name] as Float32Array))

  it('of the same value give the same bytes', async () => {
    expectSameBytes(await train(7), await train(7))
    expectSameBytes(await train('seven'), await train('seven'))
  })

  it('of other values or another type give other bytes', async () => {
    const seven = await train(7)
    for (const other of [await train(8), await train('7'), await train(7, 2)]) {
      expect(differ(other, seven)).toBe(true)
    }
  })

  it('give users and items tables of their own', async () => {
    const square = graphOf({ users: 8, items: 8, edges: [[0, 0]] })
    const weights = await weightValues(owned(new BprMf(square)))
    expect(
      sameBytes(
        weights['userEmbeddings'] as Float32Array,
        weights['itemEmbeddings'] as Float32Array,
      ),
    ).toBe(false)
  })

  for (const initialDeviation of [0.01, 0.1, 1]) {
    it(`start every table with the deviation ${initialDeviation}, within 5 %`, async () => {
      const graph = graphOf(randomGraph({ users: 500, items: 400, degree: 2 }))
      for (const model of [
        owned(new BprMf(graph, { initialDeviation })),
        owned(new LightGcn(graph, { initialDeviation, seed: 'other' })),
      ]) {
        const tables = Object.values(await weightValues(model))
        expect(tables).toHaveLength(2)
        for (const values of tables) {
          const mean = values.reduce((sum, x) => sum + x, 0) / values.length
          const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length
          expect(Math.abs(mean)).toBeLessThan(0.05 * initialDeviation)
          expect(Math.abs(Math.sqrt(variance) / initialDeviation - 1)).toBeLessThan(0.05)
        }
      }
    })
  }
})

describe('models', () => {
  beforeAll(() => useBackend('simd', { threads: 2 }))

  it('do not give each other’s results', async () => {
    const graph = graphOf(small)
    const lists = [await new Popularity(graph).toRecommender()].map((model) =>
      JSON.stringify(model.recommend(graph.users.ids, { k: 5 }).map(({ items }) => items)),
    )
    const options = { embeddingDim: 16 }
    const trained: GraphModel[] = [
      new BprMf(graph, options),
      ...[1, 2, 3].map((count) => new LightGcn(graph, { ...options, layers: count })),
    ]
    for (const model of trained) {
      trainSteps(owned(model), { steps: 30, batchSize: 200, learningRate: 0.05 })
      const recommender = await model.toRecommender()
      lists.push(
        JSON.stringify(recommender.recommend(graph.users.ids, { k: 5 }).map(({ items }) => items)),
      )
    }
    expect(new Set(lists).size).toBe(5)
  })

  it('learn a block graph by heart in under 300 steps', async () => {
    const graph = graphOf(blockGraph(4, 5))
    const trained: GraphModel[] = [
      new BprMf(graph, { embeddingDim: 16 }),
      ...[1, 2, 3].map(
        (layerCount) => new LightGcn(graph, { embeddingDim: 16, layers: layerCount }),
      ),
    ]
    for (const model of trained) {
      const losses = trainSteps(owned(model), { steps: 290, batchSize: 100, learningRate: 0.02 })
      expect(losses.at(-1)).toBeLessThan(0.2)
      const recommender = await model.toRecommender()
      for (const { user, items } of recommender.recommend(graph.users.ids, {
        k: 5,
        excludeSeen: false,
      })) {
        const known = graph.userItems(graph.users.indexOf(user))
        expect(items.map(Number).sort((a, b) => a - b)).toEqual([...known])
      }
    }
  })

  it('have as many layer outputs as layers and one', () => {
    const graph = graphOf(small)
    expect(layers(owned(new BprMf(graph)))).toHaveLength(1)
    expect(layers(owned(new LightGcn(graph, { layers: 0 })))).toHaveLength(1)
    expect(layers(owned(new LightGcn(graph, { layers: 4 })))).toHaveLength(5)
  })
})
