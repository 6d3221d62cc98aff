import { loadGowalla } from '@gnnrec/data'
import { BatchIterator, BipartiteGraph, GnnRecError, Rng } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/graph/ops'
import {
  BprMf,
  Dgr,
  Gcnii,
  type GraphModel,
  GroupShuffle,
  LayerGcn,
  LightGcn,
  presets,
} from '@gnnrec/models'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { peakMegabytes } from '../measure.js'
import { take } from '../take.js'
import { stepSeconds } from '../training-cost/step-seconds.js'

const BATCH_SIZE = 2048
const REPETITIONS = { warmUp: 5, repetitions: 20 }

export const backends: BenchmarkEntry = {
  summary: 'one training step on Gowalla (batch 2048) of each model on simd and on tensorflow',
  async *run({ seed, threads, backend: only }) {
    const { split } = await loadGowalla()
    const graph = BipartiteGraph.fromInteractions(split.train)
    const iterator = new BatchIterator(graph, { batchSize: BATCH_SIZE, rng: Rng.fromSeed(seed) })
    const batches = take(iterator.epoch(0), 30)
    const secondsOnSimd = new Map<string, number>()
    for (const backend of only ? [only] : (['simd', 'tensorflow'] as const)) {
      try {
        const options = backend === 'simd' && threads !== undefined ? { threads } : {}
        const { name, device } = await useBackend(backend, options)
        for (const [label, make] of Object.entries(modelsOf(graph, seed))) {
          const model = make()
          await model.prepare()
          const seconds = await stepSeconds(model, batches, REPETITIONS)
          const onSimd = secondsOnSimd.get(label)
          if (name === 'simd') secondsOnSimd.set(label, seconds)
          yield {
            ...{ name: `${label}, ${name} on ${device}`, dataset: 'gowalla' },
            ...{ model: model.architecture, settings: { batchSize: BATCH_SIZE }, seconds },
            peakRssMb: peakMegabytes(),
            ...(onSimd !== undefined && { ratio: { 'this / simd': seconds / onSimd } }),
          }
        }
      } catch (error) {
        // Not installed here: the others are measured all the same.
        if (!GnnRecError.isInstance(error) || error.code !== 'BACKEND_UNAVAILABLE') throw error
        console.log(`${backend}: ${error.message}`)
      }
    }
  },
}

function modelsOf(graph: BipartiteGraph, seed: number): Record<string, () => GraphModel> {
  return {
    'BPR-MF': () => new BprMf(graph, { seed }),
    'LightGCN-3': () => new LightGcn(graph, { ...presets.lightGcn.paper.model, layers: 3, seed }),
    "LightGCN-3, preset 'fast'": () =>
      new LightGcn(graph, { ...presets.lightGcn.fast.model, seed }),
    'GCNII-4': () => new Gcnii(graph, { layers: 4, seed }),
    'DGR-3': () => new Dgr(graph, { layers: 3, seed }),
    'LayerGCN-4': () => new LayerGcn(graph, { layers: 4, seed }),
    'GroupShuffle-3': () => new GroupShuffle(graph, { layers: 3, seed }),
  }
}
