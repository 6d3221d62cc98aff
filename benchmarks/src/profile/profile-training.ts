import type { Batch } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'
import type { Optimizer } from '@gnnrec/train'
import * as tf from '@tensorflow/tfjs-core'
import { type CallNode, CallTree } from './call-tree.js'
import { timeKernels } from './time-kernels.js'

/** Number of steps that are not measured, since kernels compile and memory grows in them. */
const warmUp = 5

/** A model with its optimizer and an endless sequence of batches. */
interface ProfiledTraining {
  readonly batches: Iterator<Batch, unknown>
  readonly model: GraphModel
  readonly optimizer: Optimizer
  readonly learningRate: number
}

interface TrainingProfile {
  /**
   * Sampling, forward pass, backward pass and optimizer of all steps, with the kernels they call.
   */
  readonly parts: readonly CallNode[]
  /** Median time of the steps that were timed by kernel. */
  readonly profiledMilliseconds: number
  /** Median time of the steps that were not timed by kernel; the two kinds take turns. */
  readonly plainMilliseconds: number
}

/** Makes twice `steps` training steps and times every other one by kernel. */
export function profileTraining(training: ProfiledTraining, steps: number): TrainingProfile {
  for (let step = 0; step < warmUp; step++) trainingStep(training, new CallTree())
  const tree = new CallTree()
  const plain: number[] = []
  const profiled: number[] = []
  for (let step = 0; step < steps; step++) {
    plain.push(milliseconds(() => trainingStep(training, new CallTree())))
    const stop = timeKernels(tree)
    try {
      profiled.push(milliseconds(() => trainingStep(training, tree)))
    } finally {
      stop()
    }
  }
  return {
    parts: tree.roots,
    profiledMilliseconds: median(profiled),
    plainMilliseconds: median(plain),
  }
}

function trainingStep(training: ProfiledTraining, tree: CallTree): void {
  const { batches, model, optimizer, learningRate } = training
  tree.enter('sampling', 'part')
  const { value: batch, done } = batches.next()
  tree.leave()
  if (done) throw new Error('There are no more batches.')
  const parameters = model.parameters()
  tree.enter('forward', 'part')
  const { value, grads } = tf.variableGrads(() => {
    const loss = model.loss(batch)
    tree.leave()
    tree.enter('backward', 'part')
    return loss
  }, Object.values(parameters))
  tree.leave()
  tree.enter('optimizer', 'part')
  const gradients: Record<string, tf.Tensor> = {}
  for (const [name, variable] of Object.entries(parameters)) {
    const gradient: tf.Tensor | undefined = grads[variable.name]
    if (gradient) gradients[name] = gradient
  }
  optimizer.step(parameters, gradients, { learningRate })
  tree.leave()
  tf.dispose([value, grads])
}

function milliseconds(action: () => void): number {
  const start = performance.now()
  action()
  return performance.now() - start
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]
}
