import { readdir } from 'node:fs/promises'
import { InvalidOptionsError } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { CheckpointError, Trainer, type TrainingEvent } from '../src/index.js'
import { removeFoldersAfterEach, temporaryFolder } from './support/checkpoint-folder.js'
import { expectSameTraining, trainTo } from './support/same-training.js'
import { ScriptedModel, scriptedSplit } from './support/scripted-model.js'
import { smallModel, smallOptions } from './support/small-training.js'

removeFoldersAfterEach()
beforeAll(() => useBackend('simd', { threads: 1 }))

const turns = (count: number) => new Promise((resolve) => setTimeout(resolve, count))

describe('Trainer.run', () => {
  it('tells what happens, in order, as the reporter is told', async () => {
    const split = scriptedSplit()
    const model = ScriptedModel.onSplit(split, [4, 3])
    const told: unknown[] = []
    const teller = (type: string) => (event: object | null) => void told.push({ type, ...event })
    const events: TrainingEvent[] = []
    const trainer = new Trainer({
      model,
      split,
      epochs: 2,
      batchSize: 5,
      learningRate: 0.01,
      metrics: ['hit@1'],
      sampling: 'interaction-shuffle',
      guards: false,
      progress: { start: teller('start'), step: teller('step'), epoch: teller('epoch') },
    })
    for await (const event of trainer.run()) events.push(event)
    const steps = ['step', 'step', 'epoch']
    expect(events.map(({ type }) => type)).toEqual(['start', ...steps, ...steps, 'end'])
    expect(told).toEqual(events.slice(0, -1))
    expect(events.at(-1)).toMatchObject({ history: { stopReason: 'completed', bestEpoch: 1 } })
    // The weights are those of the best epoch before the last event.
    expect(model.number).toBe(model.snapshots[0])
  })

  it('trains to the same bytes as fit', async () => {
    const [byRun, byFit] = [smallModel(), smallModel()]
    const expected = await trainTo({ ...smallOptions, model: byRun })
    const history = await new Trainer({ ...smallOptions, model: byFit }).fit()
    expectSameTraining({ history, weights: await byFit.weights() }, expected)
  })

  it('waits for whoever asks for the events, and cleans up when they leave', async () => {
    const model = smallModel()
    const end = vi.fn()
    const trainer = new Trainer({
      ...smallOptions,
      model,
      handleInterrupt: true,
      progress: { end },
    })
    const weights: unknown[] = []
    for await (const event of trainer.run()) {
      if (event.type !== 'step') continue
      expect(process.listenerCount('SIGINT')).toBe(1)
      weights.push(await model.weights())
      await turns(5)
      expect(await model.weights()).toEqual(weights.at(-1))
      if (weights.length === 3) break
    }
    expect(weights[1]).not.toEqual(weights[2])
    expect(end.mock.calls).toEqual([[null]])
    expect(process.listenerCount('SIGINT')).toBe(0)
  })

  it('has cleaned up before the last event', async () => {
    const model = smallModel()
    await new Trainer({ ...smallOptions, model, epochs: 1 }).fit()
    const tensors = tf.memory().numTensors
    const end = vi.fn()
    const folder = await temporaryFolder()
    const trainer = new Trainer({
      ...smallOptions,
      model,
      handleInterrupt: true,
      progress: { end },
      checkpoint: folder,
    })
    const events = trainer.run()
    let event: TrainingEvent | undefined
    do event = (await events.next()).value ?? undefined
    while (event && event.type !== 'end')
    expect(event?.history.stopReason).toBe('completed')
    expect(end.mock.calls).toEqual([[event?.history]])
    expect(process.listenerCount('SIGINT')).toBe(0)
    expect(tf.memory().numTensors).toBe(tensors)
    expect(await readdir(folder)).not.toContain('lock.json')
    expect(await events.next()).toEqual({ done: true, value: undefined })
  })

  it('rejects what is no signal', async () => {
    const trainer = new Trainer({ ...smallOptions, model: smallModel() })
    await expect(trainer.run({ signal: 'now' as never }).next()).rejects.toThrow(
      /Trainer\.run.*\n.*signal/,
    )
  })
})

describe('steering', () => {
  it('pauses after the step at hand and goes on to the same bytes', async () => {
    const whole = await trainTo({ ...smallOptions, model: smallModel() })
    const model = smallModel()
    let steps = 0
    const progress = { step: () => void (++steps === 3 && trainer.pause()) }
    const trainer = new Trainer({ ...smallOptions, model, progress })
    const done = trainer.fit()
    await vi.waitFor(() => expect(trainer.isPaused).toBe(true), { timeout: 600_000 })
    await turns(50)
    expect(steps).toBe(3)
    trainer.unpause()
    expect(trainer.isPaused).toBe(false)
    const history = await done
    expectSameTraining({ history, weights: await model.weights() }, whole)
  })

  it('pauses before the first step too, and ends in a pause when it is aborted', async () => {
    const controller = new AbortController()
    const trainer = new Trainer({ ...smallOptions, model: smallModel() })
    trainer.pause()
    const done = trainer.fit({ signal: controller.signal })
    await turns(50)
    controller.abort()
    expect(await done).toMatchObject({ stopReason: 'aborted', epochs: [] })
  })

  it('sets the rate that the schedule scales from the next step on', async () => {
    const schedule = { name: 'exponential', factor: 0.5 } as const
    const model = smallModel()
    const rates: number[] = []
    const trainer = new Trainer({ ...smallOptions, model, epochs: 2, schedule })
    trainer.setLearningRate(0.04)
    for await (const event of trainer.run()) {
      if (event.type !== 'step') continue
      rates.push(event.learningRate)
      if (event.epoch === 2 && event.step === 1) trainer.setLearningRate(1)
    }
    expect(rates).toEqual([0.04, 0.04, 0.04, 0.04, 0.02, 0.5, 0.5, 0.5])
  })

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('rejects the rate %d', (rate) => {
    const trainer = new Trainer({ ...smallOptions, model: smallModel() })
    expect(() => trainer.setLearningRate(rate)).toThrow(InvalidOptionsError)
  })

  it('writes a checkpoint when asked, in a pause too, that can be gone on from', async () => {
    const whole = await trainTo({ ...smallOptions, model: smallModel() })
    const folder = await temporaryFolder()
    const checkpoint = { folder, everyEpochs: 100, keepLast: 9 }
    const trainer = new Trainer({ ...smallOptions, model: smallModel(), checkpoint })
    const asked: Promise<string>[] = []
    const written: string[] = []
    for await (const event of trainer.run()) {
      if (event.type === 'checkpoint') written.push(event.path)
      if (event.type !== 'step' || event.epoch !== 2) continue
      if (event.step === 1) asked.push(trainer.saveCheckpoint(), trainer.saveCheckpoint())
      if (event.step === 3) {
        trainer.pause()
        asked.push(trainer.saveCheckpoint())
        asked[2].then(() => trainer.unpause())
      }
    }
    const paths = await Promise.all(asked)
    expect(paths[0]).toBe(paths[1])
    expect(new Set(paths).size).toBe(2)
    expect(written.slice(0, 2)).toEqual([paths[0], paths[2]])
    for (const path of paths) {
      const model = smallModel()
      expectSameTraining(await trainTo({ ...smallOptions, model, resume: path }), whole)
    }
  })

  it('refuses a checkpoint where there is no folder or no training', async () => {
    const trainer = new Trainer({ ...smallOptions, model: smallModel() })
    await expect(trainer.saveCheckpoint()).rejects.toThrow(CheckpointError)
    const folder = await temporaryFolder()
    const other = new Trainer({ ...smallOptions, model: smallModel(), checkpoint: folder })
    await expect(other.saveCheckpoint()).rejects.toThrow(/set the option checkpoint, and ask while/)
    let late: Promise<string> | undefined
    for await (const event of other.run()) {
      if (event.type === 'epoch' && event.record.epoch === 3) {
        // The last checkpoint is that of the end, which serves this wish too.
        late = other.saveCheckpoint()
      }
    }
    await expect(late).resolves.toMatch(/checkpoint-\d+$/)
    await expect(other.saveCheckpoint()).rejects.toThrow(CheckpointError)
  })
})
