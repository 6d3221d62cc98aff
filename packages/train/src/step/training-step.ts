import { type Batch, NonFiniteError, yieldToEventLoop } from '@gnnrec/graph'
import type {
  ApplySettings,
  BatchGradients,
  NonFiniteSuspects,
  TrainingPort,
} from '../loop/training-port.js'
import { type ClippingLimits, clipGradients } from './clipping.js'
import { computeGradients } from './compute-gradients.js'

/** Settings of one {@link trainingStep}. */
export interface TrainingStepSettings extends Omit<ApplySettings, 'gradientScale'>, ClippingLimits {
  /** Name of the model for errors. */
  readonly architecture: string
  /** Name of the step for errors: `'epoch 3, step 7'`. */
  readonly place: string
  readonly signal: AbortSignal
}

/** Measures of one step, taken before it changed the parameters. */
export interface TrainingStepResult {
  readonly loss: number
  readonly lossTerms: Readonly<Record<string, number>>
  /** Global norm of the gradient before clipping by norm; undefined without `clipNorm`. */
  readonly gradientNorm: number | undefined
  /** True when the gradient was scaled down. */
  readonly clipped: boolean
  /** True when a number of the gradient was cut. */
  readonly valueClipped: boolean
}

/**
 * Trains one step: loss and gradients of a batch, or the mean of several weighted by their samples, then
 * clipping, then the optimizer.
 *
 * @throws NonFiniteError when the loss or the norm of the gradient is NaN or infinite; the parameters are then
 * as before
 */
export async function trainingStep(
  port: TrainingPort,
  batches: readonly Batch[],
  settings: TrainingStepSettings,
): Promise<TrainingStepResult> {
  const { clipNorm, learningRate, weightDecay, step } = settings
  const { loss, lossTerms, gradients } = await meanGradients(port, batches, settings)
  try {
    const { norm, scale, valueClipped } = await clipGradients(gradients, settings)
    if (norm !== undefined && !Number.isFinite(norm)) {
      throw await nonFiniteError("gradient's norm", norm, port, { gradients }, settings)
    }
    await port.applyGradients(gradients, { learningRate, gradientScale: scale, weightDecay, step })
    return {
      loss,
      lossTerms,
      gradientNorm: clipNorm === undefined ? undefined : norm,
      clipped: scale < 1,
      valueClipped,
    }
  } finally {
    gradients.dispose()
  }
}

async function meanGradients(
  port: TrainingPort,
  batches: readonly Batch[],
  settings: TrainingStepSettings,
): Promise<BatchGradients> {
  const samples = batches.reduce((sum, { users }) => sum + users.length, 0)
  let mean: BatchGradients | undefined
  try {
    for (const [index, batch] of batches.entries()) {
      if (index > 0) await yieldToEventLoop()
      const found = await computeGradients(port, batch, settings.signal)
      const { loss, lossTerms } = found
      if (!Number.isFinite(loss)) {
        found.gradients.dispose()
        throw await nonFiniteError('loss', loss, port, { lossTerms }, settings)
      }
      if (batches.length === 1) return found
      mean = addShare(mean, found, batch.users.length / samples)
    }
  } catch (error) {
    mean?.gradients.dispose()
    throw error
  }
  return mean as BatchGradients
}

/** Adds `share` times the loss and the gradients of a batch to a mean. */
function addShare(
  mean: BatchGradients | undefined,
  batch: BatchGradients,
  share: number,
): BatchGradients {
  const lossTerms: Record<string, number> = { ...mean?.lossTerms }
  for (const [name, value] of Object.entries(batch.lossTerms)) {
    lossTerms[name] = (lossTerms[name] ?? 0) + share * value
  }
  if (mean) mean.gradients.add(batch.gradients, share)
  else batch.gradients.scale(share)
  const { gradients } = mean ?? batch
  return { loss: (mean?.loss ?? 0) + share * batch.loss, lossTerms, gradients }
}

async function nonFiniteError(
  measure: string,
  value: number,
  port: TrainingPort,
  suspects: NonFiniteSuspects,
  { architecture, place }: TrainingStepSettings,
): Promise<NonFiniteError> {
  const first = await port.nameFirstNonFinite?.(suspects)
  const cause = first === undefined ? '' : `; the first tensor that went bad is ${first}`
  return new NonFiniteError(
    `The ${measure} of ${architecture} is ${value} in ${place}${cause}. Lower the learning rate, set clipNorm, or check the initial embeddings.`,
  )
}
