import type { GraphModel } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { Recommender } from '@gnnrec/serving'
import * as tf from '@tensorflow/tfjs-core'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  Adam,
  type FitOptions,
  LazyAdam,
  TensorGradients,
  Trainer,
  type TrainingEvent,
} from '../src/index.js'
import { smallModel, smallOptions } from './support/small-training.js'

beforeEach(() => useBackend('simd', { threads: 1 }))

/** Trains, and calls `act` once at the first event of a type. */
async function actAt(
  model: GraphModel,
  type: TrainingEvent['type'],
  act: () => void,
  options: FitOptions = {},
): Promise<void> {
  let isDone = false
  for await (const event of new Trainer({ ...smallOptions, model }).run(options)) {
    if (event.type !== type || isDone) continue
    isDone = true
    act()
  }
}

describe.each(['start', 'step', 'epoch'] as const)('a model that is freed at %s', (place) => {
  it.each([
    ['dispose()', (model: GraphModel) => model.dispose()],
    ['tf.disposeVariables()', () => tf.disposeVariables()],
    ['tf.engine().reset()', () => tf.engine().reset()],
  ] as const)('by %s ends its training with a typed error', async (_, free) => {
    const model = smallModel()
    await expect(actAt(model, place, () => free(model))).rejects.toMatchObject({ code: 'DISPOSED' })
  })
})

it('ends with a typed error when the model is freed in the middle of a step', async () => {
  const model = smallModel()
  const training = new Trainer({ ...smallOptions, model, epochs: 1000 }).fit()
  setTimeout(() => tf.engine().reset(), 20)
  await expect(training).rejects.toMatchObject({ code: 'DISPOSED' })
})

it('ends with a typed error when the model is freed after the last step', async () => {
  const model = smallModel()
  const options = { ...smallOptions, model, epochs: 1, metrics: [] }
  const train = async () => {
    for await (const { type } of new Trainer(options).run()) if (type === 'epoch') model.dispose()
  }
  await expect(train()).rejects.toMatchObject({ code: 'DISPOSED' })
})

it('trains on when the tensors of the graph are freed', async () => {
  const [one, other] = [smallModel(), smallModel()]
  await actAt(one, 'step', () => one.graph.dispose())
  await actAt(other, 'step', () => {})
  expect(await one.weights()).toEqual(await other.weights())
})

it.each([new Adam(), new LazyAdam()])(
  'refuses a step of an optimizer that was freed',
  (optimizer) => {
    const gradient = tf.ones([2, 2])
    const step = (parameter: tf.Variable) =>
      optimizer.step({ table: parameter }, { table: gradient }, { learningRate: 0.1 })
    step(tf.variable(tf.ones([2, 2])))
    tf.disposeVariables()
    expect(() => step(tf.variable(tf.ones([2, 2])))).toThrow(
      expect.objectContaining({ code: 'DISPOSED' }),
    )
  },
)

describe('two trainings of one model', () => {
  it('are refused at once, and allowed one after the other', async () => {
    const model = smallModel()
    const alone = smallModel()
    const trainer = () => new Trainer({ ...smallOptions, model })
    const first = trainer().fit()
    await expect(trainer().fit()).rejects.toMatchObject({ code: 'MODEL_IN_TRAINING' })
    await expect(first).resolves.toMatchObject({ stopReason: 'completed' })
    await new Trainer({ ...smallOptions, model: alone }).fit()
    expect(await model.weights()).toEqual(await alone.weights())
    await expect(trainer().fit()).resolves.toMatchObject({ stopReason: 'completed' })
  })

  it('are allowed once the first has failed or was left', async () => {
    const model = smallModel()
    for await (const { type } of new Trainer({ ...smallOptions, model }).run()) {
      if (type === 'step') break
    }
    const failing = new Trainer({ ...smallOptions, model, resume: '/no/such/folder' })
    await expect(failing.fit()).rejects.toMatchObject({ code: 'CHECKPOINT' })
    await expect(new Trainer({ ...smallOptions, model }).fit()).resolves.toMatchObject({
      stopReason: 'completed',
    })
  })
})

it('saves weights and embeddings of one moment while training goes on', async () => {
  const model = smallModel()
  const training = new Trainer({ ...smallOptions, model, epochs: 40, metrics: [] }).fit()
  let saves = 0
  const saving = (async () => {
    while (saves < 10) {
      const files: Record<string, Uint8Array> = {}
      await model.save(files)
      const [loaded, frozen] = [
        await (model.constructor as unknown as { load(files: unknown): Promise<GraphModel> }).load(
          files,
        ),
        await Recommender.load(files),
      ]
      const anew = await loaded.toRecommender()
      const [own, saved] = [anew, frozen].map((recommender) => {
        const scores = new Float32Array(recommender.itemCount)
        recommender.scoreUsers(Int32Array.of(3), scores)
        return scores
      })
      expect(own).toEqual(saved)
      loaded.dispose()
      saves++
    }
  })()
  await Promise.all([training, saving])
})

it('refuses gradients that have been disposed of', async () => {
  const gradients = new TensorGradients({ weight: tf.tensor1d([3, -4]) })
  gradients.dispose()
  for (const use of [
    () => gradients.norm(),
    () => gradients.scale(2),
    () => gradients.clip(1),
    () => gradients.tensors,
    () => gradients.add(new TensorGradients({ weight: tf.tensor1d([1, 1]) }), 1),
  ]) {
    expect(use).toThrow(expect.objectContaining({ code: 'DISPOSED' }))
  }
})
