import { statistics } from '@gnnrec/eval'
import type { CompletedTrial, TrialResult } from '../results/trial-result.js'

/** A metric over the seeds of a model. */
export interface MetricSummary {
  readonly mean: number
  /** Standard deviation over seeds, divisor n - 1; absent with one seed. */
  readonly deviation?: number
  /** 95 % interval of the mean over seeds, by Student's t; absent when seeds do not differ. */
  readonly interval?: readonly [low: number, high: number]
}

/** What all seeds of a model with a setting found on a data set. */
export interface ModelSummary {
  readonly dataset: string
  readonly model: string
  /** Label of the setting; empty where there is one only. */
  readonly setting: string
  /** Of the trials that were completed, ascending. */
  readonly seeds: readonly number[]
  /** Trials that failed. */
  readonly failed: number
  /** On the test part, by name. */
  readonly metrics: Readonly<Record<string, MetricSummary>>
  /** Of users with rows in train and of those without, where there are such; by name. */
  readonly userGroups?: {
    readonly warm: GroupSummary
    readonly cold: GroupSummary
  }
  /** Mean over seeds; absent for what is not trained in epochs, and where the last epoch was taken. */
  readonly bestEpoch?: number
  /** Mean seconds of training over seeds. */
  readonly trainSeconds?: number
  /** Most memory of any seed's process. */
  readonly peakRssMb?: number
}

/** Some of the users, over seeds. */
export interface GroupSummary {
  readonly users: number
  readonly metrics: Readonly<Record<string, MetricSummary>>
}

/**
 * Summarises the test trials of a run by data set, model and setting, in the order of `results`; what a
 * search tried is left out.
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

/** Completed test trials of a model with a setting on a data set, by ascending seed. */
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
    ...{ dataset, model, setting, seeds: trials.map(({ seed }) => seed) },
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
  const center = mean(values)
  if (values.length < 2) return { mean: center }
  const squares = values.reduce((sum, value) => sum + (value - center) ** 2, 0)
  // Against 0 the test's interval is that of the mean.
  const test = statistics.pairedTTest(values, new Float64Array(values.length))
  return {
    ...{ mean: center, deviation: Math.sqrt(squares / (values.length - 1)) },
    ...(test && { interval: test.interval }),
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
