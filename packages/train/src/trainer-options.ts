import { EmptySplitError, parseMetric } from '@gnnrec/eval'
import {
  InvalidOptionsError,
  type NegativeDistribution,
  parseOptions,
  rowCount,
  type SamplingStrategy,
  type Split,
} from '@gnnrec/graph'
import type {
  EarlyStoppingSettings,
  GraphModel,
  OptimizerSettings,
  ScheduleSettings,
} from '@gnnrec/models'
import * as z from 'zod'
import { minimumChangeSchema } from './early-stopping.js'
import type { ProgressStyle } from './progress/create-reporter.js'
import type { ProgressReporter } from './progress/progress-reporter.js'
import type { LearningRateSchedule } from './schedules/learning-rate-schedule.js'
import { scheduleFrom } from './schedules/schedule-from.js'

/**
 * Options of `Trainer`: the `training` half of a preset (`epochs`, `batchSize`, `learningRate` and
 * `sampling` are required) and what it is applied to.
 *
 * Validation metrics are `earlyStopping.metric` and `metrics`. If there are any, the model is
 * evaluated every `evaluateEvery` epochs and after the last, and ends with the weights of the best
 * epoch by the first of them; otherwise it keeps the last weights.
 */
export interface TrainerOptions {
  /** The model to train, made on the graph of `split.train`. Its weights change in place. */
  readonly model: GraphModel
  /** The split: train is trained on, validation judges, test is not looked at. */
  readonly split: Split
  /** Passes over the training data, an integer >= 1. */
  readonly epochs: number
  /** Samples of a step, an integer >= 1; more than an epoch has are one step. */
  readonly batchSize: number
  /** Base learning rate, > 0; the schedule scales it. */
  readonly learningRate: number
  /** Which pairs an epoch visits; see `BatchIterator` of `@gnnrec/graph`. */
  readonly sampling: SamplingStrategy
  /** Negatives for each positive, an integer >= 1. @defaultValue 1 */
  readonly negativesPerPositive?: number
  /** `'uniform'` or `{ popularityExponent }` (>= 0). @defaultValue 'uniform' */
  readonly negatives?: NegativeDistribution
  /** Adam or plain gradient descent. @defaultValue { name: 'adam' } */
  readonly optimizer?: OptimizerSettings
  /**
   * Coupled weight decay (>= 0) by group of parameters, which is the first part of their names:
   * `{ conv: 0.01 }` for `conv.0.weight`. Tables of embeddings cannot decay. @defaultValue none
   */
  readonly weightDecay?: Readonly<Record<string, number>>
  /** A schedule as data or as a function. @defaultValue the base rate throughout */
  readonly schedule?: ScheduleSettings | LearningRateSchedule
  /** Largest global norm of the gradient, > 0. @defaultValue none */
  readonly clipNorm?: number
  /** Epochs between evaluations on the validation part, an integer >= 1. @defaultValue 1 */
  readonly evaluateEvery?: number
  /**
   * Ends training when a validation metric has stopped growing; warm-up epochs of the schedule do
   * not count. @defaultValue never
   */
  readonly earlyStopping?: EarlyStoppingSettings
  /** Validation metrics to log, such as `'recall@20'`. @defaultValue none */
  readonly metrics?: readonly string[]
  /** Seed of sampling and of what the model redraws while training. @defaultValue 0 */
  readonly seed?: number | string
  /**
   * What is shown on stderr: a bar, one line an epoch or nothing; `'auto'` draws a bar on a terminal
   * and writes lines elsewhere (nothing in a page). A reporter of your own shows what it likes.
   *
   * @defaultValue 'auto'
   */
  readonly progress?: ProgressStyle | ProgressReporter
  /**
   * Whether Ctrl-C (SIGINT) ends training as an `AbortSignal` does; a second one ends the process.
   *
   * @defaultValue true
   */
  readonly handleInterrupt?: boolean
}

const reporterMethods = ['start', 'step', 'epoch', 'end'] as const

const schema = z.strictObject({
  model: z.custom<GraphModel>(isModel, {
    error: 'expected a GraphModel, for instance new LightGcn(graph)',
  }),
  split: z.custom<Split>(isSplit, { error: 'expected a Split (splitRows, createSplit)' }),
  epochs: z
    .int()
    .min(1)
    .max(2 ** 31 - 1),
  batchSize: z.int().min(1),
  learningRate: z.number().positive(),
  sampling: z.enum(['user-uniform', 'interaction-shuffle']),
  negativesPerPositive: z.int().min(1).default(1),
  negatives: z
    .union([z.literal('uniform'), z.strictObject({ popularityExponent: z.number().min(0) })], {
      error: "expected 'uniform' or { popularityExponent: a finite number >= 0 }",
    })
    .default('uniform'),
  optimizer: z
    .custom<OptimizerSettings>((value) => typeof value === 'object' && value !== null, {
      error: "expected an object such as { name: 'adam' }",
    })
    .default({ name: 'adam' }),
  weightDecay: z.record(z.string(), z.number().min(0)).default({}),
  schedule: z
    .custom<ScheduleSettings | LearningRateSchedule>(isScheduleLike, {
      error: "expected a function or an object such as { name: 'constant' }",
    })
    .default({ name: 'constant' }),
  clipNorm: z.number().positive().optional(),
  evaluateEvery: z.int().min(1).optional(),
  earlyStopping: z
    .strictObject({
      metric: z.string(),
      patience: z.int().min(1),
      minimumChange: minimumChangeSchema.default(0),
    })
    .optional(),
  metrics: z.array(z.string()).readonly().default([]),
  seed: z.union([z.number(), z.string()]).default(0),
  progress: z
    .union(
      [z.enum(['auto', 'bar', 'lines', 'none']), z.custom<ProgressReporter>(isProgressReporter)],
      {
        error: `expected 'auto', 'bar', 'lines', 'none' or an object with some of the methods ${reporterMethods.join(', ')}`,
      },
    )
    .default('auto'),
  handleInterrupt: z.boolean().default(true),
})

/** Checked options: the schedule is a function, metrics are listed once, the deciding one first. */
export type ResolvedTrainerOptions = Omit<z.output<typeof schema>, 'schedule'> & {
  readonly schedule: LearningRateSchedule
  readonly evaluateEvery: number
}

/**
 * @throws InvalidOptionsError naming every field that is wrong
 * @throws EmptySplitError when an evaluation is asked for and the validation part has no rows
 */
export function resolveTrainerOptions(options: TrainerOptions): ResolvedTrainerOptions {
  const parsed = parseOptions('Trainer', schema, options)
  const { split, epochs, earlyStopping, evaluateEvery } = parsed
  const schedule =
    typeof parsed.schedule === 'function' ? parsed.schedule : scheduleFrom(parsed.schedule)
  const { warmupEpochs = 0 } = schedule
  if (warmupEpochs > epochs) {
    throw new InvalidOptionsError(
      `epochs: got ${epochs}, fewer than the ${warmupEpochs} warm-up epochs of the schedule; train longer or warm up for at most ${epochs}.`,
    )
  }
  const named = earlyStopping ? [earlyStopping.metric, ...parsed.metrics] : parsed.metrics
  const metrics = [...new Set(named)]
  for (const metric of metrics) checkMetric(metric, split)
  const evaluates = metrics.length > 0 || evaluateEvery !== undefined
  if (evaluates && rowCount(split.validation) === 0) {
    throw new EmptySplitError(
      'The validation part of the split is empty, so nothing can be evaluated on it; split with a validation part, or leave out earlyStopping, metrics and evaluateEvery.',
    )
  }
  if (evaluates && metrics.length === 0) {
    throw new InvalidOptionsError(
      `evaluateEvery: got ${evaluateEvery}, but there is no metric to evaluate; set metrics (for instance ['ndcg@10']) or earlyStopping.`,
    )
  }
  return { ...parsed, schedule, metrics, evaluateEvery: evaluateEvery ?? 1 }
}

function checkMetric(text: string, split: Split): void {
  const { k } = parseMetric(text)
  const itemCount = split.train.items.size
  if (k <= itemCount) return
  throw new InvalidOptionsError(
    `metrics: '${text}' asks for lists of ${k} items, but there are ${itemCount}; expected a cut-off in 1..${itemCount}.`,
  )
}

function isModel(value: unknown): boolean {
  const model = value as Partial<GraphModel> | null | undefined
  return [model?.parameters, model?.lossTerms, model?.prepare, model?.toRecommender].every(
    isFunction,
  )
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

function isScheduleLike(value: unknown): boolean {
  return isFunction(value) || (typeof value === 'object' && value !== null)
}

function isProgressReporter(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const methods = reporterMethods
    .map((name) => (value as ProgressReporter)[name])
    .filter((method) => method !== undefined)
  return methods.length > 0 && methods.every(isFunction)
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}
