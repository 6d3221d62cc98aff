import { EmptySplitError, type MetricAtK, parseMetric } from '@gnnrec/eval'
import { type InteractionTable, InvalidOptionsError, rowCount, type Split } from '@gnnrec/graph'
import type { EpochRecord } from '../record/training-history.js'

/** A measure that decides which epoch is best: a validation metric, to grow, or the loss, to fall. */
interface Monitor {
  readonly name: string
  readonly mode: 'max' | 'min'
}

/** Name under which the training loss is monitored. */
export const lossMonitor = 'loss'

/** Metrics that an evaluation computes beside the deciding one when none are asked for. */
const defaultMetrics = ['recall@10', 'ndcg@10']

/** Evaluations on the validation part, and the measure that decides. */
export interface Evaluations {
  /** Names of the validation metrics, each once. */
  readonly metrics: readonly string[]
  /** Those of them that are not built in, by their names. */
  readonly ownMetrics: ReadonlyMap<string, MetricAtK>
  readonly monitor: Monitor | null
  /** Epochs between evaluations. */
  readonly evaluateEvery: number
}

/**
 * Works out the metrics of a training, and which of them decides.
 *
 * @param stopOn - the metric of early stopping
 * @throws InvalidOptionsError when a metric does not exist or asks for more items than there are, or
 * the validation part is the test part
 * @throws EmptySplitError when an evaluation is asked for and the validation part has no rows
 */
export function resolveEvaluations(
  split: Split | undefined,
  asked: {
    /** The metrics asked for; undefined for the default ones. */
    readonly metrics: readonly (string | MetricAtK)[] | undefined
    readonly stopOn: string | undefined
    readonly evaluateEvery: number | undefined
  },
): Evaluations {
  const { stopOn, evaluateEvery } = asked
  const { names: others, own: ownMetrics } = named(asked.metrics ?? defaultsBeside(stopOn, split))
  const all = stopOn === undefined ? others : [stopOn, ...others]
  const metrics = [...new Set(all)].filter((metric) => metric !== lossMonitor)
  const evaluates = metrics.length > 0 || evaluateEvery !== undefined
  for (const metric of metrics) {
    const k = ownMetrics.has(metric) ? ownMetrics.get(metric)?.k : cutoffOf(metric)
    checkCutoff(metric, k, split?.train.items.size)
  }
  if (evaluates && (!split || rowCount(split.validation) === 0)) {
    const problem = split ? 'The validation part of the split is empty' : 'There is no split'
    throw new EmptySplitError(
      `${problem}, so nothing can be evaluated; give a split with a validation part, or leave out earlyStopping, metrics and evaluateEvery.`,
    )
  }
  if (evaluates && split && isSame(split.validation, split.test)) {
    throw new InvalidOptionsError(
      'split: got one whose validation part is its test part, on which nothing may be chosen; split with a validation part of its own, or leave out earlyStopping, metrics and evaluateEvery.',
    )
  }
  if (evaluates && metrics.length === 0) {
    throw new InvalidOptionsError(
      `evaluateEvery: got ${evaluateEvery}, but there is no metric to evaluate; set metrics (for instance ['ndcg@10']) or earlyStopping.`,
    )
  }
  const [name] = all
  const monitor: Monitor | null = name ? { name, mode: name === lossMonitor ? 'min' : 'max' } : null
  return { metrics, ownMetrics, monitor, evaluateEvery: evaluateEvery ?? 1 }
}

/** Returns the monitored value of an epoch: NaN where the metric is undefined, undefined without an evaluation. */
export function monitoredValue(
  { loss, validation }: EpochRecord,
  monitor: Monitor | null,
): number | undefined {
  if (!monitor) return undefined
  if (monitor.name === lossMonitor) return loss
  return validation && (validation[monitor.name] ?? Number.NaN)
}

/** Returns a monitored value such that more is better; null where there is none. */
export function rankOf(value: number | undefined, monitor: Monitor | null): number | null {
  if (value === undefined || Number.isNaN(value)) return null
  return monitor?.mode === 'min' ? -value : value
}

/** Returns the metrics that are computed besides unless others are asked for: none where nothing is evaluated. */
function defaultsBeside(stopOn: string | undefined, split: Split | undefined): readonly string[] {
  if (stopOn === undefined || stopOn === lossMonitor || !split) return []
  return defaultMetrics.filter((metric) => (parseMetric(metric).k ?? 0) <= split.train.items.size)
}

/** Returns true when two tables of one split have the same rows in the same order. */
function isSame(a: InteractionTable, b: InteractionTable): boolean {
  return (
    rowCount(a) === rowCount(b) &&
    a.userIndex.every(
      (user, row) => user === b.userIndex[row] && a.itemIndex[row] === b.itemIndex[row],
    )
  )
}

/** Returns the names of metrics, and those that are not built in by their names. */
function named(metrics: readonly (string | MetricAtK)[]) {
  const own = new Map<string, MetricAtK>()
  const names = metrics.map((each) => {
    if (typeof each === 'string') return each
    const { metric, k } = each
    const name = k === undefined ? metric.name : `${metric.name}@${k}`
    own.set(name, each)
    return name
  })
  return { names, own }
}

/** @throws InvalidOptionsError for a name that is no validation metric */
function cutoffOf(text: string): number | undefined {
  if (/^test\b/i.test(text)) {
    throw new InvalidOptionsError(
      `metrics: got '${text}', but training must not look at the test part, or its results would be chosen on it; name a metric of the validation part, such as 'ndcg@10'.`,
    )
  }
  return parseMetric(text).k
}

function checkCutoff(
  text: string,
  k: number | undefined,
  itemCount = Number.POSITIVE_INFINITY,
): void {
  if (k === undefined || k <= itemCount) return
  throw new InvalidOptionsError(
    `metrics: '${text}' asks for lists of ${k} items, but there are ${itemCount}; expected a cut-off in 1..${itemCount}.`,
  )
}
