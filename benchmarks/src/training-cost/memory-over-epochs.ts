import { join } from 'node:path'
import { loadMovieTweetings, temporalSplit } from '@gnnrec/data'
import type { ResultRow } from '@gnnrec/example-support'
import { BipartiteGraph } from '@gnnrec/graph'
import { LightGcn } from '@gnnrec/models'
import { Trainer } from '@gnnrec/train'
import * as tf from '@tensorflow/tfjs-core'
import { peakMegabytes } from '../measure.js'

/** Share of the epochs after which memory is first measured, so that the program has settled. */
const settling = 0.1

/**
 * Measures the memory of a long training on the bundled data set, with evaluations, checkpoints, log
 * and guards: memory at its end as a share of that after the first tenth.
 */
export async function memoryOverEpochs(options: {
  readonly seed: number
  readonly folder: string
  readonly epochs: number
}): Promise<ResultRow> {
  const { seed, folder, epochs } = options
  const split = temporalSplit((await loadMovieTweetings()).interactions, {
    scope: 'user',
    ratios: [0.7, 0.1, 0.2],
  })
  const { model: modelOptions, training } = LightGcn.presets.recommended
  const graph = BipartiteGraph.fromInteractions(split.train)
  const model = new LightGcn(graph, { ...modelOptions, seed })
  const { earlyStopping, ...rest } = training
  const trainer = new Trainer({
    model,
    split,
    ...rest,
    epochs,
    seed,
    metrics: ['ndcg@20'],
    evaluateEvery: 10,
    progress: 'none',
    log: join(folder, 'long.jsonl'),
    checkpoint: { folder: join(folder, 'long'), everyEpochs: 50 },
  })
  const every = Math.max(1, Math.floor(epochs / 50))
  const first = Math.ceil(settling * epochs)
  const heap: number[] = []
  const resident: number[] = []
  const tensors = new Set<number>()
  const started = performance.now()
  for await (const event of trainer.run()) {
    if (event.type !== 'epoch' || event.record.epoch < first) continue
    tensors.add(tf.memory().numTensors)
    if (event.record.epoch % every !== 0) continue
    globalThis.gc?.()
    const { rss, heapUsed, external } = process.memoryUsage()
    resident.push(rss)
    heap.push(heapUsed + external)
  }
  model.dispose()
  const growth = (values: number[]) => (values.at(-1) as number) / values[0]
  return {
    name: `memory over ${epochs} epochs of LightGCN-3`,
    dataset: 'movietweetings',
    model: 'light-gcn',
    epochs,
    seconds: (performance.now() - started) / 1000,
    peakRssMb: peakMegabytes(),
    metrics: {
      'resident, MB': resident[0] / 2 ** 20,
      'last resident, MB': (resident.at(-1) as number) / 2 ** 20,
      'heap and buffers, MB': heap[0] / 2 ** 20,
      'last heap and buffers, MB': (heap.at(-1) as number) / 2 ** 20,
      'counts of tensors': tensors.size,
    },
    ratio: { 'resident, last / first': growth(resident), 'heap, last / first': growth(heap) },
  }
}
