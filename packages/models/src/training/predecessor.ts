import type { TrainingSettings } from './training-settings.js'

const common = {
  epochs: 300,
  batchSize: 2048,
  sampling: 'interaction-shuffle',
  evaluateEvery: 10,
} as const

/**
 * The Python system that this project re-creates, after its fixes. It drew interactions with
 * replacement, which `'interaction-shuffle'` does not; its decay acted on whole tables, twice, and is
 * L2 on the batch's rows here.
 */
export const predecessor = {
  model: { embeddingDim: 64, initialDeviation: 0.1, l2Weight: 1e-5 },
  training: {
    ...common,
    learningRate: 1e-4,
    schedule: { name: 'warmup-cosine', warmupEpochs: 5, finalFraction: 0.01 },
    clipNorm: 1,
    // 50 evaluations, one every 10 epochs.
    earlyStopping: { metric: 'recall@10', patience: 500, minimumChange: { absolute: 1e-5 } },
  } satisfies TrainingSettings,
} as const

/** The same before its fixes: no warm-up, no clipping, a patience of 20 evaluations. */
export const predecessorOriginal = {
  model: { embeddingDim: 64, initialDeviation: 0.01, l2Weight: 1e-4 },
  training: {
    ...common,
    learningRate: 1e-3,
    earlyStopping: { metric: 'recall@10', patience: 200, minimumChange: { absolute: 1e-4 } },
  } satisfies TrainingSettings,
} as const

/**
 * The predecessor's settings for BPR-MF after its fixes: it kept its learning rate, initial deviation and decay,
 * while all models got the schedule, the clipping and the patience.
 */
export const predecessorBprMf = {
  model: predecessorOriginal.model,
  training: { ...predecessor.training, learningRate: predecessorOriginal.training.learningRate },
} as const

/** The predecessor's settings with what a model needs besides. */
export function predecessorPresets<Options extends object>(model: Options) {
  return {
    predecessor: { ...predecessor, model: { ...predecessor.model, ...model } },
    predecessorOriginal: {
      ...predecessorOriginal,
      model: { ...predecessorOriginal.model, ...model },
    },
  }
}
