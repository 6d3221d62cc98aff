import { type Batch, NonFiniteError, yieldToEventLoop } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'
import { globalNorm } from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'
import type { Optimizer } from '../optimizers/optimizer.js'
import { addBatch, type BatchGradients, batchGradients } from './batch-gradients.js'
import { clipFactor, clipValues } from './clipping.js'
import { type NonFiniteSuspects, nameFirstNonFinite } from './first-non-finite.js'

/** Settings of one {@link trainingStep}. */
export interface TrainingStepSettings {
  readonly optimizer: Optimizer
  readonly learningRate: number
  readonly weightDecay: ReadonlyMap<string, number>
  readonly clipNorm: number | undefined
  readonly clipValue?: number | undefined
  /** Names the step in errors: `'epoch 3, step 7'`. */
  readonly place: string
}

/** What one step found, before it changed the parameters. */
export interface TrainingStepResult {
  readonly loss: number
  readonly lossTerms: Readonly<Record<string, number>>
  /** Global norm of the gradient before clipping by norm; undefined without `clipNorm`. */
  readonly gradientNorm: number | undefined
  /** Whether the gradient was scaled down. */
  readonly clipped: boolean
  /** Whether a number of the gradient was cut. */
  readonly valueClipped: boolean
}

/**
 * One step of training: loss and gradients of a batch, or the mean of several by their samples,
 * clipping, then the optimiser. The forward pass is in it, so nothing is computed from parameters
 * that have changed since.
 *
 * @throws NonFiniteError when the loss or the gradient's norm is NaN or infinite; the parameters are
 * then as before
 */
export async function trainingStep(
  model: GraphModel,
  batches: readonly Batch[],
  settings: TrainingStepSettings,
): Promise<TrainingStepResult> {
  const { optimizer, learningRate, weightDecay, clipNorm, clipValue, place } = settings
  const { loss, lossTerms, gradients } = await meanGradients(model, batches, place)
  try {
    const valueClipped = clipValue !== undefined && clipValues(gradients, clipValue)
    let gradientScale = 1
    let gradientNorm: number | undefined
    if (clipNorm !== undefined || clipValue !== undefined) {
      const norm = globalNorm(Object.values(gradients))
      if (!Number.isFinite(norm)) {
        await failOn("gradient's norm", norm, { model, gradients }, place)
      }
      if (clipNorm !== undefined) {
        gradientNorm = norm
        gradientScale = clipFactor(norm, clipNorm)
      }
    }
    optimizer.step(model.parameters(), gradients, { learningRate, gradientScale, weightDecay })
    return { loss, lossTerms, gradientNorm, clipped: gradientScale < 1, valueClipped }
  } finally {
    tf.dispose(gradients)
  }
}

async function meanGradients(
  model: GraphModel,
  batches: readonly Batch[],
  place: string,
): Promise<BatchGradients> {
  const samples = batches.reduce((sum, { users }) => sum + users.length, 0)
  let mean: BatchGradients | undefined
  for (const [index, batch] of batches.entries()) {
    if (index > 0) await yieldToEventLoop()
    const found = await batchGradients(model, batch)
    if (!Number.isFinite(found.loss)) {
      tf.dispose([found.gradients, mean?.gradients ?? []])
      await failOn('loss', found.loss, { model, lossTerms: found.lossTerms }, place)
    }
    const isOnly = batches.length === 1
    mean = isOnly ? found : addBatch(mean, found, batch.users.length / samples)
  }
  return mean as BatchGradients
}

async function failOn(
  what: string,
  value: number,
  suspects: NonFiniteSuspects,
  place: string,
): Promise<never> {
  const first = await nameFirstNonFinite(suspects)
  throw new NonFiniteError(
    `The ${what} of ${suspects.model.architecture} is ${value} in ${place}; the first tensor that went bad is ${first}. Lower the learning rate, set clipNorm, or check the initial embeddings.`,
  )
}
