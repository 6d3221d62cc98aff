import { type Batch, BipartiteGraph } from '@gnnrec/graph'
import { LightGcn, type LossTerms } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'
import { beforeEach, describe, expect, it } from 'vitest'
import { Trainer, type TrainerOptions } from '../src/index.js'
import { randomSplit } from './support/splits.js'

const split = randomSplit({ seed: 3, users: 60, items: 40, perUser: 6 })
const graph = BipartiteGraph.fromInteractions(split.train)
const common = {
  split,
  epochs: 3,
  batchSize: 64,
  learningRate: 0.01,
  sampling: 'interaction-shuffle',
  progress: 'none',
  handleInterrupt: false,
  guards: false,
} as const satisfies Omit<TrainerOptions, 'model'>

beforeEach(() => useBackend('simd', { threads: 1 }))

function failAsGpu(): never {
  throw new Error(
    'OOM when allocating tensor with shape[70839,64] and type float on /job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc',
  )
}

/** Fails as TensorFlow does on a GPU when a batch is large, on the way there or back. */
class LargeBatchesFail extends LightGcn {
  failsOnWayBack = false

  override lossTerms(...[batch, options]: Parameters<LightGcn['lossTerms']>): LossTerms {
    const { total, terms } = super.lossTerms(batch as Batch, options)
    if (batch.users.length <= 32) return { total, terms }
    if (!this.failsOnWayBack) failAsGpu()
    const failing = tf.customGrad((x) => ({
      value: tf.mul(x as tf.Tensor, 2),
      gradFunc: () => failAsGpu(),
    }))
    return { total: failing(total) as tf.Scalar, terms }
  }
}

describe('a device with too little memory', () => {
  it.each([false, true])(
    'is an error that says what helps, and leaves the model to be trained in smaller batches',
    async (failsOnWayBack) => {
      const model = new LargeBatchesFail(graph, { embeddingDim: 8, layers: 2 })
      model.failsOnWayBack = failsOnWayBack
      const before = await model.weights()
      const train = () => new Trainer({ ...common, model }).fit()
      // The graph is uploaded once.
      await expect(train()).rejects.toThrow()
      const tensors = tf.memory().numTensors
      const failed = train()
      await expect(failed).rejects.toMatchObject({
        code: 'OUT_OF_MEMORY',
        message: expect.stringMatching(
          /model is as it was.*accumulateSteps.*'simd'.*says: OOM when allocating tensor with shape/,
        ),
        cause: expect.objectContaining({ message: expect.stringMatching(/^OOM/) }),
      })
      expect(await model.weights()).toEqual(before)
      expect(tf.memory().numTensors).toBe(tensors)
      const smaller = { ...common, batchSize: 32, accumulateSteps: 2 }
      const { stopReason } = await new Trainer({ ...smaller, model }).fit()
      expect(stopReason).toBe('completed')
      model.dispose()
    },
  )
})

describe('a backend that is switched in the middle', () => {
  it('takes over parameters and optimizer', async () => {
    const train = async (switches: boolean) => {
      const model = new LightGcn(graph, { embeddingDim: 8, layers: 2 })
      const trainer = new Trainer({ ...common, model })
      const losses: number[] = []
      for await (const event of trainer.run()) {
        if (event.type === 'epoch') losses.push(event.record.loss)
        if (!switches || event.type !== 'step') continue
        await useBackend(event.step % 2 === 1 ? 'cpu' : 'simd')
      }
      model.dispose()
      return losses
    }
    await useBackend('cpu')
    await useBackend('simd', { threads: 1 })
    const whole = await train(false)
    const switched = await train(true)
    expect(whole).toHaveLength(3)
    for (const [epoch, loss] of whole.entries()) expect(switched[epoch]).toBeCloseTo(loss, 5)
  })
})
