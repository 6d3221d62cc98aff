import {
  InvalidOptionsError,
  isSplit,
  type NegativeDistribution,
  parseOptions,
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
import {
  type GraphSamplingSettings,
  graphSamplingSchema,
} from '../batches/graph-sampling-options.js'
import {
  type CheckpointSettings,
  checkpointSchema,
  type ResumeFrom,
} from '../checkpoints/checkpoint-options.js'
import type { GuardSettings } from '../guards/guard-options.js'
import { type Evaluations, resolveEvaluations } from '../loop/monitor.js'
import type { ProgressStyle } from '../progress/create-reporter.js'
import type { ProgressReporter } from '../progress/progress-reporter.js'
import { fromSettings } from '../schedules/from-settings.js'
import type { LearningRateSchedule } from '../schedules/learning-rate-schedule.js'
import {
  isModel,
  isProgressReporter,
  isScheduleLike,
  reporterMethods,
} from './trainer-option-checks.js'
import { checkSchedule, trainingShape } from './training-shape.js'

/**
 * Options of `Trainer`: the `training` half of a preset (`epochs`, `batchSize`, `learningRate` and
 * `sampling` are required) and what it is applied to.
 *
 * Validation metrics are `earlyStopping.metric` and `metrics`. If there are any, the model is
 * evaluated every `evaluateEvery` epochs and after the last, and ends with the weights of the best
 * epoch by the first of them. With `earlyStopping.metric: 'loss'` it ends with those of the epoch with
 * the lowest training loss; with none of these it keeps the last weights.
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
   * the optimiser. A loss that sums over the batch is so averaged over its parts, which Adam does not
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
  /** Validation metrics to log, such as `'recall@20'`. @defaultValue none */
  readonly metrics?: readonly string[]
  /** Seed of sampling and of what the model redraws while training. @defaultValue 0 */
  readonly seed?: number | string
  /**
   * Resident memory that the process may reach, in bytes, > 0. A training that would take more, by
   * {@link estimateTrainingMemory}, is refused before it starts. For the backend `simd`.
   *
   * @defaultValue no limit
   */
  readonly maxMemory?: number
  /**
   * What is shown on stderr: a bar, one line an epoch or nothing; `'auto'` draws a bar on a terminal
   * and writes lines elsewhere (nothing in a page). A reporter of your own shows what it likes.
   *
   * @defaultValue 'auto'
   */
  readonly progress?: ProgressStyle | ProgressReporter
  /**
   * Path of a file to which a line of JSON is added for every event but steps; `parseTrainingLog` reads
   * it. @defaultValue none
   */
  readonly log?: string
  /**
   * What happens when a guard finds that the model collapses or does not learn: a warning or, at the
   * level `'stop'`, the end of training with `DegenerateModelError`; see {@link GuardSettings}. `false`
   * turns all guards off. @defaultValue all are on
   */
  readonly guards?: false | GuardSettings
  /**
   * Whether Ctrl-C (SIGINT) ends training as an `AbortSignal` does; a second one ends the process.
   *
   * @defaultValue true
   */
  readonly handleInterrupt?: boolean
  /**
   * The folder for checkpoints, or settings of it. Training then also saves itself when it ends or is
   * aborted. A folder belongs to one training at a time. @defaultValue none
   */
  readonly checkpoint?: string | CheckpointSettings
  /**
   * Goes on from a checkpoint, to the same bytes as if training had never stopped. Model, data and
   * options must be those of the checkpoint; `progress`, `log`, `guards`, `handleInterrupt`,
   * `sampleAhead` and `checkpoint` may differ.
   *
   * @defaultValue training starts from the beginning
   */
  readonly resume?: ResumeFrom
}

const schema = z.strictObject({
  model: z.custom<GraphModel>(isModel, {
    error: 'expected a GraphModel, for instance new LightGcn(graph)',
  }),
  split: z.custom<Split>(isSplit, { error: 'expected a Split (splitRows, createSplit)' }),
  ...trainingShape,
  graphSampling: graphSamplingSchema.optional(),
  sampleAhead: z.boolean().default(false),
  schedule: z
    .custom<ScheduleSettings | LearningRateSchedule>(isScheduleLike, {
      error: "expected a function or an object such as { name: 'constant' }",
    })
    .default({ name: 'constant' }),
  maxMemory: z.number().positive().optional(),
  progress: z
    .union(
      [z.enum(['auto', 'bar', 'lines', 'none']), z.custom<ProgressReporter>(isProgressReporter)],
      {
        error: `expected 'auto', 'bar', 'lines', 'none' or an object with some of the methods ${reporterMethods.join(', ')}`,
      },
    )
    .default('auto'),
  log: z.string().min(1).optional(),
  handleInterrupt: z.boolean().default(true),
  checkpoint: checkpointSchema.optional(),
  resume: z.string().min(1).optional(),
})

/** Checked options: the schedule is a function, and what is evaluated and monitored is worked out. */
export type ResolvedTrainerOptions = Omit<z.output<typeof schema>, 'schedule' | keyof Evaluations> &
  Evaluations & {
    readonly schedule: LearningRateSchedule
    /** The schedule as it was given. */
    readonly givenSchedule: ScheduleSettings | LearningRateSchedule
  }

/**
 * @throws InvalidOptionsError naming every field that is wrong
 * @throws EmptySplitError when an evaluation is asked for and the validation part has no rows
 */
export function resolveTrainerOptions(options: TrainerOptions): ResolvedTrainerOptions {
  const parsed = parseOptions('Trainer', schema, options)
  const { split, epochs, earlyStopping, checkpoint, resume } = parsed
  const givenSchedule = parsed.schedule
  const schedule = typeof givenSchedule === 'function' ? givenSchedule : fromSettings(givenSchedule)
  const evaluations = resolveEvaluations(split, {
    ...{ metrics: parsed.metrics, stopOn: earlyStopping?.metric },
    evaluateEvery: parsed.evaluateEvery,
  })
  checkSchedule(schedule, epochs, evaluations)
  if (!checkpoint && (resume === 'latest' || resume === 'latest-or-start')) {
    throw new InvalidOptionsError(
      `resume: got '${resume}' without checkpoint; set checkpoint to the folder, or resume to the path of a checkpoint.`,
    )
  }
  return { ...parsed, ...evaluations, schedule, givenSchedule }
}
