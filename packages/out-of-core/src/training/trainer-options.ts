import { isSplit, parseOptions, type Split } from '@gnnrec/graph'
import type { TrainingSettings } from '@gnnrec/models'
import { type GuardSettings, type LearningRateSchedule, schedules } from '@gnnrec/train'
import {
  checkSchedule,
  type Evaluations,
  resolveEvaluations,
  trainingShape,
} from '@gnnrec/train/internal'
import * as z from 'zod'
import type { OutOfCoreModelSettings } from '../models/resolved-model.js'

/** When an {@link OutOfCoreTrainer} saves where it stands. */
export interface OutOfCoreCheckpointSettings {
  /** Epochs between checkpoints, an integer >= 1. @defaultValue 1 */
  readonly everyEpochs?: number
  /** Steps between checkpoints besides, an integer >= 1. @defaultValue none */
  readonly everySteps?: number
}

/**
 * Options of {@link OutOfCoreTrainer}: the `training` half of a preset and what it is applied to, with the
 * fields and defaults of `Trainer`. Other optimisers than Adam and AdamW are refused; so is any weight decay,
 * as `Trainer` refuses it of these models, which are made of nothing but tables of embeddings.
 */
export interface OutOfCoreTrainerOptions extends TrainingSettings {
  /** The model by name, and its options. */
  readonly model: OutOfCoreModelSettings
  /** The split: train is trained on, validation judges, test is not looked at. */
  readonly split: Split
  /** The folder of this training: the graph's blocks, tables and checkpoints. It is made if need be. */
  readonly folder: string
  /**
   * Bytes that blocks, what propagation needs besides and the tensors of a batch may take, an integer.
   * The interactions and ids of the split, Node.js itself and what evaluation ranks are not in it.
   */
  readonly maxMemory: number
  /** Validation metrics to log, such as `'recall@20'`. @defaultValue none */
  readonly metrics?: readonly string[]
  /**
   * What happens when a guard finds that the model collapses or does not learn, as in `Trainer`; `false`
   * turns all guards off. Those that look at scores take 128 bytes an item besides `maxMemory`, for 32
   * users. `'stale-embeddings'` compares scores and not losses, since no embedding outlives a step.
   *
   * @defaultValue all are on
   */
  readonly guards?: false | GuardSettings
  /** Seed of sampling. @defaultValue 0 */
  readonly seed?: number | string
  /** @defaultValue after each epoch */
  readonly checkpoint?: OutOfCoreCheckpointSettings
  /**
   * Whether to go on from the folder's last checkpoint, to the same bytes as if training had never
   * stopped; from the start if there is none. `maxMemory`, `guards` and `checkpoint` may differ.
   *
   * @defaultValue false: a folder with checkpoints is refused
   */
  readonly resume?: boolean
}

const schema = z.strictObject({
  model: z.custom<OutOfCoreModelSettings>((value) => typeof value === 'object' && value !== null, {
    error: "expected { architecture: 'light-gcn', options }",
  }),
  split: z.custom<Split>(isSplit, { error: 'expected a Split (splitRows, createSplit)' }),
  folder: z.string().min(1),
  maxMemory: z.int().positive(),
  ...trainingShape,
  schedule: z
    .custom<NonNullable<TrainingSettings['schedule']>>(
      (value) => typeof value === 'object' && value !== null,
      { error: "expected an object such as { name: 'constant' }" },
    )
    .default({ name: 'constant' }),
  checkpoint: z
    .strictObject({
      everyEpochs: z.int().min(1).default(1),
      everySteps: z.int().min(1).optional(),
    })
    .prefault({}),
  resume: z.boolean().default(false),
})

/** Checked options, with what is evaluated and monitored. */
export type ResolvedTrainerOptions = Omit<z.output<typeof schema>, 'schedule' | keyof Evaluations> &
  Evaluations & {
    readonly schedule: LearningRateSchedule
    /** The schedule as it was given. */
    readonly givenSchedule: z.output<typeof schema>['schedule']
  }

/**
 * @throws InvalidOptionsError naming every field that is wrong
 * @throws EmptySplitError when an evaluation is asked for and the validation part has no rows
 */
export function resolveTrainerOptions(options: OutOfCoreTrainerOptions): ResolvedTrainerOptions {
  const parsed = parseOptions('OutOfCoreTrainer', schema, options)
  const { earlyStopping, split, epochs, metrics, evaluateEvery } = parsed
  const stopOn = earlyStopping?.metric
  const evaluations = resolveEvaluations(split, { metrics, stopOn, evaluateEvery })
  const schedule = schedules.fromSettings(parsed.schedule)
  checkSchedule(schedule, epochs, evaluations)
  return { ...parsed, ...evaluations, schedule, givenSchedule: parsed.schedule }
}
