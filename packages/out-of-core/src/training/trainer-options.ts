import { parseOptions, type Split } from '@gnnrec/graph'
import type { CheckpointSettings, TrainingLoopOptions } from '@gnnrec/train'
import * as z from 'zod'
import type { OutOfCoreModelSettings } from '../models/resolved-model.js'
import { unweightedSplitSchema } from '../weights-refused.js'

/**
 * Options of {@link OutOfCoreTrainer}: those of `TrainingLoop` of `@gnnrec/train`, with their defaults, and where
 * the tables lie. Other optimizers than Adam and AdamW are refused, and so is any weight decay: these models
 * are made of nothing but tables of embeddings.
 */
export interface OutOfCoreTrainerOptions
  extends Omit<
    TrainingLoopOptions,
    'model' | 'split' | 'graphSampling' | 'sampleAhead' | 'checkpoint' | 'resume'
  > {
  /** The model by name, and its options. */
  readonly model: OutOfCoreModelSettings
  /** The split: its train part is trained on, its validation part judges, its test part is never looked at. */
  readonly split: Split
  /** Path of the folder of this training: blocks of the graph, tables and checkpoints. It is made if need be. */
  readonly folder: string
  /**
   * Bytes that blocks, the memory of propagation and the tensors of a batch may take, an integer. The
   * interactions and ids of the split, Node.js itself and the lists of an evaluation come on top.
   */
  readonly maxMemory: number
  /**
   * Times of checkpoints, and how many are kept. Checkpoints of a folder are written when an epoch ends, unless
   * `everyEpochs` says otherwise.
   *
   * @defaultValue { everyEpochs: 1, keepLast: 2, keepBest: 0 }
   */
  readonly checkpoint?: Omit<CheckpointSettings, 'folder'>
  /**
   * True to go on from the folder's last checkpoint, to the same bytes as if training had never stopped; training
   * begins at the start if there is none. `maxMemory`, `guards` and `checkpoint` may differ, and `epochs` and the
   * patience of early stopping where all that has been trained so far would have been the same.
   *
   * @defaultValue false: a folder with checkpoints is refused
   */
  readonly resume?: boolean
}

const schema = z.strictObject({
  model: z.custom<OutOfCoreModelSettings>((value) => typeof value === 'object' && value !== null, {
    error: "expected { architecture: 'light-gcn', options }",
  }),
  split: unweightedSplitSchema,
  folder: z.string().min(1),
  maxMemory: z.int().positive(),
  checkpoint: z
    .strictObject({
      everyEpochs: z.int().min(1).default(1),
      everySteps: z.int().min(1).optional(),
      everySeconds: z.number().positive().optional(),
      keepLast: z.int().min(1).default(2),
      keepBest: z.int().min(0).default(0),
    })
    .prefault({}),
  resume: z.boolean().default(false),
})

/** Checked options, in the group of this package and that of the training loop. */
export type ResolvedTrainerOptions = z.output<typeof schema> & {
  /** Options of the loop, which checks them itself. */
  readonly training: Omit<TrainingLoopOptions, 'model' | 'split' | 'checkpoint' | 'resume'> &
    Required<Pick<TrainingLoopOptions, 'optimizer' | 'negativesPerPositive'>>
}

/**
 * Checks the options that are not those of the training loop.
 *
 * @throws InvalidOptionsError naming every field that is wrong
 */
export function resolveTrainerOptions(options: OutOfCoreTrainerOptions): ResolvedTrainerOptions {
  const { model, split, folder, maxMemory, checkpoint, resume, ...given } = options
  const own = { model, split, folder, maxMemory, checkpoint, resume }
  const { optimizer = { name: 'adam' }, negativesPerPositive = 1 } = given
  const training = { ...given, optimizer, negativesPerPositive }
  return { ...parseOptions('OutOfCoreTrainer', schema, own), training }
}
