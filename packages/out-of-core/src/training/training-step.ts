import { type Batch, NonFiniteError, yieldToEventLoop } from '@gnnrec/graph'
import type { Optimizer } from '@gnnrec/train'
import { addBatch, clipFactor, type TrainingStepResult } from '@gnnrec/train/internal'
import * as tf from '@tensorflow/tfjs-core'
import type { BatchLoss } from '../models/batch-loss.js'
import { clipGradients } from './clipping.js'
import { addTables, type Gradients, gradientsOf, squaredNorms } from './gradients.js'
import { type AdamNumbers, adamStep } from './table-optimizer.js'
import type { TrainingState } from './training-state.js'

/** Settings of one {@link trainingStep}. */
export interface TrainingStepSettings {
  /** Number of the step, from 1. */
  readonly number: number
  readonly learningRate: number
  readonly adam: AdamNumbers
  /** Of the parameters that are no tables. */
  readonly optimizer: Optimizer
  readonly clipNorm: number | undefined
  readonly clipValue: number | undefined
  /** Names the step in errors. */
  readonly place: string
  readonly signal: AbortSignal
}

/**
 * One step: the final embeddings of the batch's nodes, loss and gradients in memory, the way back in
 * blocks, of several batches their mean by samples, clipping, then Adam. Nothing has changed when it
 * throws before Adam.
 *
 * @throws NonFiniteError when the loss or the gradient's norm is NaN or infinite
 */
export async function trainingStep(
  state: TrainingState,
  loss: BatchLoss,
  batches: readonly Batch[],
  settings: TrainingStepSettings,
): Promise<TrainingStepResult> {
  const { place, clipNorm, clipValue } = settings
  const found = await meanGradients(state, loss, batches, settings)
  try {
    const valueClipped =
      clipValue !== undefined && (await clipGradients(state.cache, found, clipValue))
    let gradientScale = 1
    let gradientNorm: number | undefined
    if (clipNorm !== undefined || clipValue !== undefined) {
      const squares = await squaredNorms(state.cache, found)
      const norm = Math.sqrt(squares.reduce((sum, square) => sum + square, 0))
      if (!Number.isFinite(norm)) throw nonFinite("gradient's norm", norm, place)
      if (clipNorm !== undefined) {
        gradientNorm = norm
        gradientScale = clipFactor(norm, clipNorm)
      }
    }
    const { learningRate, adam, number, optimizer } = settings
    const step = { number, learningRate, gradientScale }
    adamStep(state.cache, state.embeddings, found.tables, state.moments, adam, step)
    optimizer.step(loss.parameters(), found.gradients, { learningRate, gradientScale })
    const { loss: value, lossTerms } = found
    return { loss: value, lossTerms, gradientNorm, clipped: gradientScale < 1, valueClipped }
  } finally {
    state.workspace.giveBack(found.tables)
    tf.dispose(found.gradients)
  }
}

async function meanGradients(
  state: TrainingState,
  loss: BatchLoss,
  batches: readonly Batch[],
  { place, signal }: TrainingStepSettings,
): Promise<Gradients> {
  const samples = batches.reduce((sum, { users }) => sum + users.length, 0)
  let mean: Gradients | undefined
  for (const [index, batch] of batches.entries()) {
    if (index > 0) await yieldToEventLoop()
    const found = await gradientsOf(state, loss, batch, signal)
    if (!Number.isFinite(found.loss)) {
      tf.dispose([found.gradients, mean?.gradients ?? {}])
      throw nonFinite('loss', found.loss, place)
    }
    if (batches.length === 1) return found
    const share = batch.users.length / samples
    const tables = addTables(state.workspace, mean?.tables, found.tables, share)
    mean = { ...addBatch(mean, found, share), tables }
  }
  return mean as Gradients
}

function nonFinite(what: string, value: number, place: string): NonFiniteError {
  return new NonFiniteError(
    `The ${what} is ${value} in ${place}. Lower the learning rate, set clipNorm, or check the initial embeddings.`,
  )
}
