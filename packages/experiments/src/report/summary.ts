import { statistics } from '@gnnrec/eval'
import type { CompletedTrial, TrialResult } from '../results/trial-result.js'

/** The values of a metric over seeds. */
export interface MetricSummary {
  /** Mean over seeds. */
  readonly mean: number
  /** Standard deviation over seeds, with divisor n - 1; absent with one seed. */
  readonly deviation?: number
  /** 95 % confidence interval of the mean, by Student's t; absent when all values are the same. */
  readonly interval?: readonly [low: number, high: number]
}

/** The results of a model with a setting on a data set, over seeds. */
export interface ModelSummary {
  /** Label of the data set. */
  readonly dataset: string
  /** Label of the model. */
  readonly model: string
  /** Label of the setting; empty when the model has only one. */
  readonly setting: string
  /** Seeds of the completed trials, ascending. */
  readonly seeds: readonly number[]
  /** Number of trials that failed. */
  readonly failed: number
  /** Metrics on the test part, by name. */
  readonly metrics: Readonly<Record<string, MetricSummary>>
  /** Metrics of users with and without training interactions; absent when all users have some. */
  readonly userGroups?: {
    readonly warm: GroupSummary
    readonly cold: GroupSummary
  }
  /** Mean best epoch over seeds; absent for a baseline, and when the last epoch was taken. */
  readonly bestEpoch?: number
  /** Mean seconds of training over seeds. */
  readonly trainSeconds?: number
  /** Most memory of a trial's process, in megabytes. */
  readonly peakRssMb?: number
}

/** The results of a group of users, over seeds. */
interface GroupSummary {
  /** Number of users in the group. */
  readonly users: number
  /** Metrics on the test part, by name. */
  readonly metrics: Readonly<Record<string, MetricSummary>>
}

/**
 * Summarizes the test trials of a run by data set, model and setting, in the order of `results`. Trials of
 * a search are left out. Each metric has its mean, standard deviation and 95 % interval over seeds.
 *
 * @example
 * ```ts no-run
 * import { readResults, resultTable, summarize, toMarkdown } from '@gnnrec/experiments'
 *
 * const models = summarize([...(await readResults('runs/layers')).values()])
 * console.log(toMarkdown(resultTable(models, { metrics: ['ndcg@20'], digits: 3 })))
 * ```
 */
export function summarize(results: readonly TrialResult[]): ModelSummary[] {
  const groups = new Map<string, TrialResult[]>()
  for (const result of results) {
    if (result.phase !== 'test') continue
    const key = JSON.stringify([result.dataset, result.model, result.setting])
    groups.set(key, [...(groups.get(key) ?? []), result])
  }
  return [...groups.values()].map(summaryOf)
}

/** Returns the completed test trials of a model with a setting on a data set, by ascending seed. */
export function completedTrials(
  results: readonly TrialResult[],
  { dataset, model, setting }: Pick<ModelSummary, 'dataset' | 'model' | 'setting'>,
): CompletedTrial[] {
  return results
    .filter(
      (result): result is CompletedTrial =>
        result.status === 'completed' &&
        result.phase === 'test' &&
        result.dataset === dataset &&
        result.model === model &&
        result.setting === setting,
    )
    .sort((a, b) => a.seed - b.seed)
}

function summaryOf(results: readonly TrialResult[]): ModelSummary {
  const [{ dataset, model, setting }] = results
  const trials = completedTrials(results, { dataset, model, setting })
  const epochs = trials.flatMap(({ bestEpoch }) => bestEpoch ?? [])
  const peaks = trials.flatMap(({ peakRssMb }) => peakRssMb ?? [])
  const groups = trials.flatMap(({ userGroups }) => userGroups ?? [])
  return {
    dataset,
    model,
    setting,
    seeds: trials.map(({ seed }) => seed),
    failed: results.filter(({ status }) => status === 'failed').length,
    metrics: summaries(trials.map(({ test }) => test ?? {})),
    ...(groups.length > 0 && {
      userGroups: {
        warm: groupSummary(groups.map(({ warm }) => warm)),
        cold: groupSummary(groups.map(({ cold }) => cold)),
      },
    }),
    ...(epochs.length > 0 && { bestEpoch: mean(epochs) }),
    ...(trials.length > 0 && {
      trainSeconds: mean(trials.map(({ trainSeconds }) => trainSeconds)),
    }),
    ...(peaks.length > 0 && { peakRssMb: Math.max(...peaks) }),
  }
}

function groupSummary(
  groups: readonly { readonly users: number; readonly metrics: Readonly<Record<string, number>> }[],
): GroupSummary {
  return { users: groups[0].users, metrics: summaries(groups.map(({ metrics }) => metrics)) }
}

function summaries(
  values: readonly Readonly<Record<string, number>>[],
): Record<string, MetricSummary> {
  const names = Object.keys(values[0] ?? {})
  return Object.fromEntries(
    names.map((name) => [name, metricSummary(values.map((each) => each[name]))]),
  )
}

function metricSummary(values: readonly number[]): MetricSummary {
  const centre = mean(values)
  if (values.length < 2) return { mean: centre }
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0)
  // The interval of a paired test against zeros is that of the mean.
  const test = statistics.pairedTTest(values, new Float64Array(values.length))
  return {
    mean: centre,
    deviation: Math.sqrt(squares / (values.length - 1)),
    ...(test && { interval: test.interval }),
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
