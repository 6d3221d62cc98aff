import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type BipartiteGraph, yieldToEventLoop } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import { expect } from 'vitest'
import type { GraphModel } from '../../src/index.js'
import { type EdgeList, graphOf } from './graphs.js'
import { batchOf, layers, output, trainSteps } from './training.js'

/** Tensors alive, and bytes of kernel memory where the backend has one. */
export function memoryInUse(): { tensors: number; kernelBytes: number } {
  const memory = tf.memory() as ReturnType<typeof tf.memory> & { numBytesInKernelMemory?: number }
  return { tensors: memory.numTensors, kernelBytes: memory.numBytesInKernelMemory ?? 0 }
}

/** Frees what earlier tests left behind, which would otherwise go at any time. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  // What is registered to be freed with an object is freed in a turn of its own.
  for (let turn = 0; turn < 3; turn++) await yieldToEventLoop()
}

/** Expects tensors and kernel memory to be flat over every use of a model, and gone after dispose. */
export async function expectFlatMemory(
  list: EdgeList,
  make: (graph: BipartiteGraph) => GraphModel,
): Promise<void> {
  await collectGarbage()
  const before = memoryInUse()
  const graph = graphOf(list)
  const model = make(graph)
  await model.prepare()
  const use = async () => {
    const isTrained = Object.keys(model.parameters()).length > 0
    if (isTrained) trainSteps(model, { steps: 10, negativesPerPositive: 2 })
    output(model)
    layers(model)
    for (const { users, items } of [model.forward(), ...model.layerOutputs()]) {
      tf.dispose([users, items])
    }
    const { total, terms } = model.lossTerms(batchOf([0], [1], [2]))
    tf.dispose([total, ...Object.values(terms)])
    await model.toRecommender()
    await model.save({})
    model.restoreWeights(await model.weights())
  }
  await use()
  const once = memoryInUse()
  await use()
  await use()
  expect(memoryInUse()).toEqual(once)
  model.dispose()
  graph.dispose()
  expect(memoryInUse()).toEqual(before)
}
