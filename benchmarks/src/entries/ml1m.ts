import { filterRating, loadMovieLens, randomSplit } from '@gnnrec/data'
import { BipartiteGraph, rowCount, type Split } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/graph/ops'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { ml1mBaselines, ml1mSettings } from '../settings/ml1m.js'
import { fitBestBaseline } from '../trials/baseline.js'
import { modelsNamed } from '../trials/candidate.js'
import type { Protocol } from '../trials/protocol.js'
import { logTrial, rowOf, trainCandidate } from '../trials/trial.js'

const SPLIT_SEED = 2020
/** RecBole-GNN's README, for this data, these parts and 64 dimensions; its split is another draw. */
const published = {
  'BPR-MF, published for RecBole-GNN': { recall: 0.1776, ndcg: 0.2401, mrr: 0.4187 },
  'LightGCN, published for RecBole-GNN': { recall: 0.1861, ndcg: 0.2538 },
}

export const ml1m: BenchmarkEntry = {
  summary:
    "MovieLens-1M in RecBole-GNN's protocol, beside its published numbers (--model, ItemKnn and Ease too)",
  async *run({ seed, threads, model: only }) {
    const isBaseline = only !== undefined && only in ml1mBaselines
    const names = isBaseline ? [] : modelsNamed(only)
    const baselines = Object.entries(ml1mBaselines).filter(
      ([name]) => only === undefined || only === name,
    )
    const split = await loadSplit()
    await useBackend('simd', threads === undefined ? {} : { threads })
    const dataset = 'ml-1m'
    const protocol: Protocol = {
      ...{ dataset, split, graph: BipartiteGraph.fromInteractions(split.train), seed },
      metrics: ['mrr@10', 'recall@10', 'ndcg@10'],
    }
    const parts = [split.train, split.validation, split.test].map(rowCount)
    const { userCount, itemCount } = protocol.graph
    console.log(
      `${userCount} users, ${itemCount} items; ${parts.join(' / ')} ratings of 3 and more to train, validate and test; split seed ${SPLIT_SEED}`,
    )
    for (const [name, values] of Object.entries(published)) {
      const metrics = Object.entries(values).map(([metric, value]) => [`test ${metric}@10`, value])
      yield { name, dataset, metrics: Object.fromEntries(metrics) }
    }
    for (const make of [
      ...baselines.map(
        ([, candidates]) =>
          () =>
            fitBestBaseline(candidates, protocol),
      ),
      ...names.map((name) => () => trainCandidate(ml1mSettings[name], protocol)),
    ]) {
      const trial = await make()
      logTrial(trial, protocol)
      trial.dispose()
      const row = rowOf(trial, protocol)
      yield { ...row, settings: { ...row.settings, splitSeed: SPLIT_SEED } }
    }
  },
}

/** Ratings of 3 and more, 8:1:1 of each user's at random, with RecBole's rounding. */
async function loadSplit(): Promise<Split> {
  const { interactions } = await loadMovieLens('1m')
  return randomSplit(filterRating(interactions, { atLeast: 3 }), {
    ...{ scope: 'user', ratios: [0.8, 0.1, 0.1], rounding: 'down', seed: SPLIT_SEED },
  })
}
