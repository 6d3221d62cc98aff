import { evaluate } from '@gnnrec/eval'
import type { ResultRow } from '@gnnrec/example-support'
import { BipartiteGraph, type Split } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { SpectralFilter, type SpectralFilterOptions } from '@gnnrec/models'
import type { SpectralFilterRecommender } from '@gnnrec/serving'
import { peakMegabytes } from '../measure.js'
import { tenthForValidation } from '../trials/named-splits.js'
import { drawHistories, historyLength, medianMilliseconds } from './histories.js'

/** The data and the settings that are tried. */
interface FilterTrial {
  readonly dataset: string
  readonly split: Split
  readonly candidates: readonly SpectralFilterOptions[]
  readonly seed: number
  readonly threads: number | undefined
}

const metrics = ['recall@20', 'ndcg@20']

/**
 * Chooses among filters on a tenth of each user's train part, and yields the figures of the chosen one, for which
 * the test part is read once.
 */
export async function* measureFilters(trial: FilterTrial): AsyncGenerator<ResultRow> {
  const { dataset, split, candidates, seed, threads } = trial
  await defaultRuntime().setThreads(threads)
  const inner = tenthForValidation(split.train)
  let best: { options: SpectralFilterOptions; ndcg: number } | undefined
  for (const options of candidates) {
    const { report, ...times } = await fitAndRank(inner, 'validation', options, seed)
    const ndcg = report.metrics['ndcg@20'] as number
    if (!best || ndcg > best.ndcg) best = { options, ndcg }
    yield row(`${options.filter}, validation`, dataset, options, report.metrics, times)
  }
  if (!best) return
  const { options } = best
  const { model, report, ...times } = await fitAndRank(split, 'test', options, seed)
  yield row(`${options.filter}, chosen, test`, dataset, options, report.metrics, times)
  yield* timesOfOneHistory(model, dataset, options, seed)
  await defaultRuntime().setThreads(threads)
}

async function fitAndRank(
  split: Split,
  on: 'validation' | 'test',
  options: SpectralFilterOptions,
  seed: number,
) {
  const graph = BipartiteGraph.fromInteractions(split.train)
  const model = new SpectralFilter(
    graph,
    options.filter === 'linear' ? options : { ...options, seed },
  )
  const started = performance.now()
  const recommender = await model.toRecommender()
  const fitted = performance.now()
  const report = await evaluate(recommender, { split, on, metrics })
  const ranked = performance.now()
  return {
    model,
    report,
    fitSeconds: (fitted - started) / 1000,
    rankSeconds: (ranked - fitted) / 1000,
  }
}

function row(
  name: string,
  dataset: string,
  settings: SpectralFilterOptions,
  figures: Readonly<Record<string, number>>,
  { fitSeconds, rankSeconds }: { fitSeconds: number; rankSeconds: number },
): ResultRow {
  return {
    name,
    dataset,
    model: 'spectral-filter',
    settings: { ...settings },
    metrics: {
      ...figures,
      'seconds of decomposition': fitSeconds,
      'seconds of ranking': rankSeconds,
    },
    seconds: fitSeconds + rankSeconds,
    peakRssMb: peakMegabytes(),
  }
}

/** Times a history on one thread, by the exact filter and by the compiled one. */
async function* timesOfOneHistory(
  model: SpectralFilter,
  dataset: string,
  settings: SpectralFilterOptions,
  seed: number,
): AsyncGenerator<ResultRow> {
  const exact = (await model.toRecommender()) as SpectralFilterRecommender
  const started = performance.now()
  const compiled = await model.compile({ seed })
  const seconds = (performance.now() - started) / 1000
  await defaultRuntime().setThreads(1)
  const histories = drawHistories(exact.itemCount, seed)
  const { overlap } = compiled.origin.options['compiled'] as { overlap: number }
  yield {
    name: `one history of ${historyLength} items, one thread`,
    dataset,
    model: 'spectral-filter',
    settings: { ...settings },
    seconds,
    peakRssMb: peakMegabytes(),
    metrics: {
      'ms exact': medianMilliseconds(exact, histories),
      'ms compiled': medianMilliseconds(compiled, histories),
      'overlap at 20': overlap,
      'seconds of compiling': seconds,
    },
  }
}
