import { loadGowalla } from '@gnnrec/data'
import { BatchIterator, BipartiteGraph, Rng } from '@gnnrec/graph'
import { LightGcn, SvdGcn } from '@gnnrec/models'
import { type BackendName, spmm, useBackend } from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { medianSeconds, peakMegabytes } from '../measure.js'
import { take } from '../take.js'
import { modelsOf } from '../training-cost/models-of.js'
import { stepSeconds } from '../training-cost/step-seconds.js'

const usualBatchSize = 2048
const layers = 3
/** Batch size of SVD-GCN, which trains on small batches. */
const svdBatchSize = 256

export const trainingStep: BenchmarkEntry = {
  summary:
    'one training step on Gowalla (batch 2048): LightGCN-3 against its sparse products, the other models, tfjs cpu',
  async *run({ seed, threads = 2 }) {
    const { split } = await loadGowalla()
    const graph = BipartiteGraph.fromInteractions(split.train)
    const batchesOf = (batchSize: number) =>
      take(new BatchIterator(graph, { batchSize, rng: Rng.fromSeed(seed) }).epoch(0), 30)
    const batches = batchesOf(usualBatchSize)
    await useBackend('simd', { threads })
    const svdGcn = await savedSvdGcn(graph, seed)
    const common = { dataset: 'gowalla', settings: { batchSize: usualBatchSize, embeddingDim: 64 } }
    let fast = Number.NaN
    for (const count of new Set([1, threads])) {
      await useBackend('simd', { threads: count })
      const label = `simd, ${count} thread${count === 1 ? '' : 's'}`
      const product = await productSeconds(graph)
      // The forward and the backward pass each take `layers` products with both blocks of the
      // adjacency.
      const products = 2 * layers * product
      const lightGcn = new LightGcn(graph, {
        ...LightGcn.presets.paper.model,
        layers,
        seed,
      })
      fast = await stepSeconds(lightGcn, batches)
      yield {
        ...common,
        name: `LightGCN-3, ${label}`,
        model: 'light-gcn',
        seconds: fast,
        peakRssMb: peakMegabytes(),
        ratio: { 'step / its 6 sparse products': fast / products },
      }
      const { 'LightGCN-3': _, "LightGCN-3, preset 'fast'": __, ...others } = modelsOf(graph, seed)
      for (const [name, make] of Object.entries(others)) {
        const model = make()
        await model.prepare()
        const seconds = await stepSeconds(model, batches)
        yield {
          ...common,
          name: `${name}, ${label}`,
          model: model.architecture,
          seconds,
          peakRssMb: peakMegabytes(),
          ratio: { 'step / LightGCN-3': seconds / fast },
        }
      }
      const seconds = await stepSeconds(await SvdGcn.load(svdGcn), batchesOf(svdBatchSize))
      yield {
        ...common,
        name: `SVD-GCN-M, ${label}`,
        model: 'svd-gcn',
        seconds,
        settings: { ...common.settings, batchSize: svdBatchSize },
        peakRssMb: peakMegabytes(),
        ratio: { 'step / LightGCN-3': seconds / fast },
      }
    }
    const name: BackendName = 'cpu'
    await useBackend(name)
    const reference = new LightGcn(graph, { ...LightGcn.presets.paper.model, layers, seed })
    const seconds = await stepSeconds(reference, batches.slice(0, 2), { warmUp: 1, repetitions: 2 })
    yield {
      ...common,
      name: 'LightGCN-3, tfjs cpu with plain kernels',
      model: 'light-gcn',
      seconds,
      ratio: { [`this / simd, ${threads} threads`]: seconds / fast },
    }
  },
}

/**
 * Makes SVD-GCN-M with given singular vectors: they take long to compute and are the same on any
 * number of threads.
 */
async function savedSvdGcn(graph: BipartiteGraph, seed: number) {
  const model = new SvdGcn(graph, { ...SvdGcn.presets.paper.gowalla.m.model, seed })
  const files: Record<string, Uint8Array> = {}
  await model.save(files)
  model.dispose()
  return files
}

async function productSeconds(graph: BipartiteGraph): Promise<number> {
  const biadjacency = graph.biadjacency({ normalization: 'symmetric' })
  const users = tf.randomNormal([graph.userCount, 64], 0, 0.1, 'float32', 1) as tf.Tensor2D
  const items = tf.randomNormal([graph.itemCount, 64], 0, 0.1, 'float32', 2) as tf.Tensor2D
  const seconds = await medianSeconds(() => {
    spmm(biadjacency, items).dispose()
    spmm(biadjacency.transpose(), users).dispose()
  })
  tf.dispose([users, items])
  return seconds
}
