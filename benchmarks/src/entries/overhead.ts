import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadGowalla } from '@gnnrec/data'
import { evaluate } from '@gnnrec/eval'
import { BipartiteGraph, type Split } from '@gnnrec/graph'
import { BprMf, LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { longestBlock } from '../training-cost/blocking.js'
import { memoryOverEpochs } from '../training-cost/memory-over-epochs.js'
import { trainerParts } from '../training-cost/trainer-parts.js'

/** Epochs of the training whose memory is measured. */
const epochs = 1000

export const overhead: BenchmarkEntry = {
  summary:
    'time that the trainer adds to steps on Gowalla, time it blocks the event loop, memory over 1000 epochs',
  async *run({ seed, threads, dataset, count = epochs }) {
    await useBackend('simd', threads === undefined ? {} : { threads })
    const folder = await mkdtemp(join(tmpdir(), 'gnnrec-overhead-'))
    try {
      // On MovieTweetings only memory is measured.
      if (dataset !== 'movietweetings') yield* onGowalla(seed, folder)
      yield await memoryOverEpochs({ seed, folder, epochs: count })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

async function* onGowalla(seed: number, folder: string) {
  const { split: official } = await loadGowalla()
  // Gowalla has no validation part. Nothing is chosen here, so the test part can take its place.
  const split: Split = { ...official, validation: official.test, test: official.validation }
  const graph = BipartiteGraph.fromInteractions(split.train)
  const { training, model: options } = LightGcn.presets.paper
  for (const [name, model] of [
    ['BPR-MF', new BprMf(graph, { ...BprMf.presets.recommended.model, seed })],
    ['LightGCN-3', new LightGcn(graph, { ...options, seed })],
  ] as const) {
    yield await trainerParts({ name, model, split, graph, training, seed, folder })
    const recommender = await model.toRecommender()
    const judged = { split, on: 'validation', metrics: ['ndcg@20'] } as const
    const blocked = await longestBlock(() => evaluate(recommender, judged))
    recommender.dispose()
    model.dispose()
    yield {
      name: `evaluation of ${name}`,
      dataset: 'gowalla',
      metrics: { 'blocked by evaluation, ms': blocked },
    }
  }
}
