import { InvalidOptionsError, parseOptions, type Split } from '@gnnrec/graph'
import { z } from 'zod'
import type { ItemVectors } from './metrics/item-statistics.js'
import type { Metric, MetricAtK } from './metrics/metric.js'
import { parseMetric } from './metrics/parse-metric.js'

/** How far an evaluation has come. */
export interface EvaluationProgress {
  /** Users ranked so far. */
  readonly usersDone: number
  /** Users to rank in all: those with a relevant item. */
  readonly usersTotal: number
}

/** Options of `evaluate`. */
export interface EvaluateOptions {
  /** The split the ranker was trained with. Required. */
  readonly split: Split
  /** The part whose items count as relevant. Required. */
  readonly on: 'validation' | 'test'
  /**
   * What to compute: strings `NAME@K` such as `'recall@20'` (all names: `parseMetric`), or metrics of
   * your own as `{ metric, k }`. K is in 1..(number of items). Required, at least one, no name twice.
   */
  readonly metrics: readonly (string | MetricAtK)[]
  /**
   * A vector per item for `intraListDiversity`. Default: an item is the set of its training users.
   */
  readonly itemVectors?: ItemVectors | undefined
  /**
   * Whether the report keeps the values of every user, which `compare` needs: 8 bytes a user and
   * metric. Default true.
   */
  readonly perUser?: boolean | undefined
  /** Ends the evaluation between two blocks; `evaluate` then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /**
   * Most users scored by one `scoreUsers` call, at least 1. The results do not depend on it, the
   * score buffer does: `blockSize × items × 4` bytes. Default: what fits into 32 MB, at least 1.
   */
  readonly blockSize?: number | undefined
  /** Called after every block. */
  readonly onProgress?: ((progress: EvaluationProgress) => void) | undefined
}

/** Checked options: metrics are resolved and within range. */
export interface ResolvedEvaluateOptions extends EvaluateOptions {
  readonly metrics: readonly MetricAtK[]
  readonly perUser: boolean
}

const schema = z.strictObject({
  split: z.custom<Split>(isSplit, { error: 'expected a Split (splitRows, createSplit)' }),
  on: z.enum(['validation', 'test']),
  metrics: z
    .array(
      z.union(
        [
          z.string(),
          z.strictObject({ metric: z.custom<Metric>(isMetric), k: z.int().positive().optional() }),
        ],
        { error: "expected a string such as 'recall@20', or { metric: Metric, k: integer >= 1 }" },
      ),
    )
    .min(1),
  itemVectors: z
    .strictObject({
      values: z.union([z.instanceof(Float32Array), z.instanceof(Float64Array)]),
      dimensions: z.int().positive(),
    })
    .optional(),
  perUser: z.boolean().default(true),
  signal: z.custom<AbortSignal>(isAbortSignal, { error: 'expected an AbortSignal' }).optional(),
  blockSize: z.int().positive().optional(),
  onProgress: z
    .custom<(progress: EvaluationProgress) => void>((value) => typeof value === 'function', {
      error: 'expected a function',
    })
    .optional(),
})

/** @throws InvalidOptionsError naming every field that is wrong */
export function parseEvaluateOptions(options: EvaluateOptions): ResolvedEvaluateOptions {
  const parsed = parseOptions('evaluate', schema, options)
  const itemCount = parsed.split.train.items.size
  const names = new Set<string>()
  const metrics = parsed.metrics.map((entry) => {
    const resolved = typeof entry === 'string' ? parseMetric(entry) : entry
    const name = metricName(resolved)
    const { metric, k } = resolved
    if ((k === undefined) !== (metric.hasCutoff === false)) {
      throw new InvalidOptionsError(
        `metrics: '${metric.name}' got ${k === undefined ? 'no cut-off' : `the cut-off ${k}`}; expected ${k === undefined ? 'k, for the metric has a cut-off' : 'none, for hasCutoff is false'}.`,
      )
    }
    if (k !== undefined && k > itemCount) {
      throw new InvalidOptionsError(
        `metrics: '${name}' asks for lists of ${k} items, but there are ${itemCount}; expected a cut-off in 1..${itemCount}.`,
      )
    }
    if (names.has(name)) {
      throw new InvalidOptionsError(`metrics: '${name}' is listed twice; expected different names.`)
    }
    names.add(name)
    return resolved
  })
  return { ...parsed, metrics }
}

/** The key of a metric in reports: `'recall@20'`, `'auc'`. */
export function metricName({ metric, k }: MetricAtK): string {
  return k === undefined ? metric.name : `${metric.name}@${k}`
}

function isSplit(value: unknown): boolean {
  const split = value as Partial<Split> | null | undefined
  return (
    typeof split?.hash === 'string' &&
    [split.train, split.validation, split.test].every(
      (part) => part?.userIndex instanceof Int32Array && part.itemIndex instanceof Int32Array,
    )
  )
}

function isMetric(value: unknown): boolean {
  const metric = value as Partial<Metric> | null | undefined
  return (
    (metric?.kind === 'user' || metric?.kind === 'lists') &&
    typeof metric.name === 'string' &&
    typeof metric.denominator === 'string' &&
    typeof metric.create === 'function'
  )
}

function isAbortSignal(value: unknown): boolean {
  return value instanceof AbortSignal
}
