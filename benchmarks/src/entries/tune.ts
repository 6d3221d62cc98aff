import { BipartiteGraph } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { searches } from '../settings/searches.js'
import { modelsNamed, settingsOf } from '../trials/candidate.js'
import { loadMovieSplit, movieDataset } from '../trials/movie-split.js'
import type { Protocol } from '../trials/protocol.js'
import { runSearch } from '../trials/search.js'
import { logTrial, rowOf, trainCandidate } from '../trials/trial.js'

export const tune: BenchmarkEntry = {
  summary: 'settings of each model, chosen on validation (--dataset, --model)',
  async *run({ seed, threads, ...settings }) {
    const dataset = movieDataset(settings.dataset)
    const names = modelsNamed(settings.model)
    const split = await loadMovieSplit(dataset)
    await useBackend('simd', threads === undefined ? {} : { threads })
    const protocol: Protocol = {
      dataset,
      split,
      graph: BipartiteGraph.fromInteractions(split.train),
      seed,
      metrics: ['ndcg@20', 'recall@20', 'ndcg@10', 'coverage@10'],
    }
    const chosen = names.map((name) => ({ name, space: settingsOf(searches, name, 'searches.ts') }))
    for (const { name, space } of chosen) {
      const { best, tried } = await runSearch(space, async (candidate) => {
        const trial = await trainCandidate(candidate, protocol)
        logTrial(trial, protocol)
        trial.dispose()
        const value = trial.validation[protocol.metrics[0]]
        return { candidate, value, row: rowOf(trial, protocol) }
      })
      const { options, training } = best.candidate
      console.log(`${name}, best of ${tried}: ${JSON.stringify({ options, training })}`)
      yield { ...best.row, name: `${name}, best of ${tried}` }
    }
  },
}
