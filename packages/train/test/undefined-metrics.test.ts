import { useBackend } from '@gnnrec/ops'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  historyToCsv,
  Trainer,
  type TrainerOptions,
  type TrainingEvent,
  type TrainingHistory,
} from '../src/index.js'
import { removeFoldersAfterEach, temporaryFolder } from './support/checkpoint-folder.js'
import { timeless } from './support/same-training.js'
import { ScriptedModel, scriptedSplit } from './support/scripted-model.js'

beforeAll(() => useBackend('cpu'))

removeFoldersAfterEach()

/** Trains a model whose n-th evaluation has so many hits; without hits, serendipity is undefined. */
async function trained(
  hits: readonly number[],
  patience?: number,
  changes: Partial<TrainerOptions> = {},
): Promise<{ history: TrainingHistory; warnings: string[]; numbers: number[]; left: number }> {
  const split = scriptedSplit()
  const model = ScriptedModel.onSplit(split, hits)
  const trainer = new Trainer({
    model,
    split,
    epochs: hits.length,
    batchSize: 100,
    learningRate: 0.01,
    sampling: 'interaction-shuffle',
    progress: 'none',
    guards: false,
    metrics: ['serendipity@1', 'recall@1'],
    ...(patience !== undefined && { earlyStopping: { metric: 'serendipity@1', patience } }),
    ...changes,
  })
  const events: TrainingEvent[] = []
  const numbers: number[] = []
  for await (const event of trainer.run()) {
    events.push(event)
    if (event.type === 'epoch') numbers.push(model.number)
  }
  const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []))
  const end = events.find((event) => event.type === 'end')
  return { history: end!.history, warnings, numbers, left: model.number }
}

describe('a metric that is undefined on validation', () => {
  it('leaves the training and the other metrics alone, and is named once', async () => {
    const { history, warnings, numbers, left } = await trained([0, 5, 0, 3])
    expect(history.stopReason).toBe('completed')
    expect(history.epochs.map(({ validation }) => validation)).toEqual([
      { 'recall@1': 0 },
      { 'serendipity@1': 0, 'recall@1': 0.5 },
      { 'recall@1': 0 },
      { 'serendipity@1': 0, 'recall@1': 0.3 },
    ])
    expect(history.epochs[0].undefinedMetrics).toEqual({ 'serendipity@1': 'no list has a hit' })
    expect(history.epochs[1]).not.toHaveProperty('undefinedMetrics')
    expect(warnings).toEqual([
      'serendipity@1 is undefined on validation after epoch 1: no list has a hit. Epochs in which it has no value are never the best.',
    ])
    expect(history.bestEpoch).toBe(2)
    expect(left).toBe(numbers[1])
    expect(historyToCsv(history)).not.toContain('no list')
  })

  it('counts as no improvement for early stopping', async () => {
    const { history } = await trained([5, 0, 0, 0, 0], 2)
    expect(history).toMatchObject({ stopReason: 'early-stopping', bestEpoch: 1 })
    expect(history.epochs).toHaveLength(3)
  })

  it('leaves no best epoch when it never has a value', async () => {
    const { history, numbers, left } = await trained([0, 0, 0, 0], 3)
    expect(history).toMatchObject({
      stopReason: 'early-stopping',
      bestEpoch: null,
      bestValidation: null,
    })
    expect(left).toBe(numbers.at(-1))
  })

  it('leaves checkpoints that training goes on from', async () => {
    for (const hits of [
      [0, 5, 0, 3, 0],
      [0, 0, 0, 4, 5],
    ]) {
      const whole = await trained(hits)
      for (let epochs = 1; epochs < hits.length; epochs++) {
        const checkpoint = await temporaryFolder()
        await trained(hits.slice(0, epochs), undefined, { checkpoint })
        const resumed = await trained(hits.slice(epochs), undefined, {
          checkpoint,
          resume: 'latest',
          epochs: hits.length,
        })
        expect(timeless(resumed.history)).toEqual(timeless(whole.history))
        expect(resumed.left).toBe(whole.left)
      }
    }
  })

  it('leaves an early stop as finished when it is resumed, and goes on with more patience', async () => {
    const checkpoint = await temporaryFolder()
    const hits = [5, 0, 0, 0, 0]
    const first = await trained(hits, 2, { checkpoint })
    // What it would find if it trained on.
    const again = await trained([9, 9], 2, { checkpoint, resume: 'latest', epochs: 5 })
    expect(timeless(again.history)).toEqual(timeless(first.history))
    const more = await trained(hits.slice(3), 3, { checkpoint, resume: 'latest', epochs: 5 })
    expect(timeless(more.history)).toEqual(timeless((await trained(hits, 3)).history))
  })

  it('counts as no improvement for a reduction on plateaus', async () => {
    const schedule = { name: 'reduce-on-plateau', patience: 2, factor: 0.5 } as const
    const { history } = await trained([5, 0, 0, 0, 0, 0], undefined, { schedule })
    const rates = history.epochs.map(({ learningRate }) => learningRate)
    expect(rates).toEqual([0.01, 0.01, 0.01, 0.005, 0.005, 0.0025])
  })

  it('counts the same on plateaus when training goes on with more epochs', async () => {
    const schedule = { name: 'reduce-on-plateau', patience: 2, factor: 0.5 } as const
    const hits = [0, 0, 5, 0, 0, 0, 4, 0]
    const whole = await trained(hits, undefined, { schedule })
    for (const epochs of [2, 5]) {
      const checkpoint = await temporaryFolder()
      await trained(hits.slice(0, epochs), undefined, { schedule, checkpoint })
      const resumed = await trained(hits.slice(epochs), undefined, {
        schedule,
        checkpoint,
        resume: 'latest',
        epochs: hits.length,
      })
      expect(timeless(resumed.history)).toEqual(timeless(whole.history))
    }
  })
})
