import { type Batch, NonFiniteError } from '@gnnrec/graph'
import type { Optimizer } from '@gnnrec/train'
import * as tf from '@tensorflow/tfjs-core'
import type { BatchLoss } from '../models/batch-loss.js'
import { batchNodes } from '../models/batch-nodes.js'
import { sides } from '../operator/sides.js'
import { bySide } from '../propagation/node-tables.js'
import type { StepResult } from './epoch-sums.js'
import { type AdamNumbers, adamStep, squaredNorm, squaredSum } from './table-optimizer.js'
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
  /** Names the step in errors. */
  readonly place: string
  readonly signal: AbortSignal
}

/**
 * One step: the final embeddings of the batch's nodes, loss and gradients in memory, the way back in
 * blocks, then Adam. Nothing has changed when it throws before Adam.
 *
 * @throws NonFiniteError when the loss or the gradient's norm is NaN or infinite
 */
export async function trainingStep(
  state: TrainingState,
  loss: BatchLoss,
  batch: Batch,
  settings: TrainingStepSettings,
): Promise<StepResult> {
  const { cache, propagation, embeddings } = state
  const { signal, place, clipNorm } = settings
  const negatives = loss.looksAtNegatives ? batch.negatives : new Int32Array(0)
  const nodes = batchNodes(batch, negatives, loss.otherItems(batch))
  const final = await propagation.forwardRows(embeddings, nodes.rows, signal)
  const regularized = bySide((side) => {
    const rows = new Float32Array(nodes.rows[side].length * embeddings[side].shape.columns)
    embeddings[side].gather(nodes.rows[side], rows)
    return rows
  })
  const found = await loss.gradients(batch, nodes, { final, regularized })
  try {
    if (!Number.isFinite(found.loss)) throw nonFinite('loss', found.loss, place)
    const { final: ofFinal, regularized: ofRows } = found.gradients
    const gradients = await propagation.gradient(nodes.rows, ofFinal, ofRows, signal)
    let gradientScale = 1
    let gradientNorm: number | undefined
    if (clipNorm !== undefined) {
      const squares = sides.map((side) => squaredNorm(cache, gradients, side))
      for (const gradient of Object.values(found.dense)) {
        squares.push(squaredSum(cache.runtime, await gradient.data<'float32'>()))
      }
      gradientNorm = Math.sqrt(squares.reduce((sum, square) => sum + square, 0))
      if (!Number.isFinite(gradientNorm)) throw nonFinite("gradient's norm", gradientNorm, place)
      gradientScale = Math.min(1, clipNorm / (gradientNorm + 1e-6))
    }
    const { learningRate, adam, number, optimizer } = settings
    const step = { number, learningRate, gradientScale }
    adamStep(cache, embeddings, gradients, state.moments, adam, step)
    optimizer.step(loss.parameters(), found.dense, { learningRate, gradientScale })
    state.workspace.giveBack(gradients)
    const { loss: value, lossTerms } = found
    const samples = batch.users.length
    return { samples, loss: value, lossTerms, gradientNorm, clipped: gradientScale < 1 }
  } finally {
    tf.dispose(found.dense)
  }
}

function nonFinite(what: string, value: number, place: string): NonFiniteError {
  return new NonFiniteError(
    `The ${what} is ${value} in ${place}. Lower the learning rate, set clipNorm, or check the initial embeddings.`,
  )
}
