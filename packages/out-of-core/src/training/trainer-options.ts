import { InvalidOptionsError, parseOptions, type Split } from '@gnnrec/graph'
import type { TrainingSettings } from '@gnnrec/models'
import { type LearningRateSchedule, scheduleFrom } from '@gnnrec/train'
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
 * Options of {@link OutOfCoreTrainer}: the `training` half of a preset and what it is applied to. Weight
 * decay, `clipValue`, `accumulateSteps` and other optimisers than Adam are refused.
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
  /** Seed of sampling. @defaultValue 0 */
  readonly seed?: number | string
  /** @defaultValue after each epoch */
  readonly checkpoint?: OutOfCoreCheckpointSettings
  /**
   * Whether to go on from the folder's last checkpoint, to the same bytes as if training had never
   * stopped; from the start if there is none. `maxMemory` and `checkpoint` may differ.
   *
   * @defaultValue false: a folder with checkpoints is refused
   */
  readonly resume?: boolean
}

const schema = z.strictObject({
  model: z.custom<OutOfCoreModelSettings>((value) => typeof value === 'object' && value !== null, {
    error: "expected { architecture: 'LightGcn', options }",
  }),
  split: z.custom<Split>(
    (value) => typeof (value as Partial<Split> | null | undefined)?.hash === 'string',
    { error: 'expected a Split (splitRows, createSplit)' },
  ),
  folder: z.string().min(1),
  maxMemory: z.int().positive(),
  epochs: z
    .int()
    .min(1)
    .max(2 ** 31 - 1),
  batchSize: z.int().min(1),
  learningRate: z.number().positive(),
  sampling: z.enum(['user-uniform', 'interaction-shuffle']),
  negativesPerPositive: z.int().min(1).default(1),
  negatives: z
    .union([z.literal('uniform'), z.strictObject({ popularityExponent: z.number().min(0) })])
    .default('uniform'),
  optimizer: z.custom<NonNullable<TrainingSettings['optimizer']>>().default({ name: 'adam' }),
  schedule: z
    .custom<NonNullable<TrainingSettings['schedule']>>(
      (value) => typeof value === 'object' && value !== null,
      { error: "expected an object such as { name: 'constant' }" },
    )
    .default({ name: 'constant' }),
  clipNorm: z.number().positive().optional(),
  evaluateEvery: z.int().min(1).default(1),
  earlyStopping: z
    .strictObject({
      metric: z.string(),
      patience: z.int().min(1),
      minimumChange: z
        .union([z.number().min(0), z.strictObject({ absolute: z.number().min(0) })])
        .default(0),
    })
    .optional(),
  metrics: z.array(z.string()).readonly().default([]),
  seed: z.union([z.number(), z.string()]).default(0),
  checkpoint: z
    .strictObject({
      everyEpochs: z.int().min(1).default(1),
      everySteps: z.int().min(1).optional(),
    })
    .prefault({}),
  resume: z.boolean().default(false),
})

/** Checked options. */
export type ResolvedTrainerOptions = Omit<z.output<typeof schema>, 'metrics'> & {
  /** Validation metrics, that of early stopping first. */
  readonly metrics: readonly string[]
  readonly scheduleOf: LearningRateSchedule
}

/** @throws InvalidOptionsError naming every field that is wrong */
export function resolveTrainerOptions(options: OutOfCoreTrainerOptions): ResolvedTrainerOptions {
  const parsed = parseOptions('OutOfCoreTrainer', schema, options)
  const { earlyStopping, split } = parsed
  if (earlyStopping?.metric === 'loss') {
    throw new InvalidOptionsError(
      "earlyStopping: got the metric 'loss'; expected one of the validation part, such as 'ndcg@20'.",
    )
  }
  const metrics = [
    ...new Set([...(earlyStopping ? [earlyStopping.metric] : []), ...parsed.metrics]),
  ]
  if (metrics.length > 0 && split.validation.userIndex.length === 0) {
    throw new InvalidOptionsError(
      'metrics: the validation part of the split is empty; leave out metrics and earlyStopping, or split with a validation part.',
    )
  }
  return { ...parsed, metrics, scheduleOf: scheduleFrom(parsed.schedule) }
}
