import type { ResultRow } from '@gnnrec/example-support'
import { BipartiteGraph } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { compareRankings } from '../compare/rankings.js'
import { fitBaseline } from '../trials/baseline.js'
import { modelNames, presetCandidate } from '../trials/candidate.js'
import { loadMovieSplit } from '../trials/movie-split.js'
import type { Protocol } from '../trials/protocol.js'
import { logTrial, rowOf, type Trial, trainCandidate } from '../trials/trial.js'

const listLength = 20
/** Overlap of lists above which two models count as the same model under two names. */
const largestOverlap = 0.95

export const models: BenchmarkEntry = {
  summary:
    'all models with recommended settings on MovieTweetings: metrics, and similarity of their lists',
  async *run({ seed, threads }) {
    const dataset = 'movietweetings'
    const split = await loadMovieSplit(dataset)
    await useBackend('simd', threads === undefined ? {} : { threads })
    const protocol: Protocol = {
      dataset,
      split,
      graph: BipartiteGraph.fromInteractions(split.train),
      seed,
      metrics: ['ndcg@20', 'recall@20', 'coverage@20'],
    }
    const trials: { trial: Trial; row: ResultRow }[] = []
    for (const make of [
      ...['popularity', 'item-knn', 'ease'].map((name) => () => fitBaseline({ name }, protocol)),
      ...modelNames.map(
        (name) => () => trainCandidate(presetCandidate(name, 'recommended'), protocol),
      ),
    ]) {
      const trial = await make()
      logTrial(trial, protocol)
      trials.push({ trial, row: rowOf(trial, protocol) })
      // The recommender works without its model.
      trial.dispose()
    }
    const names = trials.map(({ trial }) => trial.name)
    const { distinctLists, pairs } = compareRankings(
      trials.map(({ trial }) => trial.recommender),
      listLength,
    )
    for (const [place, { row }] of trials.entries()) {
      const share = distinctLists[place] / protocol.graph.userCount
      yield { ...row, metrics: { ...row.metrics, 'distinct lists': share } }
    }
    const isModel = (place: number) => modelNames.some((name) => name === names[place])
    const failures = names
      .filter((_, place) => isModel(place) && distinctLists[place] === 1)
      .map((name) => `${name} gives all users the same list`)
    for (const { pair, overlap, rankCorrelation } of pairs) {
      if (!pair.every(isModel)) continue
      const name = pair.map((place) => names[place]).join(' and ')
      yield { name, dataset, metrics: { [`overlap@${listLength}`]: overlap, rankCorrelation } }
      if (overlap > largestOverlap)
        failures.push(`the lists of ${name} overlap by ${overlap.toFixed(3)}`)
    }
    if (failures.length > 0) throw new Error(`Models are too similar: ${failures.join('; ')}.`)
  },
}
