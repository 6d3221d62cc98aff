import { useBackend } from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, expect, it, vi } from 'vitest'
import { Trainer, type TrainerOptions } from '../src/index.js'
import { ScriptedModel, scriptedSplit } from './support/scripted-model.js'
import { splitOf } from './support/splits.js'

beforeAll(() => useBackend('cpu'))

const losses = [5, 4, 3, 3.5, 2.99, 3, 3, 3]

/** A model whose loss in the n-th epoch of one step is `losses[n]`, whatever its number. */
function lossyModel(split = scriptedSplit()): ScriptedModel {
  const model = ScriptedModel.onSplit(split, [5, 5, 5, 5, 5, 5, 5, 5])
  const lossTerms = model.lossTerms.bind(model)
  let calls = 0
  model.lossTerms = (batch) =>
    tf.tidy(() => {
      const { total } = lossTerms(batch)
      const wanted = losses[calls++]
      return { total: tf.add(total, wanted - total.dataSync()[0]) as tf.Scalar, terms: {} }
    })
  return model
}

const common = {
  epochs: 8,
  batchSize: 100,
  learningRate: 0.01,
  sampling: 'interaction-shuffle',
  progress: 'none',
  guards: false,
} as const

it('stops when the training loss does not fall, with the weights of the lowest', async () => {
  // No validation part is needed.
  const split = splitOf({ itemCount: 30, train: Array.from({ length: 10 }, () => [0]) })
  const model = lossyModel(split)
  const numbers: number[] = []
  const write = vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
  const options: TrainerOptions = {
    model,
    split,
    ...common,
    progress: 'lines',
    earlyStopping: { metric: 'loss', patience: 2, minimumChange: { absolute: 0.1 } },
  }
  const trainer = new Trainer(options)
  for await (const event of trainer.run()) if (event.type === 'epoch') numbers.push(model.number)
  const lines = write.mock.calls.map(([text]) => String(text))
  write.mockRestore()
  expect(numbers).toHaveLength(5)
  expect(model.number).toBe(numbers[2])
  expect(lines.at(-1)).toMatch(/stopped early after 5 of 8 epochs .*; weights of epoch 3\n$/)
})

it('evaluates metrics beside it without judging by them', async () => {
  const split = scriptedSplit()
  const model = lossyModel(split)
  const { bestEpoch, bestValidation, epochs } = await new Trainer({
    model,
    split,
    ...common,
    metrics: ['hit@1'],
    earlyStopping: { metric: 'loss', patience: 100 },
  }).fit()
  expect(epochs).toHaveLength(8)
  expect(bestEpoch).toBe(5)
  expect(bestValidation).toEqual({ 'hit@1': 0.5 })
})

it('lowers the rate on a plateau of what it watches', async () => {
  const split = scriptedSplit()
  const schedule = { name: 'reduce-on-plateau', factor: 0.5, patience: 2 } as const
  const onMetric = ScriptedModel.onSplit(split, [1, 2, 2, 2, 2, 2, 3, 3])
  const byMetric = await new Trainer({
    model: onMetric,
    split,
    ...common,
    schedule,
    metrics: ['hit@1'],
  }).fit()
  const rates = byMetric.epochs.map(({ learningRate }) => learningRate / 0.01)
  expect(rates).toEqual([1, 1, 1, 1, 0.5, 0.5, 0.25, 0.25])
  const byLoss = await new Trainer({
    model: lossyModel(split),
    split,
    ...common,
    schedule: { ...schedule, minimumChange: { absolute: 0.1 } },
    earlyStopping: { metric: 'loss', patience: 100 },
  }).fit()
  expect(byLoss.epochs.map(({ learningRate }) => learningRate / 0.01)).toEqual([
    ...[1, 1, 1, 1, 1, 0.5, 0.5, 0.25],
  ])
})
