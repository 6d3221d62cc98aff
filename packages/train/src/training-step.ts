import { type Batch, NonFiniteError } from '@gnnrec/graph'
import { globalNorm } from '@gnnrec/graph/ops'
import type { GraphModel } from '@gnnrec/models'
import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { clipFactor } from './clip-factor.js'
import { type NonFiniteSuspects, nameFirstNonFinite } from './first-non-finite.js'
import type { Optimizer } from './optimizers/optimizer.js'

/** Settings of one {@link trainingStep}. */
export interface TrainingStepSettings {
  readonly optimizer: Optimizer
  readonly learningRate: number
  readonly weightDecay: ReadonlyMap<string, number>
  readonly clipNorm: number | undefined
  /** Names the step in errors: `'epoch 3, step 7'`. */
  readonly place: string
}

/** What one step found, before it changed the parameters. */
export interface TrainingStepResult {
  readonly loss: number
  readonly lossTerms: Readonly<Record<string, number>>
  /** Global norm of the gradient before clipping; undefined without `clipNorm`. */
  readonly gradientNorm: number | undefined
  readonly clipped: boolean
}

/**
 * One step of training: loss and gradients of a batch, clipping, then the optimiser. The forward
 * pass is in it, so nothing is computed from parameters that have changed since.
 *
 * @throws NonFiniteError when the loss or the gradient's norm is NaN or infinite; the parameters are
 * then as before
 */
export async function trainingStep(
  model: GraphModel,
  batch: Batch,
  { optimizer, learningRate, weightDecay, clipNorm, place }: TrainingStepSettings,
): Promise<TrainingStepResult> {
  const parameters = model.parameters()
  let terms: Readonly<Record<string, Scalar>> = {}
  const { value, grads } = tf.variableGrads(() => {
    const loss = model.lossTerms(batch, { training: true })
    terms = loss.terms
    for (const term of Object.values(terms)) tf.keep(term)
    return loss.total
  }, Object.values(parameters))
  try {
    const loss = await read(value)
    const lossTerms: Record<string, number> = {}
    for (const [name, term] of Object.entries(terms)) lossTerms[name] = await read(term)
    if (!Number.isFinite(loss)) await failOn('loss', loss, { model, lossTerms }, place)
    const gradients: Record<string, Tensor> = {}
    for (const [name, variable] of Object.entries(parameters)) {
      const gradient: Tensor | undefined = grads[variable.name]
      if (gradient !== undefined) gradients[name] = gradient
    }
    let gradientScale = 1
    let gradientNorm: number | undefined
    if (clipNorm !== undefined) {
      gradientNorm = globalNorm(Object.values(gradients))
      if (!Number.isFinite(gradientNorm)) {
        await failOn("gradient's norm", gradientNorm, { model, gradients }, place)
      }
      gradientScale = clipFactor(gradientNorm, clipNorm)
    }
    optimizer.step(parameters, gradients, { learningRate, gradientScale, weightDecay })
    return { loss, lossTerms, gradientNorm, clipped: gradientScale < 1 }
  } finally {
    tf.dispose([value, grads, terms])
  }
}

async function read(scalar: Scalar): Promise<number> {
  return (await scalar.data())[0]
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
