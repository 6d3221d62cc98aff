import type { Batch } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'
import type { Optimizer } from '@gnnrec/train'
import * as tf from '@tensorflow/tfjs-core'
import { type CallNode, CallTree } from './call-tree.js'
import { timeKernels } from './time-kernels.js'

/** Steps whose kernels compile and whose memory is new. */
const warmUp = 5

/** Batches without end, a model and what trains it. */
interface ProfiledTraining {
  readonly batches: Iterator<Batch, unknown>
  readonly model: GraphModel
  readonly optimizer: Optimizer
  readonly learningRate: number
}

interface TrainingProfile {
  /** sampling, forward, backward and optimiser of all steps, with the kernels they call. */
  readonly parts: readonly CallNode[]
  /** Median of the steps that were timed by kernel, */
  readonly profiledMilliseconds: number
  /** and of as many that were not, made in turn with them. */
  readonly plainMilliseconds: number
}

/** Makes twice so many training steps, every other one timed by kernel. */
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
  tree.enter('optimiser', 'part')
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
