import type { TrainingSettings } from '@gnnrec/models'
import * as z from 'zod'

/** Keys of `training.yaml` and of the section `training` in a model's file, with their types. */
export const trainingKeys = {
  learning_rate: z.number().positive(),
  weight_decay: z.number().min(0),
  batch_size: z.int().min(1),
  epochs: z.int().min(1),
  eval_every: z.int().min(1),
  use_scheduler: z.boolean(),
  warmup_epochs: z.int().min(0),
  max_grad_norm: z.number().positive(),
  negative_samples: z.int().min(1),
  early_stopping: z.object({
    patience: z.int().min(1).optional(),
    min_delta: z.number().min(0).optional(),
  }),
  validation_metrics: z.array(z.string()),
  early_stopping_metric: z.string(),
} as const

/** Keys of such files that have no effect here, with the reasons. */
export const ignoredTrainingKeys: Readonly<Record<string, string>> = {
  checkpoint_dir: "each trial has its checkpoints in the runner's folder",
  save_best_only: 'the predecessor did not read it; checkpoints keep the last and the best',
  log_dir: "each trial has its log in the runner's folder",
  log_every: 'every epoch is logged',
  device: 'there is no choice of device',
  seed: 'seeds are those of the experiment',
}

/** The training settings in files of the predecessor. */
export type PredecessorTraining = {
  readonly [Key in keyof typeof trainingKeys]?: z.output<(typeof trainingKeys)[Key]>
}

/** Translates the name of a metric; the predecessor's coverage was that of lists of 10. */
export function metricOf(name: string): string {
  return name === 'coverage' ? 'coverage@10' : name
}

/** Translates training settings, with the predecessor's defaults; `weight_decay` is an option of the model here. */
export function trainingOf(given: PredecessorTraining): TrainingSettings {
  const evaluateEvery = given.eval_every ?? 10
  const { patience = 20, min_delta: minimumChange = 1e-4 } = given.early_stopping ?? {}
  const warmupEpochs = given.warmup_epochs ?? 5
  return {
    epochs: given.epochs ?? 300,
    batchSize: given.batch_size ?? 2048,
    learningRate: given.learning_rate ?? 1e-3,
    sampling: 'interaction-shuffle',
    negativesPerPositive: given.negative_samples ?? 1,
    evaluateEvery,
    clipNorm: given.max_grad_norm ?? 1,
    ...((given.use_scheduler ?? true) && {
      schedule: { name: 'warmup-cosine', warmupEpochs, finalFraction: 0.01 },
    }),
    earlyStopping: {
      metric: metricOf(given.early_stopping_metric ?? 'recall@10'),
      // The predecessor counted evaluations, not epochs.
      patience: patience * evaluateEvery,
      minimumChange: { absolute: minimumChange },
    },
  }
}
