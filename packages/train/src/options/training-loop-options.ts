import type { MetricAtK } from '@gnnrec/eval'
import {
  InvalidOptionsError,
  isSplit,
  type NegativeDistribution,
  parseOptions,
  type SamplingStrategy,
  type Split,
  sizeLimits,
} from '@gnnrec/graph'
import { samplingStrategies } from '@gnnrec/graph/kernels'
import type { EarlyStoppingSettings, OptimizerSettings, ScheduleSettings } from '@gnnrec/models'
import * as z from 'zod'
import {
  type GraphSamplingSettings,
  graphSamplingSchema,
} from '../batches/graph-sampling-options.js'
import {
  type CheckpointSettings,
  checkpointSchema,
  type ResumeFrom,
} from '../checkpoints/checkpoint-options.js'
import { type GuardSettings, guardsSchema } from '../guards/guard-options.js'
import { minimumChangeSchema } from '../loop/early-stopping.js'
import { type Evaluations, resolveEvaluations } from '../loop/monitor.js'
import type { TrainedModel } from '../loop/trained-model.js'
import { fromSettings } from '../schedules/from-settings.js'
import type { LearningRateSchedule } from '../schedules/learning-rate-schedule.js'
import { isScheduleLike } from './option-checks.js'

/**
 * Options of {@link TrainingLoop}: the `training` half of a preset, and the model and the split that it is
 * applied to.
 *
 * The validation metrics are `earlyStopping.metric` and `metrics`. If there are any, the model is evaluated
 * every `evaluateEvery` epochs and after the last, and ends with the weights of the best epoch by the first of
 * them. With `earlyStopping.metric: 'loss'` it ends with those of the epoch with the lowest training loss;
 * without any of these it keeps the last weights.
 */
export interface TrainingLoopOptions {
  /** The model to train, made on the graph of `split.train`. */
  readonly model: TrainedModel
  /**
   * The split: its train part is trained on, its validation part judges, its test part is never looked at. The
   * validation part may be empty when no metric is asked for.
   *
   * @defaultValue none: all edges of the model's graph are trained on, and nothing is evaluated
   */
  readonly split?: Split | undefined
  /** Passes over the training data, an integer >= 1. @defaultValue 120, as in the presets `recommended` */
  readonly epochs?: number
  /**
   * Samples of a step, an integer >= 1; a size above the samples of an epoch makes one step of each epoch.
   *
   * @defaultValue 1024, as in the presets `recommended`
   */
  readonly batchSize?: number
  /** Base learning rate, > 0; the schedule scales it. @defaultValue 5e-3, as in the presets `recommended` */
  readonly learningRate?: number
  /**
   * The pairs that an epoch visits; see `BatchIterator` of `@gnnrec/graph`.
   *
   * @defaultValue the sampling that the loss of the model needs, else `'user-uniform'`
   */
  readonly sampling?: SamplingStrategy
  /** Negatives for each positive, an integer in 1..10000. @defaultValue 1 */
  readonly negativesPerPositive?: number
  /** `'uniform'` or `{ popularityExponent }` (>= 0). @defaultValue 'uniform' */
  readonly negatives?: NegativeDistribution
  /**
   * Lets each step propagate over a random part of the graph, for graphs whose whole propagation takes
   * too long or too much memory. Nothing but training is sampled: evaluation and guards see the whole
   * graph. Not to be mistaken for `sampling`, which draws the pairs; with a method of subgraphs
   * (`'clusters'`, `'walk-subgraphs'`) those are drawn from the subgraph of their step, so that
   * `'interaction-shuffle'` means all pairs alike, not each once. `models.names({
   * sampledGraphs: true })` lists the models that can, without dropout or pruning.
   *
   * @defaultValue the whole graph
   */
  readonly graphSampling?: GraphSamplingSettings
  /**
   * Draws the sample of the next step on a thread of its own while a step is computed, to the same
   * bytes; with `graphSampling`, in Node.js only. The thread has a copy of the graph. It pays where the
   * backend leaves a processor free: `useBackend('simd', { threads })`. @defaultValue false
   */
  readonly sampleAhead?: boolean
  /** `'adam'`, `'adamw'`, `'lazy-adam'`, `'adagrad'` or `'sgd'`. @defaultValue { name: 'adam' } */
  readonly optimizer?: OptimizerSettings
  /**
   * Weight decay (>= 0) by group of parameters, which is the first part of their names:
   * `{ conv: 0.01 }` for `conv.0.weight`; decoupled for `'adamw'`, else coupled. Tables of embeddings
   * cannot decay. @defaultValue none
   */
  readonly weightDecay?: Readonly<Record<string, number>>
  /** A schedule as data or as a function. @defaultValue the base rate throughout */
  readonly schedule?: ScheduleSettings | LearningRateSchedule
  /** Largest global norm of the gradient, > 0. @defaultValue none */
  readonly clipNorm?: number
  /**
   * Largest size of a number of the gradient, > 0: larger ones are cut, before `clipNorm`.
   *
   * @defaultValue none
   */
  readonly clipValue?: number
  /**
   * Batches whose gradients make one step, an integer >= 1: their mean by samples, as of one batch
   * that is so many times as large. Steps of the schedule, of records and of checkpoints are those of
   * the optimizer. A loss that sums over the batch is so averaged over its parts, which Adam does not
   * see; a loss within the batch (in-batch softmax, DirectAU) sees only its parts.
   *
   * @defaultValue 1
   */
  readonly accumulateSteps?: number
  /** Epochs between evaluations on the validation part, an integer >= 1. @defaultValue 1 */
  readonly evaluateEvery?: number
  /**
   * Ends training when a validation metric has stopped growing, or the training `'loss'` falling;
   * warm-up epochs of the schedule do not count. @defaultValue never
   */
  readonly earlyStopping?: EarlyStoppingSettings
  /**
   * Validation metrics to compute and log beside that of early stopping: names such as `'recall@20'`, or metrics of your
   * own as `{ metric, k }`, which early stopping then knows by their names (`'mine@20'`). More has to be better.
   *
   * @defaultValue ['recall@10', 'ndcg@10'] where early stopping evaluates and there are 10 items, else none
   */
  readonly metrics?: readonly (string | MetricAtK)[]
  /** Seed of sampling and of what the model redraws while training. @defaultValue 0 */
  readonly seed?: number | string
  /**
   * Levels of the guards, which look for models that collapse or do not learn: a finding is a warning or, at the
   * level `'stop'`, the end of training with `DegenerateModelError`; see {@link GuardSettings}. `false` turns all
   * guards off. @defaultValue all are on
   */
  readonly guards?: false | GuardSettings
  /**
   * The folder for checkpoints, or settings of it. Training then also saves itself when it ends or is
   * aborted. A folder belongs to one training at a time. @defaultValue none
   */
  readonly checkpoint?: string | CheckpointSettings
  /**
   * Goes on from a checkpoint, to the same bytes as if training had never stopped. Model, data and
   * options must be those of the checkpoint; `progress`, `log`, `guards`, `handleInterrupt`,
   * `sampleAhead` and `checkpoint` may differ. So may `epochs` and the patience of `earlyStopping`, where all that
   * has been trained so far would have been the same: a training of 20 epochs at a constant rate goes on to 40, one
   * whose rate falls until the last epoch does not.
   *
   * @defaultValue training starts from the beginning
   */
  readonly resume?: ResumeFrom
  /**
   * Path of a checkpoint, or of a folder of them (the latest), of a model with the same tensors on the same data. A
   * new training starts from its best weights, or its last where nothing was evaluated; all else starts from the
   * beginning, and every option may differ. Beside `resume: 'latest-or-start'` it counts only at the start.
   *
   * @defaultValue training starts from the weights of the model
   */
  readonly warmStart?: string
}

/** Defaults of a training, as in the presets `recommended`. */
export const defaultTraining = {
  epochs: 120,
  batchSize: 1024,
  learningRate: 5e-3,
  negativesPerPositive: 1,
  optimizer: { name: 'adam' },
} as const satisfies Partial<TrainingLoopOptions>

const ownMetricSchema = z.custom<MetricAtK>(
  (value) => typeof (value as Partial<MetricAtK> | null)?.metric?.name === 'string',
)

/** Fields of {@link TrainingLoopOptions} but for the model. */
export const trainingLoopShape = {
  split: z
    .custom<Split>(isSplit, { error: 'expected a Split (splitRows, createSplit)' })
    .optional(),
  epochs: z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .default(defaultTraining.epochs),
  batchSize: z.int().min(1).default(defaultTraining.batchSize),
  learningRate: z
    .number()
    .positive()
    .refine((rate) => Number.isFinite(Math.fround(rate)) && Math.fround(rate) > 0, {
      error: 'expected a number that is above 0 and finite as a 32-bit float',
    })
    .default(defaultTraining.learningRate),
  sampling: z.enum(samplingStrategies).optional(),
  graphSampling: graphSamplingSchema.optional(),
  sampleAhead: z.boolean().default(false),
  negativesPerPositive: z
    .int()
    .min(1)
    .max(sizeLimits.negativesPerPositive)
    .default(defaultTraining.negativesPerPositive),
  negatives: z
    .union([z.literal('uniform'), z.strictObject({ popularityExponent: z.number().min(0) })], {
      error: "expected 'uniform' or { popularityExponent: a finite number >= 0 }",
    })
    .default('uniform'),
  optimizer: z
    .custom<OptimizerSettings>((value) => typeof value === 'object' && value !== null, {
      error: "expected an object such as { name: 'adam' }",
    })
    .default(defaultTraining.optimizer),
  weightDecay: z.record(z.string(), z.number().min(0)).default({}),
  clipNorm: z.number().positive().optional(),
  clipValue: z.number().positive().optional(),
  accumulateSteps: z.int().min(1).default(1),
  evaluateEvery: z.int().min(1).optional(),
  earlyStopping: z
    .strictObject({
      metric: z.string(),
      patience: z.int().min(1),
      minimumChange: minimumChangeSchema.default(0),
    })
    .optional(),
  metrics: z
    .array(
      z.union([z.string(), ownMetricSchema], {
        error: "expected a name such as 'recall@20', or a metric of your own as { metric, k }",
      }),
    )
    .readonly()
    .optional(),
  seed: z.union([z.number(), z.string()]).default(0),
  guards: guardsSchema.prefault({}),
  schedule: z
    .custom<ScheduleSettings | LearningRateSchedule>(isScheduleLike, {
      error: "expected a function or an object such as { name: 'constant' }",
    })
    .default({ name: 'constant' }),
  checkpoint: checkpointSchema.optional(),
  resume: z.string().min(1).optional(),
  warmStart: z.string().min(1).optional(),
}

const schema = z.strictObject({
  model: z.custom<TrainedModel>((value) => typeof value === 'object' && value !== null, {
    error: 'expected a description of the model',
  }),
  ...trainingLoopShape,
})

/** Checked options with all that follows from them: the schedule as a function, the evaluations. */
export type ResolvedTraining = Omit<
  z.output<typeof schema>,
  'schedule' | 'sampling' | keyof Evaluations
> &
  Evaluations & {
    readonly sampling: SamplingStrategy
    readonly schedule: LearningRateSchedule
    /** The schedule as it was given. */
    readonly givenSchedule: ScheduleSettings | LearningRateSchedule
  }

/**
 * Checks the options of a training.
 *
 * @param owner - name of the class for errors
 * @throws InvalidOptionsError naming every field that is wrong
 * @throws EmptySplitError when an evaluation is asked for and there are no rows for validation
 */
export function resolveTrainingLoopOptions(
  owner: string,
  options: TrainingLoopOptions,
): ResolvedTraining {
  const parsed = parseOptions(owner, schema, options)
  const { model, split, epochs, earlyStopping, checkpoint, resume } = parsed
  const givenSchedule = parsed.schedule
  const schedule = typeof givenSchedule === 'function' ? givenSchedule : fromSettings(givenSchedule)
  const evaluations = resolveEvaluations(split, {
    metrics: parsed.metrics,
    stopOn: earlyStopping?.metric,
    evaluateEvery: parsed.evaluateEvery,
  })
  checkSchedule(schedule, epochs, evaluations)
  if (!checkpoint && (resume === 'latest' || resume === 'latest-or-start')) {
    throw new InvalidOptionsError(
      `resume: got '${resume}' without checkpoint; set checkpoint to the folder, or resume to the path of a checkpoint.`,
    )
  }
  if (parsed.warmStart !== undefined && resume !== undefined && resume !== 'latest-or-start') {
    throw new InvalidOptionsError(
      `warmStart: got '${parsed.warmStart}' beside resume: '${resume}'; a training either goes on from a checkpoint or starts from the weights of one. Leave one of them out, or set resume to 'latest-or-start'.`,
    )
  }
  const sampling = parsed.sampling ?? model.requiredSampling ?? 'user-uniform'
  checkSampling(model, sampling)
  return { ...parsed, ...evaluations, sampling, schedule, givenSchedule }
}

function checkSampling(
  { architecture, requiredSampling }: TrainedModel,
  sampling: SamplingStrategy,
): void {
  if (requiredSampling === undefined || requiredSampling === sampling) return
  throw new InvalidOptionsError(
    `sampling: got '${sampling}', but the loss of the ${architecture} corrects for '${requiredSampling}'; give the loss and the trainer the same.`,
  )
}

function checkSchedule(
  { warmupEpochs = 0, leastEpochs = warmupEpochs, needsHistory }: LearningRateSchedule,
  epochs: number,
  { monitor }: Evaluations,
): void {
  if (warmupEpochs > epochs) {
    throw new InvalidOptionsError(
      `epochs: got ${epochs}, fewer than the ${warmupEpochs} warm-up epochs of the schedule; train longer or warm up for at most ${epochs}.`,
    )
  }
  if (leastEpochs > epochs) {
    throw new InvalidOptionsError(
      `epochs: got ${epochs}, but the parts of the schedule take ${leastEpochs} at least; train longer or shorten them.`,
    )
  }
  if (needsHistory && !monitor) {
    throw new InvalidOptionsError(
      "schedule: a reduction on plateaus needs something to watch; set metrics (for instance ['ndcg@10']) or earlyStopping, with metric: 'loss' for the loss.",
    )
  }
}
