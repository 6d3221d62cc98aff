import { ProtocolMismatchError, statistics } from '@gnnrec/eval'
import { InvalidOptionsError } from '@gnnrec/graph'
import { canonicalJson } from '../plan/trial.js'
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

/** The seeds for which a metric is undefined. */
interface UndefinedMetric {
  /** The seeds, ascending. */
  readonly seeds: readonly number[]
  /** The reason, of the first of them. */
  readonly reason: string
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
  /** Hash of the split of the completed trials; absent when there are none. */
  readonly splitHash?: string
  /** Metrics on the test part, by name, over the seeds that have a value. */
  readonly metrics: Readonly<Record<string, MetricSummary>>
  /** Metrics that seeds have no value of, by name; absent when all have values. */
  readonly undefinedMetrics?: Readonly<Record<string, UndefinedMetric>>
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
 * a search are left out. Each metric has its mean, standard deviation and 95 % interval over the seeds
 * that have a value.
 *
 * @throws ProtocolMismatchError when the trials of a data set were judged on different splits
 * @throws InvalidOptionsError when a seed of a model is there twice, or with other settings
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
  checkSplits(
    results.flatMap((result) =>
      result.status === 'completed' && result.phase === 'test'
        ? [{ dataset: result.dataset, splitHash: result.split.hash }]
        : [],
    ),
  )
  return summariesOf(results)
}

/** Summarizes results as {@link summarize} does, for tests that look at the splits of reports themselves. */
export function summariesOf(results: readonly TrialResult[]): ModelSummary[] {
  const groups = new Map<string, TrialResult[]>()
  for (const result of results) {
    if (result.phase !== 'test') continue
    const key = JSON.stringify([result.dataset, result.model, result.setting])
    const group = groups.get(key)
    if (group) group.push(result)
    else groups.set(key, [result])
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
  const seconds = trials.map(({ trainSeconds }) => trainSeconds).filter(Number.isFinite)
  checkSame(trials)
  const { metrics, undefinedMetrics } = summaries(trials)
  return {
    dataset,
    model,
    setting,
    seeds: trials.map(({ seed }) => seed),
    failed: results.filter(({ status }) => status === 'failed').length,
    ...(trials.length > 0 && { splitHash: trials[0].split.hash }),
    metrics,
    ...(Object.keys(undefinedMetrics).length > 0 && { undefinedMetrics }),
    ...(groups.length > 0 && {
      userGroups: {
        warm: groupSummary(groups.map(({ warm }) => warm)),
        cold: groupSummary(groups.map(({ cold }) => cold)),
      },
    }),
    ...(epochs.length > 0 && { bestEpoch: mean(epochs) }),
    ...(seconds.length > 0 && { trainSeconds: mean(seconds) }),
    ...(peaks.length > 0 && { peakRssMb: peaks.reduce((most, peak) => Math.max(most, peak)) }),
  }
}

function groupSummary(
  groups: readonly { readonly users: number; readonly metrics: Readonly<Record<string, number>> }[],
): GroupSummary {
  const trials = groups.map(({ metrics }, place) => ({ seed: place, test: metrics }))
  return { users: groups[0].users, metrics: summaries(trials).metrics }
}

function summaries(
  trials: readonly Pick<CompletedTrial, 'seed' | 'test' | 'undefinedMetrics'>[],
): Required<Pick<ModelSummary, 'metrics' | 'undefinedMetrics'>> {
  const metrics: [string, MetricSummary][] = []
  const undefinedMetrics: [string, UndefinedMetric][] = []
  const names = trials.flatMap((trial) => [
    ...Object.keys(trial.test ?? {}),
    ...Object.keys(trial.undefinedMetrics ?? {}),
  ])
  for (const name of new Set(names)) {
    const values = trials.map(({ test }) => ownValue(test, name))
    const defined = values.filter((value) => value !== undefined)
    if (defined.length > 0) metrics.push([name, metricSummary(defined)])
    const without = trials.filter((_, place) => values[place] === undefined)
    if (without.length === 0) continue
    const reason = without[0].undefinedMetrics?.[name] ?? 'the results hold no number for it'
    undefinedMetrics.push([name, { seeds: without.map(({ seed }) => seed), reason }])
  }
  return {
    metrics: Object.fromEntries(metrics),
    undefinedMetrics: Object.fromEntries(undefinedMetrics),
  }
}

/** Returns the value of a name if it is a finite number; a results file may hold something else there. */
function ownValue(
  values: Readonly<Record<string, unknown>> | undefined,
  name: string,
): number | undefined {
  const value = values && Object.hasOwn(values, name) ? values[name] : undefined
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/**
 * Checks that trials of one row differ in nothing but their seeds, as results of an earlier definition in
 * the same folder would.
 *
 * @throws InvalidOptionsError naming the first trial that does not belong to the others
 */
function checkSame(trials: readonly CompletedTrial[]): void {
  const settingsOf = ({ settings: { options, training } }: CompletedTrial) => {
    const { seed: _seed, ...others } = options
    return canonicalJson({ options: others, training })
  }
  for (const [place, trial] of trials.entries()) {
    if (place === 0) continue
    const { dataset, model, setting, seed } = trial
    const [first, before] = [trials[0], trials[place - 1]]
    const isTwice = before.seed === seed
    if (!isTwice && settingsOf(trial) === settingsOf(first)) continue
    const row = [dataset, model, setting].filter(Boolean).join(', ')
    const problem = isTwice
      ? `the results of ${row} have seed ${seed} twice (${before.trial} and ${trial.trial})`
      : `the results of ${row} were made with different settings (${first.trial} and ${trial.trial})`
    throw new InvalidOptionsError(
      `results: ${problem}, so that their mean would mix two experiments. Pass the results that run() returns, or leave those of the earlier experiment out.`,
    )
  }
}

/**
 * Checks that everything on a data set has one split, so that its numbers can be compared.
 *
 * @throws ProtocolMismatchError naming the hashes
 */
export function checkSplits(
  judged: readonly { readonly dataset: string; readonly splitHash?: string }[],
): void {
  const hashes = new Map<string, string>()
  for (const { dataset, splitHash } of judged) {
    if (splitHash === undefined) continue
    const other = hashes.get(dataset) ?? splitHash
    hashes.set(dataset, other)
    if (other === splitHash) continue
    const field = `splitHash of ${dataset}`
    throw new ProtocolMismatchError([{ field, a: other, b: splitHash }])
  }
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
