import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadMovieTweetings, temporalSplit } from '@gnnrec/data'
import { evaluate } from '@gnnrec/eval'
import { BipartiteGraph, type Split } from '@gnnrec/graph'
import { LayerGcn, LightGcn } from '@gnnrec/models'
import { type BackendName, gatherRows, scatterAddRows, useBackend } from '@gnnrec/ops'
import { Recommender } from '@gnnrec/serving'
import { Trainer } from '@gnnrec/train'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { diagnose } from '../src/index.js'

/** TensorFlow's runtime is not everywhere: it is tested alone, and on request. */
const testsTensorflow = process.env['GNNREC_TEST_BACKEND'] === 'tensorflow'

describe.skipIf(!testsTensorflow)("TensorFlow's runtime (needs npm run test:tensorflow)", () => {
  let split: Split
  let graph: BipartiteGraph
  beforeAll(async () => {
    split = temporalSplit((await loadMovieTweetings()).interactions)
    graph = BipartiteGraph.fromInteractions(split.train)
  })

  const training = (model: LightGcn | LayerGcn, epochs: number) =>
    new Trainer({
      model,
      split,
      epochs,
      batchSize: 1024,
      learningRate: 0.01,
      seed: 1,
      sampling: 'interaction-shuffle',
      progress: 'none',
    })

  const weightsOf = (model: LightGcn) =>
    Promise.all(Object.values(model.parameters()).map((parameter) => parameter.data()))

  it('has every kernel of the reference, and trains as simd does', async () => {
    const { backends, problems } = await diagnose({
      backends: ['simd', 'tensorflow'],
      parts: ['kernels', 'training'],
    })
    expect(problems).toEqual([])
    const [simd, tensorflow] = backends
    expect(tensorflow.active?.name).toBe('tensorflow')
    expect(tensorflow.kernels?.every(({ passed }) => passed)).toBe(true)
    for (const [epoch, loss] of (simd.training?.losses ?? [Number.NaN]).entries()) {
      expect(tensorflow.training?.losses[epoch]).toBeCloseTo(loss, 4)
    }
    expect(tensorflow.training?.recallAt20).toBeCloseTo(simd.training?.recallAt20 ?? Number.NaN, 2)
  })

  it.each([LightGcn, LayerGcn])('leaves no tensor behind in 20 epochs of %o', async (Model) => {
    await useBackend('tensorflow')
    const backend = tf.backend() as unknown as { getNumOfTFTensors(): number }
    const model = new Model(graph, { embeddingDim: 16, layers: 2, seed: 1 })
    const counts: number[][] = []
    for await (const event of training(model, 20).run()) {
      if (event.type !== 'epoch') continue
      counts.push([tf.memory().numTensors, tf.memory().numDataBuffers, backend.getNumOfTFTensors()])
    }
    expect(counts).toHaveLength(20)
    expect(counts.slice(2)).toEqual(counts.slice(2).map(() => counts[1]))
    model.dispose()
  })

  it.each<[BackendName, BackendName]>([
    ['simd', 'tensorflow'],
    ['tensorflow', 'simd'],
  ])('saves on %s what loads on %s', async (from, to) => {
    const folder = mkdtempSync(join(tmpdir(), 'gnnrec-tensorflow-'))
    try {
      await useBackend(from)
      const model = new LightGcn(graph, { embeddingDim: 16, layers: 2, seed: 1 })
      await training(model, 1).fit()
      await model.save(folder)
      const options = { split, on: 'validation', metrics: ['ndcg@10'] } as const
      const before = await evaluate(await model.toRecommender(), options)
      const weights = await weightsOf(model)
      model.dispose()
      await useBackend(to)
      const loaded = await LightGcn.load(folder)
      expect(await weightsOf(loaded)).toEqual(weights)
      const after = await evaluate(await loaded.toRecommender(), options)
      expect(after.metrics['ndcg@10']).toBeCloseTo(before.metrics['ndcg@10'], 4)
      const served = await evaluate(await Recommender.load(folder), options)
      expect(served.metrics).toEqual(before.metrics)
      loaded.dispose()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('goes on with a model when the backend changes in the middle', async () => {
    await useBackend('simd', { threads: 2 })
    const model = new LightGcn(graph, { embeddingDim: 16, layers: 2, seed: 1 })
    const first = await training(model, 1).fit()
    await useBackend('tensorflow')
    const second = await training(model, 1).fit()
    await useBackend('simd', { threads: 2 })
    const third = await training(model, 1).fit()
    const losses = [first, second, third].map(({ epochs }) => epochs[0].loss)
    expect(losses[1]).toBeLessThan(losses[0])
    expect(losses[2]).toBeLessThan(losses[1])
    model.dispose()
  })

  it('computes with tensors that another backend made', async () => {
    await useBackend('simd', { threads: 2 })
    const table = tf.tensor2d([1, 2, 3, 4], [2, 2])
    const rows = tf.tensor1d([1, 0], 'int32')
    await useBackend('tensorflow')
    const gathered = gatherRows(table, rows)
    expect(await gathered.data()).toEqual(Float32Array.of(3, 4, 1, 2))
    tf.dispose([table, rows, gathered])
  })

  it('says when memory does not suffice, and goes on', async () => {
    await useBackend('tensorflow')
    const rows = tf.ones([1, 1024]) as tf.Tensor2D
    const indices = tf.tensor1d([0], 'int32')
    const before = tf.memory().numTensors
    expect(() => scatterAddRows(rows, indices, 2 ** 30)).toThrow(
      expect.objectContaining({ code: 'OUT_OF_MEMORY' }),
    )
    expect(tf.memory().numTensors).toBe(before)
    const small = scatterAddRows(rows, indices, 2)
    expect((await small.data())[0]).toBe(1)
    tf.dispose([rows, indices, small])
  })
})
