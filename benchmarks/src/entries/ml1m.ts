import { BipartiteGraph, rowCount } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { ml1mBaselines, ml1mSettings } from '../settings/ml1m.js'
import { fitBestBaseline } from '../trials/baseline.js'
import { modelsNamed, settingsOf } from '../trials/candidate.js'
import { loadMl1mSplit, ml1mSplitSeed } from '../trials/ml1m-split.js'
import type { Protocol } from '../trials/protocol.js'
import { logTrial, rowOf, trainCandidate } from '../trials/trial.js'

/**
 * Figures of RecBole-GNN's README for the same data, ratios and 64 dimensions; its random split
 * differs.
 */
const published = {
  'BPR-MF, published for RecBole-GNN': { recall: 0.1776, ndcg: 0.2401, mrr: 0.4187 },
  'LightGCN, published for RecBole-GNN': { recall: 0.1861, ndcg: 0.2538 },
}

export const ml1m: BenchmarkEntry = {
  summary:
    "MovieLens-1M in RecBole-GNN's protocol, to compare with its published figures (--model, also item-knn and ease)",
  async *run({ seed, threads, model: only }) {
    const isBaseline = only !== undefined && only in ml1mBaselines
    const names = isBaseline ? [] : modelsNamed(only)
    const baselines = Object.entries(ml1mBaselines).filter(
      ([name]) => only === undefined || only === name,
    )
    const split = await loadMl1mSplit()
    await useBackend('simd', threads === undefined ? {} : { threads })
    const dataset = 'ml-1m'
    const protocol: Protocol = {
      dataset,
      split,
      graph: BipartiteGraph.fromInteractions(split.train),
      seed,
      metrics: ['mrr@10', 'recall@10', 'ndcg@10'],
    }
    const parts = [split.train, split.validation, split.test].map(rowCount)
    const { userCount, itemCount } = protocol.graph
    console.log(
      `${userCount} users, ${itemCount} items; ${parts.join(' / ')} ratings of 3 and more to train, validate and test; split seed ${ml1mSplitSeed}`,
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
      ...names
        .map((name) => settingsOf(ml1mSettings, name, 'ml1m.ts'))
        .map((settings) => () => trainCandidate(settings, protocol)),
    ]) {
      const trial = await make()
      logTrial(trial, protocol)
      trial.dispose()
      const row = rowOf(trial, protocol)
      yield { ...row, settings: { ...row.settings, splitSeed: ml1mSplitSeed } }
    }
  },
}
