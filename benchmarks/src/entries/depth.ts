import { measureSmoothing, type Smoothing } from '@gnnrec/eval'
import { BipartiteGraph } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { depthCandidates } from '../settings/depth.js'
import { modelsNamed } from '../trials/candidate.js'
import { loadMovieSplit } from '../trials/movie-split.js'
import type { Protocol } from '../trials/protocol.js'
import { logTrial, rowOf, trainCandidate } from '../trials/trial.js'

export const depth: BenchmarkEntry = {
  summary: '2 to 16 layers, or 15 to 120 singular vectors, on ml-latest-small: NDCG, smoothness',
  async *run({ seed, threads, model: only }) {
    const names = modelsNamed(only)
    const dataset = 'ml-latest-small'
    const split = await loadMovieSplit(dataset)
    await useBackend('simd', threads === undefined ? {} : { threads })
    const protocol: Protocol = {
      dataset,
      split,
      graph: BipartiteGraph.fromInteractions(split.train),
      seed,
      metrics: ['ndcg@10'],
    }
    for (const { candidate, label } of depthCandidates) {
      if (!names.includes(candidate.name)) continue
      const trial = await trainCandidate(candidate, protocol)
      logTrial(trial, protocol)
      const row = rowOf(trial, protocol)
      const { meanCosine, dirichletEnergy } = await lastLayerSmoothing(trial.model)
      trial.dispose()
      yield {
        ...row,
        name: label,
        metrics: {
          ...row.metrics,
          ...(meanCosine !== undefined && { 'mean cosine': meanCosine }),
          ...(dirichletEnergy !== undefined && { 'Dirichlet energy': dirichletEnergy }),
        },
      }
    }
  },
}

async function lastLayerSmoothing(model: GraphModel): Promise<Smoothing> {
  const layers = tf.tidy(() => model.layerOutputs())
  const last = layers[layers.length - 1]
  try {
    const [users, items] = await Promise.all([
      last.users.data<'float32'>(),
      last.items.data<'float32'>(),
    ])
    const dimensions = last.users.shape[1]
    return await measureSmoothing(model.graph, { users, items, dimensions })
  } finally {
    tf.dispose(layers.flatMap(({ users, items }) => [users, items]))
  }
}
