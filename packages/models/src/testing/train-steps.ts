import { type Batch, BatchIterator, Rng } from '@gnnrec/graph'
import type { Variable } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import type { GraphModel } from '../graph-model.js'

export const variablesOf = (model: GraphModel): Variable[] => Object.values(model.parameters())

/** Returns the first batches of an epoch, drawn as the loss wants them. */
export function batchesOf(model: GraphModel, count: number): Batch[] {
  const iterator = new BatchIterator(model.graph, {
    batchSize: 64,
    negativesPerPositive: 2,
    strategy: model.requiredSampling ?? 'interaction-shuffle',
    rng: Rng.fromSeed('batches'),
  })
  const batches: Batch[] = []
  for (let epoch = 0; batches.length < count; epoch++) {
    for (const batch of iterator.epoch(epoch)) {
      if (batches.length < count) batches.push(batch)
    }
  }
  return batches
}

/** Trains some steps with Adam; returns the losses. A model without parameters has none. */
export function train(model: GraphModel, steps: number): number[] {
  const variables = variablesOf(model)
  if (variables.length === 0) return []
  const optimizer = tf.train.adam(0.02)
  model.beginEpoch(0, Rng.fromSeed('model'))
  const losses = batchesOf(model, steps).map((batch) => {
    const loss = optimizer.minimize(() => model.loss(batch), true, variables)
    const [value] = (loss as tf.Scalar).dataSync()
    loss?.dispose()
    return value
  })
  optimizer.dispose()
  return losses
}

/** Reads parameters and final embeddings by name. */
export async function valuesOf(model: GraphModel): Promise<Map<string, Float32Array>> {
  const values = new Map<string, Float32Array>()
  for (const [name, { data }] of await model.weights()) values.set(name, data as Float32Array)
  const { users, items } = tf.tidy(() => model.forward())
  values.set('final users', await users.data<'float32'>())
  values.set('final items', await items.data<'float32'>())
  tf.dispose([users, items])
  return values
}

export const lossOf = (model: GraphModel, batch: Batch): number =>
  tf.tidy(() => model.loss(batch, { training: false }).dataSync()[0])
