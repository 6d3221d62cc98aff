import { parseOptions, type Split } from '@gnnrec/graph'
import type { ModelSettings, TrainingSettings } from '@gnnrec/models'
import type { GuardSettings, TrainingLoopOptions, TrainingMemoryOptions } from '@gnnrec/train'
import * as z from 'zod'
import { unweightedSplitSchema } from '../weights-refused.js'

/** Place of the tables of a training: memory, files, or files if need be. */
type FitWay = 'auto' | 'memory' | 'files'

/**
 * Options of {@link trainWithin}: the `training` half of a preset, what it is applied to, and what it may
 * take. Training in files needs Adam or AdamW.
 */
export interface TrainWithinOptions extends TrainingSettings {
  /**
   * The model, as in `{ architecture: 'light-gcn', options: { layers: 3 } }`. It is made for small graphs, too.
   * `models.names({ files: true })` lists the models that train in files; classes derived from them do not.
   */
  readonly model: ModelSettings
  /** The split: train is trained on, validation judges, test is not looked at. */
  readonly split: Split
  /** Resident memory that the process may reach, in bytes, > 0; what it has by now is part of it. */
  readonly maxMemory: number
  /**
   * `'auto'` trains in memory if `estimateTrainingMemory` says that it fits, and else in files; `'memory'` refuses what
   * does not fit, and `'files'` uses files in any case. @defaultValue 'auto'
   */
  readonly fit?: FitWay
  /** The folder of this training: checkpoints, and tables if they are in files. It is made if need be. */
  readonly folder: string
  /**
   * Validation metrics to compute and log beside that of early stopping, such as `'recall@20'`, or some of
   * your own.
   *
   * @defaultValue those of `Trainer`
   */
  readonly metrics?: Exclude<TrainingLoopOptions['metrics'], undefined>
  /** Levels of the guards, as in `Trainer`. @defaultValue all are on */
  readonly guards?: false | GuardSettings
  /** Seed of sampling and of what the model redraws while training. @defaultValue 0 */
  readonly seed?: number | string
  /**
   * True to go on from the folder's last checkpoint, in the way that it began; training begins at the start if
   * there is none. @defaultValue false: a folder with checkpoints is refused
   */
  readonly resume?: boolean
  /**
   * Path of a checkpoint of an earlier training, from whose weights this one starts, as in `Trainer`; it goes the same
   * way, in memory or in files. @defaultValue none
   */
  readonly warmStart?: string
}

const schema = z.looseObject({
  model: z.custom<ModelSettings>(
    (value) => typeof value === 'object' && value !== null && 'architecture' in value,
    { error: "expected settings such as { architecture: 'light-gcn', options: { layers: 3 } }" },
  ),
  split: unweightedSplitSchema,
  maxMemory: z.number().positive(),
  fit: z.enum(['auto', 'memory', 'files']).default('auto'),
  folder: z.string().min(1),
  resume: z.boolean().default(false),
})

/** Checked options; those of training are checked by the trainer that gets them. */
export interface ResolvedTrainWithinOptions {
  readonly model: ModelSettings
  readonly split: Split
  readonly maxMemory: number
  readonly fit: FitWay
  readonly folder: string
  readonly resume: boolean
  readonly training: TrainingMemoryOptions['training'] & TrainingSettings
}

/** @throws InvalidOptionsError naming every field that is wrong */
export function resolveTrainWithinOptions(options: TrainWithinOptions): ResolvedTrainWithinOptions {
  const { fit, resume } = parseOptions('trainWithin', schema, options)
  const { model, split, maxMemory, fit: _fit, folder, resume: _resume, ...training } = options
  return { model, split, maxMemory, fit, folder, resume, training }
}
