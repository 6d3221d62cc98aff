import type { Batch, BipartiteGraph } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'
import { beforeEach, describe, expect, it } from 'vitest'
import { Baseline, BprMf, Ease, type GraphModel, models, SvdGcn } from '../../src/index.js'
import type { PrepareOptions } from '../../src/model-contract.js'
import { testGraph } from '../../src/testing/test-graph.js'

beforeEach(() => useBackend('simd', { threads: 1 }))

const batch: Batch = {
  users: Int32Array.of(0, 1),
  positives: Int32Array.of(0, 1),
  negatives: Int32Array.of(5, 6),
}

/** Options of models with parameters, where the defaults train nothing. */
const optionsOf: Readonly<Record<string, object>> = { 'svd-gcn': { variant: 'M' } }

/** Every public method of a model that needs its tensors. */
const uses: Readonly<Record<string, (model: GraphModel) => unknown>> = {
  parameters: (model) => model.parameters(),
  prepare: (model) => model.prepare(),
  forward: (model) => model.forward(),
  layerOutputs: (model) => model.layerOutputs(),
  lossTerms: (model) => model.lossTerms(batch),
  loss: (model) => model.loss(batch),
  weights: (model) => model.weights(),
  restoreWeights: (model) => model.restoreWeights(new Map()),
  toRecommender: (model) => model.toRecommender(),
  save: (model) => model.save({}),
}

const ways: Readonly<Record<string, (model: GraphModel) => void>> = {
  'dispose()': (model) => model.dispose(),
  'tf.disposeVariables()': () => tf.disposeVariables(),
  'tf.engine().reset()': () => tf.engine().reset(),
}

describe.each(Object.keys(ways))('after %s', (way) => {
  it.each(models.names({ isTrained: true }))(
    'every method of %s throws a typed error',
    async (name) => {
      const graph = testGraph()
      const settings = { architecture: name, options: optionsOf[name] ?? {} }
      const model = models.createTrained(graph, settings) as unknown as GraphModel
      await model.prepare()
      tf.dispose(model.loss(batch))
      ways[way]?.(model)
      for (const [method, use] of Object.entries(uses)) {
        const error = await Promise.resolve()
          .then(() => use(model))
          .catch((thrown: unknown) => thrown)
        expect(error, method).toMatchObject({ code: 'DISPOSED' })
      }
      expect(model.describe().tensors.length).toBeGreaterThan(0)
      model.dispose()

      // Another model of the same graph is not touched, though matrices of the graph were on the backend.
      await useBackend('simd', { threads: 1 })
      const other = models.createTrained(graph, settings) as unknown as GraphModel
      await other.prepare()
      const [loss] = await other.loss(batch).data()
      expect(loss).toBeGreaterThan(0)
      other.dispose()
      graph.dispose()
    },
  )
})

describe('a preparation that is under way when its model is disposed of', () => {
  const signals: AbortSignal[] = []

  /** Returns work that goes on until its signal ends it. */
  function endless({ signal }: PrepareOptions): Promise<never> {
    if (!signal) throw new Error('there is no signal')
    signals.push(signal)
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason))
    })
  }

  class EndlessBaseline extends Baseline {
    static override readonly architecture = 'endless-baseline'

    constructor(graph: BipartiteGraph) {
      super(graph, {})
    }

    protected override compute(options: PrepareOptions) {
      return endless(options)
    }
  }

  class EndlessModel extends BprMf {
    protected override computeOnce(options: PrepareOptions) {
      return endless(options)
    }
  }

  it.each([EndlessBaseline, EndlessModel])(
    'ends, and all who wait get the error: %o',
    async (Model) => {
      const model = new Model(testGraph() as never)
      const waiting = [
        model.prepare(),
        model.prepare({ signal: new AbortController().signal }),
        model.toRecommender(),
      ]
      await Promise.resolve()
      model.dispose()
      for (const result of await Promise.allSettled(waiting)) {
        expect(result).toMatchObject({ status: 'rejected', reason: { code: 'DISPOSED' } })
      }
      expect(signals.pop()?.aborted).toBe(true)
      model.graph.dispose()
    },
  )

  it.each([Ease, SvdGcn])('ends, and leaves no model behind: %o', async (Model) => {
    const model = new Model(testGraph(), Model === SvdGcn ? { rank: 20 } : {})
    const preparing = model.prepare()
    model.dispose()
    await expect(preparing).rejects.toMatchObject({ code: 'DISPOSED' })
    model.graph.dispose()
  })
})

it('is said by the objective of a model that was disposed of, too', () => {
  const model = new BprMf(testGraph(), { loss: { name: 'bpr', itemBias: true } })
  tf.dispose(tf.tidy(() => model.objective.itemBias()))
  model.dispose()
  expect(() => model.objective.itemBias()).toThrow('Got a bpr-mf that has been disposed of')
  expect(model.objective.tensors.isDisposed).toBe(true)
})

it('answers on after a reset where nothing is trained', async () => {
  const model = models.createTrained(testGraph(), { architecture: 'svd-gcn', options: {} })
  await model.toRecommender()
  tf.engine().reset()
  const { itemCount } = await model.toRecommender()
  expect(itemCount).toBe(model.graph.itemCount)
})
