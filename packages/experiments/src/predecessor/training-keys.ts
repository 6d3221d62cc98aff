import type { TrainingSettings } from '@gnnrec/models'
import * as z from 'zod'
import type { JsonValue } from '../definition/experiment-definition.js'

/** Keys of `training.yaml` and of the section `training` in a model's file, with their types. */
export const trainingKeys = {
  learning_rate: z.number().positive(),
  weight_decay: z.number().min(0),
  batch_size: z.int().min(1),
  epochs: z.int().min(1),
  eval_every: z.int().min(1),
  use_scheduler: z.boolean(),
  warmup_epochs: z.int().min(0),
  max_grad_norm: z.number().min(0),
  negative_samples: z.int().min(1),
  early_stopping: z.object({
    patience: z.int().min(1).optional(),
    min_delta: z.number().min(0).optional(),
  }),
  validation_metrics: z.array(z.string()),
  early_stopping_metric: z.string(),
} as const

/** The settings that such keys become here, with their places in the experiment. */
export const trainingOptions: Readonly<Record<keyof typeof trainingKeys, string>> = {
  learning_rate: 'training.learningRate',
  weight_decay: 'options.l2Weight',
  batch_size: 'training.batchSize',
  epochs: 'training.epochs',
  eval_every: 'training.evaluateEvery',
  use_scheduler: 'training.schedule',
  warmup_epochs: 'training.schedule.warmupEpochs',
  max_grad_norm: 'training.clipNorm',
  negative_samples: 'training.negativesPerPositive',
  early_stopping: 'training.earlyStopping',
  validation_metrics: 'protocol.metrics',
  early_stopping_metric: 'protocol.selection',
}

/** Keys without effect in either of these files, with the reasons. */
export const ignoredTrainingKeys: Readonly<Record<string, string>> = {
  checkpoint_dir: "each trial has its checkpoints in the runner's folder",
  save_best_only: 'the predecessor did not read it; checkpoints keep the last and the best',
  log_dir: "each trial has its log in the runner's folder",
  log_every: 'every epoch is logged',
  device: 'there is no choice of device',
  seed: 'seeds are those of the experiment',
}

const protocolOfAll = 'there is one protocol for all models, which training.yaml sets'

/** Keys without effect in the file of a model, with the reasons. */
export const ignoredModelTrainingKeys: Readonly<Record<string, string>> = {
  ...ignoredTrainingKeys,
  validation_metrics: protocolOfAll,
  early_stopping_metric: protocolOfAll,
}

/** The training settings in files of the predecessor. */
export type PredecessorTraining = {
  readonly [Key in keyof typeof trainingKeys]?: z.output<(typeof trainingKeys)[Key]>
}

/** Translates the metrics of an evaluation, with the predecessor's defaults. */
export function metricsOf({ validation_metrics }: PredecessorTraining): string[] {
  return (validation_metrics ?? ['recall@10', 'ndcg@10', 'coverage']).map(metricOf)
}

/** Translates the metric of early stopping, with the predecessor's default. */
export function selectionOf({ early_stopping_metric }: PredecessorTraining): string {
  return metricOf(early_stopping_metric ?? 'recall@10')
}

/**
 * Translates the weight decay, with the predecessor's default. The predecessor decayed whole tables, which collapsed
 * them; here only the rows of the batch decay.
 */
export function l2WeightOf({ weight_decay }: PredecessorTraining): number {
  return weight_decay ?? 1e-4
}

/** Returns the settings that keys became, by their places in the experiment; those that are off are absent. */
export function settingsOf(given: PredecessorTraining): Readonly<Record<string, JsonValue>> {
  const training = trainingOf(given)
  const { schedule } = training
  const settings = Object.entries(training).map(([name, value]) => [`training.${name}`, value])
  return {
    ...Object.fromEntries(settings),
    ...(schedule?.name === 'warmup-cosine' && {
      'training.schedule.warmupEpochs': schedule.warmupEpochs,
    }),
    'options.l2Weight': l2WeightOf(given),
    'protocol.metrics': metricsOf(given),
    'protocol.selection': selectionOf(given),
  }
}

/** Translates the name of a metric; the predecessor's coverage was that of lists of 10. */
function metricOf(name: string): string {
  return name === 'coverage' ? 'coverage@10' : name
}

/** Translates training settings, with the predecessor's defaults; `weight_decay` is an option of the model here. */
export function trainingOf(given: PredecessorTraining): TrainingSettings {
  const evaluateEvery = given.eval_every ?? 10
  const { patience = 20, min_delta: minimumChange = 1e-4 } = given.early_stopping ?? {}
  const warmupEpochs = given.warmup_epochs ?? 5
  const largestNorm = given.max_grad_norm ?? 1
  return {
    epochs: given.epochs ?? 300,
    batchSize: given.batch_size ?? 2048,
    learningRate: given.learning_rate ?? 1e-3,
    sampling: 'interaction-shuffle',
    negativesPerPositive: given.negative_samples ?? 1,
    evaluateEvery,
    // The predecessor took 0 for no clipping.
    ...(largestNorm > 0 && { clipNorm: largestNorm }),
    ...((given.use_scheduler ?? true) && {
      schedule: { name: 'warmup-cosine', warmupEpochs, finalFraction: 0.01 },
    }),
    earlyStopping: {
      metric: selectionOf(given),
      // The predecessor counted evaluations, not epochs.
      patience: patience * evaluateEvery,
      minimumChange: { absolute: minimumChange },
    },
  }
}
