import { type BipartiteGraph, InvalidOptionsError } from '@gnnrec/graph'
import { type NodeTensors, spmm } from '@gnnrec/ops'
import { SerializationError } from '@gnnrec/serving'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { EmbeddingModel, GraphModel, LightGcn } from '../../src/index.js'
import { describeEachBackend } from '../support/backends.js'
import { expectClose, expectSameBytes } from '../support/compare.js'
import { graphOf, owned, smallGraph } from '../support/graphs.js'
import {
  bpr64,
  expectGradients,
  filter64,
  layerZero64,
  symmetricOperator64,
} from '../support/reference.js'
import { batchOf, output, setWeights, weightValues } from '../support/training.js'

/** LightGCN with one layer that counts twice, as somebody outside the package would write it. */
class OneHop extends EmbeddingModel {
  static override readonly architecture = 'one-hop'

  constructor(graph: BipartiteGraph, { embeddingDim }: { embeddingDim: number }) {
    super(graph, { embeddingDim, initialDeviation: 0.5, l2Weight: 0, seed: 1 })
  }

  override forward(): NodeTensors {
    return tf.tidy(() => this.forwardBatch())
  }

  override layerOutputs(): NodeTensors[] {
    return [this.forward()]
  }

  protected override forwardBatch(): NodeTensors {
    const { users, items } = this.layerZero
    const matrix = this.graph.biadjacency()
    return {
      users: tf.add(users, tf.mul(spmm(matrix, items), 2)),
      items: tf.add(items, tf.mul(spmm(matrix.transpose(), users), 2)),
    }
  }
}

describeEachBackend('a model of one’s own', () => {
  const make = () => owned(new OneHop(graphOf(smallGraph), { embeddingDim: 3 }))

  it('gets its loss and gradients from what it writes', async () => {
    const batch = batchOf([0, 1, 5], [1, 2, 4], [4, 0, 3, 3, 2, 0])
    await expectGradients(make(), batch, (parameters) => {
      const layerZero = layerZero64(parameters, smallGraph.users)
      return bpr64(filter64(symmetricOperator64(smallGraph), layerZero, [1, 2]), batch)
    })
  })

  it('saves and loads under its name', async () => {
    const model = make()
    const files: Record<string, Uint8Array> = {}
    await model.save(files)
    const loaded: OneHop = owned(await OneHop.load(files))
    expectSameBytes(output(loaded), output(model))
    await expect(LightGcn.load(files)).rejects.toThrow(SerializationError)
    await expect(LightGcn.load(files)).rejects.toThrow("has the architecture 'one-hop'")
  })

  it('answers by what it writes', async () => {
    const model = make()
    const weights = await weightValues(model)
    setWeights(model, { ...weights, itemEmbeddings: new Float32Array(15) })
    const recommender = (await model.toRecommender()).withColdStart('model')
    const scores = recommender.score(5, [0, 1, 2, 3, 4])
    // User 5 and item 4 are isolated: one has its own embedding, the other none.
    const expected = [0, 1, 2, 3, 4].map((item) => {
      const { users, items } = output(model)
      return [0, 1, 2].reduce(
        (sum, c) => sum + (users[15 + c] ?? 0) * (items[item * 3 + c] ?? 0),
        0,
      )
    })
    expectClose(scores, expected, 1e-6)
    expect(scores[4]).toBe(0)
    expect(scores[0]).not.toBe(0)
  })
})

describe('a class that lacks a part', () => {
  const graph = graphOf(smallGraph)
  // Code without types calls constructors that are protected, and leaves methods out.
  const bare = (Base: unknown) =>
    class MyModel extends (Base as new (graph: unknown, options?: unknown) => object) {}
  const settings = { embeddingDim: 4, initialDeviation: 0.1, seed: 1 }

  it.each<[string, unknown, unknown, RegExp]>([
    [
      'its settings',
      EmbeddingModel,
      { l2Weight: 1e-3 },
      /MyModel.*embeddingDim.*initialDeviation/s,
    ],
    ['all options', EmbeddingModel, undefined, /MyModel: got undefined as options/],
    ['options', EmbeddingModel, null, /MyModel: got null as options/],
    ['its propagation', EmbeddingModel, settings, /MyModel lacks .*layerOutputs/],
    ['a good weight', EmbeddingModel, { ...settings, l2Weight: -1 }, /MyModel.*l2Weight: got -1/s],
    [
      'its methods',
      GraphModel,
      { l2Weight: 1e-3 },
      /MyModel lacks forward, layerOutputs, lossTerms/,
    ],
  ])('%s is refused by name', (_, Base, options, message) => {
    const make = () => new (bare(Base))(graph, options)
    expect(make).toThrow(InvalidOptionsError)
    expect(make).toThrow(message)
  })

  it('and options is refused by name, when it has all methods', () => {
    class Whole extends bare(GraphModel) {
      forward() {}
      layerOutputs() {}
      lossTerms() {}
    }
    expect(() => new Whole(graph)).toThrow('Whole: got undefined as options; expected an object')
  })
})
