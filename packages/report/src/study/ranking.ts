import { compareReports, type PairedTests, statistics } from '@gnnrec/eval'
import { hasValue } from './metric-value.js'
import type { StudiedModel } from './studied-model.js'

/** The difference of a model from the best one. */
export interface PairedDifference {
  readonly model: StudiedModel
  /** Value of the model less that of the best model, at most 0. */
  readonly difference: number
  /** Paired tests; undefined if values per user were not kept or no user has both values. */
  readonly tests: PairedTests | undefined
  /** P-value of the permutation test, adjusted by Holm's method for the number of compared models. */
  readonly adjusted: number | undefined
}

/** The order of models of one protocol by the deciding metric. */
export interface Ranking {
  readonly metric: string
  readonly best: StudiedModel
  /** Differences of all other models, in their order. */
  readonly others: readonly PairedDifference[]
}

/** Finds the best model and tests its difference to all others; undefined for fewer than two with a value. */
export function rankModels(
  models: readonly StudiedModel[],
  metric: string,
  confidence: number,
): Ranking | undefined {
  const judged = models.filter((model) => hasValue(model, metric))
  if (judged.length < 2) return undefined
  const best = judged.reduce((a, b) =>
    b.evaluation.metrics[metric] > a.evaluation.metrics[metric] ? b : a,
  )
  const differences = judged
    .filter((model) => model !== best)
    .map((model) => ({ model, ...pairedDifference(model, best, metric, confidence) }))
  const tested = differences.filter(({ tests }) => tests)
  const adjusted = statistics.adjustPValues(tested.map(({ tests }) => tests!.permutation.pValue))
  const others = differences.map((each) => {
    const place = tested.indexOf(each)
    return { ...each, adjusted: place === -1 ? undefined : adjusted[place] }
  })
  return { metric, best, others }
}

/** Returns the value of a model less that of another one, with paired tests where values per user were kept. */
export function pairedDifference(
  model: StudiedModel,
  other: StudiedModel,
  metric: string,
  confidence: number,
): Pick<PairedDifference, 'difference' | 'tests'> {
  const [a, b] = [model.evaluation, other.evaluation]
  if (!a.perUserKept || !b.perUserKept) {
    return { difference: a.metrics[metric] - b.metrics[metric], tests: undefined }
  }
  const found = compareReports(a, b, { metrics: [metric], confidence }).metrics[metric]
  return { difference: found.difference, tests: found.tests }
}
