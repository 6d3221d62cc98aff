import { type Id, InvalidOptionsError, isSplit, parseOptions, type Split } from '@gnnrec/graph'
import * as z from 'zod'
import { type Flavour, flavourMetrics, flavours } from './flavours/flavour.js'
import type { ItemVectors } from './metrics/item-statistics.js'
import type { Metric, MetricAtK } from './metrics/metric.js'
import { parseMetricAmong } from './metrics/parse-metric.js'
import type { CandidateSettings } from './protocol/candidates.js'
import { defaultMask, type Mask } from './protocol/mask.js'
import type { UserSelection } from './protocol/ranked-users.js'
import { idList, type SegmentOption, segmentOptionSchema } from './segments/segment-settings.js'

/** The progress of an evaluation. */
export interface EvaluationProgress {
  /** Number of users ranked so far. */
  readonly usersDone: number
  /** Number of users to rank: those with a relevant item. */
  readonly usersTotal: number
}

/** Options that `evaluate` and `evaluateLists` share. */
export interface JudgingOptions {
  /** The split that the ranker was trained on. Required. */
  readonly split: Split
  /** The part of the split whose items count as relevant. Required. */
  readonly on: 'validation' | 'test'
  /**
   * Metrics to compute: names with a cut-off such as `'recall@20'` (see the namespace `metrics`), or
   * metrics of your own as `{ metric, k }`. The cut-off is in 1..(number of candidates). Required, at
   * least one, each name once.
   */
  readonly metrics: readonly (string | MetricAtK)[]
  /**
   * Library whose definitions the names in `metrics` mean, for the metrics that it has. The ranking and
   * the users stay the same.
   *
   * @defaultValue 'gnnrec'
   */
  readonly flavour?: Flavour | undefined
  /**
   * A vector per item for `intraListDiversity`, such as its genres.
   *
   * @defaultValue one dimension per training user of the item
   */
  readonly itemVectors?: ItemVectors | undefined
  /**
   * Parts of the split whose items are not recommended to their users again.
   *
   * @defaultValue 'train' on the validation part, 'train+validation' on the test part
   */
  readonly mask?: Mask | undefined
  /**
   * Users to judge among those with a relevant item: `'all'`, `'warm'` (with training interactions),
   * `'cold'` (without), or ids of users.
   *
   * @defaultValue 'all'
   */
  readonly users?: UserSelection | undefined
  /**
   * Groups of users or items for which the report's `segments` hold metrics of their own:
   * `'user-warmth'`, `'user-activity'`, `'item-popularity'`, or `{ by, edges }` for buckets of your own.
   *
   * @defaultValue none
   */
  readonly segments?: readonly SegmentOption[] | undefined
  /**
   * True if the report keeps the values of every user, which `compareReports` needs. They take 8 bytes
   * per user and metric.
   *
   * @defaultValue true
   */
  readonly perUser?: boolean | undefined
}

/** Options of `evaluate`. */
export interface EvaluateOptions extends JudgingOptions {
  /**
   * Items to rank: `'all'` items, ids of items for everybody, a map from ids of users to ids of items,
   * or `{ negatives, distribution, seed }` to rank the relevant items among a random sample. Masked
   * items are never candidates. Except with `'all'`, the numbers cannot be compared with those of a full
   * ranking, and the report carries a flag for it.
   *
   * @defaultValue 'all'
   */
  readonly candidates?: CandidateSettings | undefined
  /** Signal that ends the evaluation between two blocks; `evaluate` then rejects with its reason. */
  readonly signal?: AbortSignal | undefined
  /**
   * Largest number of users that one call of `scoreUsers` scores, an integer >= 1. The scores of one call take
   * 32 MB at most, unless a single user needs more; the results do not depend on it.
   *
   * @defaultValue as many users as fit into 32 MB
   */
  readonly blockSize?: number | undefined
  /** Function that is called, and waited for, after every block of users. */
  readonly onProgress?: ((progress: EvaluationProgress) => unknown) | undefined
}

/**
 * Checked options that `evaluate` and `evaluateLists` share, with metrics resolved and defaults filled
 * in.
 */
export interface ResolvedJudging extends JudgingOptions {
  readonly metrics: readonly MetricAtK[]
  readonly flavour: Flavour
  readonly mask: Mask
  readonly users: UserSelection
  readonly segments: readonly SegmentOption[]
  readonly perUser: boolean
}

/** Checked options of `evaluate`. */
export type ResolvedEvaluateOptions = ResolvedJudging &
  Omit<EvaluateOptions, 'candidates'> & { readonly candidates: CandidateSettings }

/** The fields of a zod schema for {@link JudgingOptions}. */
export const judgingShape = {
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
  flavour: z.enum(flavours).default('gnnrec'),
  itemVectors: z
    .strictObject({
      values: z.union([z.instanceof(Float32Array), z.instanceof(Float64Array)]),
      dimensions: z.int().positive(),
    })
    .optional(),
  mask: z.enum(['train', 'train+validation', 'none']).optional(),
  users: z
    .union([z.enum(['all', 'warm', 'cold']), idList], {
      error: "expected 'all', 'warm', 'cold' or an array of ids",
    })
    .default('all'),
  segments: z.array(segmentOptionSchema).default([]),
  perUser: z.boolean().default(true),
}

const candidateSchema = z.union(
  [
    z.literal('all'),
    idList.min(1),
    z.custom<ReadonlyMap<Id, readonly Id[]>>(isMapOfIds),
    z.strictObject({
      negatives: z.int().positive(),
      distribution: z.enum(['uniform', 'popularity']).optional(),
      seed: z.union([z.number(), z.string()]).optional(),
    }),
  ],
  {
    error:
      "expected 'all', an array of ids, a Map of ids of users to such arrays, or { negatives: integer >= 1, distribution?: 'uniform' | 'popularity', seed? }",
  },
)

const schema = z.strictObject({
  ...judgingShape,
  candidates: candidateSchema.default('all'),
  signal: z.custom<AbortSignal>(isAbortSignal, { error: 'expected an AbortSignal' }).optional(),
  blockSize: z.int().positive().optional(),
  onProgress: z
    .custom<(progress: EvaluationProgress) => unknown>((value) => typeof value === 'function', {
      error: 'expected a function',
    })
    .optional(),
})

/** @throws InvalidOptionsError naming every field that is wrong */
export function parseEvaluateOptions(options: EvaluateOptions): ResolvedEvaluateOptions {
  const parsed = parseOptions('evaluate', schema, options)
  return { ...parsed, ...resolveJudging(parsed) }
}

/** Resolves the metrics and defaults of options that a schema with {@link judgingShape} has checked. */
export function resolveJudging(
  parsed: JudgingOptions & Pick<ResolvedJudging, 'flavour' | 'users' | 'segments' | 'perUser'>,
): ResolvedJudging {
  const known = flavourMetrics(parsed.flavour)
  const owner = parsed.flavour === 'gnnrec' ? undefined : parsed.flavour
  const names = new Set<string>()
  const metrics = parsed.metrics.map((entry) => {
    const resolved = typeof entry === 'string' ? parseMetricAmong(entry, known, owner) : entry
    const name = metricName(resolved)
    const { metric, k } = resolved
    if ((k === undefined) !== (metric.hasCutoff === false)) {
      throw new InvalidOptionsError(
        `metrics: '${metric.name}' got ${k === undefined ? 'no cut-off' : `the cut-off ${k}`}; expected ${k === undefined ? 'k, for the metric has a cut-off' : 'none, for hasCutoff is false'}.`,
      )
    }
    if (names.has(name)) {
      throw new InvalidOptionsError(`metrics: '${name}' is listed twice; expected different names.`)
    }
    names.add(name)
    return resolved
  })
  return { ...parsed, metrics, mask: parsed.mask ?? defaultMask(parsed.on) }
}

/** @throws InvalidOptionsError when a metric asks for longer lists than there are candidates */
export function checkCutoffs(metrics: readonly MetricAtK[], candidates: number): void {
  for (const entry of metrics) {
    if (entry.k === undefined || entry.k <= candidates) continue
    throw new InvalidOptionsError(
      `metrics: '${metricName(entry)}' asks for lists of ${entry.k} items, but there are ${candidates}; expected a cut-off in 1..${candidates}.`,
    )
  }
}

/** Returns the name of a metric in reports: `'recall@20'`, `'auc'`. */
export function metricName({ metric, k }: MetricAtK): string {
  return k === undefined ? metric.name : `${metric.name}@${k}`
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

function isMapOfIds(value: unknown): boolean {
  return value instanceof Map && [...value.values()].every((ids) => idList.safeParse(ids).success)
}

function isAbortSignal(value: unknown): boolean {
  return value instanceof AbortSignal
}
