import { BatchIterator, BipartiteGraph, Rng } from '@gnnrec/graph'
import { BprMf, LightGcn } from '@gnnrec/models'
import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { type StepBatches, stepBatches } from '../src/batches/step-batches.js'
import { Trainer, type TrainerOptions } from '../src/index.js'
import type { SchedulePosition } from '../src/schedules/learning-rate-schedule.js'
import { describeEachBackend } from './support/backends.js'
import { largestDifference } from './support/fixtures.js'
import { ScriptedModel, scriptedSplit } from './support/scripted-model.js'
import { plantedBlocks, splitOf } from './support/splits.js'

const split = plantedBlocks(1, 12)
const graph = BipartiteGraph.fromInteractions(split.train)

describeEachBackend('accumulateSteps', () => {
  it.each([
    { Model: BprMf, sampling: 'user-uniform', optimizer: { name: 'adam' } },
    { Model: LightGcn, sampling: 'interaction-shuffle', optimizer: { name: 'sgd' } },
  ] as const)('trains $Model.name as one batch that is as large', async (entry) => {
    const { Model, ...settings } = entry
    const train = async (batchSize: number, accumulateSteps: number) => {
      const model = new Model(graph, { embeddingDim: 8, l2Weight: 1e-2 })
      const positions: SchedulePosition[] = []
      const trainer = new Trainer({
        model,
        split,
        epochs: 3,
        batchSize,
        accumulateSteps,
        learningRate: 0.01,
        ...settings,
        clipNorm: 0.1,
        negativesPerPositive: 2,
        progress: 'none',
        schedule: (position) => {
          positions.push(position)
          return 1
        },
      })
      const { epochs } = await trainer.fit()
      const weights = await model.weights()
      model.dispose()
      return { weights, epochs, positions }
    }
    // 3 batches of 5 draws are one of 15, and the last of an epoch is smaller in both.
    const [parts, whole] = [await train(5, 3), await train(15, 1)]
    expect(graph.edgeCount % 15).not.toBe(0)
    expect(parts.positions).toEqual(whole.positions)
    for (const [i, record] of whole.epochs.entries()) {
      const own = parts.epochs[i]
      expect(own.steps).toBe(record.steps)
      expect(own.loss).toBeCloseTo(record.loss, 5)
      expect(own.lossTerms['l2']).toBeCloseTo(record.lossTerms['l2'], 5)
      expect(own.gradientNorm?.mean).toBeCloseTo(record.gradientNorm?.mean ?? -1, 5)
    }
    for (const [name, { data }] of whole.weights) {
      expect(largestDifference(parts.weights.get(name)?.data ?? [], data)).toBeLessThan(2e-5)
    }
  })

  it('leaves no tensor behind, nor after a loss that is NaN in a later batch of a step', async () => {
    const scripted = scriptedSplit()
    const model = ScriptedModel.onSplit(scripted)
    model.parameters()
    const before = tf.memory().numTensors
    const options: TrainerOptions = {
      model,
      split: scripted,
      epochs: 2,
      batchSize: 1,
      accumulateSteps: 4,
      learningRate: 0.01,
      sampling: 'interaction-shuffle',
      progress: 'none',
      guards: false,
    }
    const { epochs } = await new Trainer(options).fit()
    expect(epochs.map(({ steps }) => steps)).toEqual([3, 3])
    expect(tf.memory().numTensors).toBe(before)
    const lossTerms = model.lossTerms.bind(model)
    let calls = 0
    model.lossTerms = (batch) => {
      const loss = lossTerms(batch)
      return ++calls < 3 ? loss : { ...loss, total: tf.mul(loss.total, Number.NaN) }
    }
    const { number } = model
    await expect(new Trainer(options).fit()).rejects.toThrow(/NaN in epoch 1, step 1 of 3/)
    expect(model.number).toBe(number)
    expect(tf.memory().numTensors).toBe(before)
    model.dispose()
  })
})

it('groups batches by their place, whatever is left out, and can begin after any step', async () => {
  // User 0 alone can be drawn: most batches of one draw have no sample.
  const lopsided = splitOf({ itemCount: 2, train: [[0], [0, 1], [0, 1], [0, 1]] })
  const own = BipartiteGraph.fromInteractions(lopsided.train)
  const iterator = () => new BatchIterator(own, { batchSize: 1, rng: Rng.fromSeed(1) })
  let groups = 0
  for (let epoch = 0; epoch < 40; epoch++) {
    const whole = await collect(stepBatches(iterator(), { epoch, startStep: 0, size: 3 }))
    groups += whole.length
    for (const { step, batches } of whole) {
      expect(batches.length).toBeGreaterThan(0)
      for (const batch of batches) expect(Math.floor(batch.step / 3)).toBe(step)
    }
    for (const [i, { drawnBatches, skippedDraws }] of whole.entries()) {
      const rest = iterator()
      const after = await collect(stepBatches(rest, { epoch, startStep: drawnBatches, size: 3 }))
      expect(after.map(({ batches }) => batches)).toEqual(
        whole.slice(i + 1).map(({ batches }) => batches),
      )
      const all = iterator()
      for (const _ of all.epoch(epoch));
      expect(skippedDraws + rest.skippedDraws).toBe(all.skippedDraws)
    }
  }
  expect(groups).toBeGreaterThan(20)
})

async function collect(groups: AsyncIterable<StepBatches>): Promise<StepBatches[]> {
  const all: StepBatches[] = []
  for await (const group of groups) all.push(group)
  return all
}
