import { BipartiteGraph } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { presetCandidate } from '../trials/candidate.js'
import { loadMovieSplit } from '../trials/movie-split.js'
import type { Protocol } from '../trials/protocol.js'
import { rowOf, trainCandidate } from '../trials/trial.js'

export const lazyAdam: BenchmarkEntry = {
  summary: 'BPR-MF by Adam and by lazy Adam on MovieTweetings: time and metrics',
  async *run({ seed, threads }) {
    const dataset = 'movietweetings'
    const split = await loadMovieSplit(dataset)
    await useBackend('simd', threads === undefined ? {} : { threads })
    const protocol: Protocol = {
      dataset,
      split,
      graph: BipartiteGraph.fromInteractions(split.train),
      seed,
      metrics: ['ndcg@20', 'recall@20', 'coverage@10'],
    }
    const bprMf = presetCandidate('bpr-mf', 'recommended')
    for (const batchSize of [bprMf.training.batchSize, 128]) {
      for (const name of ['adam', 'lazy-adam'] as const) {
        const training = { ...bprMf.training, batchSize, optimizer: { name } }
        const trial = await trainCandidate({ ...bprMf, training }, protocol)
        trial.dispose()
        yield { ...rowOf(trial, protocol), name: `${name}, batches of ${batchSize}` }
      }
    }
  },
}
