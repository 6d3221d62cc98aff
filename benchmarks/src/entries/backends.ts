import { loadGowalla } from '@gnnrec/data'
import { BatchIterator, BipartiteGraph, GnnRecError, Rng } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { peakMegabytes } from '../measure.js'
import { take } from '../take.js'
import { modelsOf } from '../training-cost/models-of.js'
import { stepSeconds } from '../training-cost/step-seconds.js'

const batchSize = 2048
const repetitions = { warmUp: 5, repetitions: 20 }

export const backends: BenchmarkEntry = {
  summary: 'one training step on Gowalla (batch 2048) of each model on simd and on tensorflow',
  async *run({ seed, threads, backend: only }) {
    const { split } = await loadGowalla()
    const graph = BipartiteGraph.fromInteractions(split.train)
    const iterator = new BatchIterator(graph, { batchSize, rng: Rng.fromSeed(seed) })
    const batches = take(iterator.epoch(0), 30)
    const secondsOnSimd = new Map<string, number>()
    for (const backend of only ? [only] : (['simd', 'tensorflow'] as const)) {
      try {
        const options = backend === 'simd' && threads !== undefined ? { threads } : {}
        const { name, device } = await useBackend(backend, options)
        for (const [label, make] of Object.entries(modelsOf(graph, seed))) {
          const model = make()
          await model.prepare()
          const seconds = await stepSeconds(model, batches, repetitions)
          const onSimd = secondsOnSimd.get(label)
          if (name === 'simd') secondsOnSimd.set(label, seconds)
          yield {
            name: `${label}, ${name} on ${device}`,
            dataset: 'gowalla',
            model: model.architecture,
            settings: { batchSize },
            seconds,
            peakRssMb: peakMegabytes(),
            ...(onSimd !== undefined && { ratio: { 'this / simd': seconds / onSimd } }),
          }
        }
      } catch (error) {
        // This backend is not installed; the others are still measured.
        if (!GnnRecError.isInstance(error) || error.code !== 'BACKEND_UNAVAILABLE') throw error
        console.log(`${backend}: ${error.message}`)
      }
    }
  },
}
