import type { GraphModel } from '@gnnrec/models'
import type { HostTensor } from '@gnnrec/serving/model-folder'
import { expect } from 'vitest'
import { Trainer, type TrainerOptions, type TrainingHistory } from '../../src/index.js'

/** Everything that two equal trainings have in common to the byte. */
export interface TrainingResult {
  readonly weights: ReadonlyMap<string, HostTensor>
  readonly history: TrainingHistory
}

/** Trains until after a step (or the end of an epoch, without `step`), then aborts. */
export interface StopPlace {
  /** From 1. */
  readonly epoch: number
  /** From 1. */
  readonly step?: number
}

export async function trainTo(options: TrainerOptions, place?: StopPlace): Promise<TrainingResult> {
  const controller = new AbortController()
  let history: TrainingHistory | undefined
  for await (const event of new Trainer(options).run({ signal: controller.signal })) {
    const isThere =
      place?.step === undefined
        ? event.type === 'epoch' && event.record.epoch === place?.epoch
        : event.type === 'step' && event.epoch === place.epoch && event.step === place.step
    if (isThere) controller.abort()
    if (event.type === 'end') history = event.history
  }
  return { weights: await options.model.weights(), history: history as TrainingHistory }
}

/** Trains with new models, stopping at each of the places and going on from the checkpoint. */
export async function trainInParts(
  makeModel: () => GraphModel,
  options: Omit<TrainerOptions, 'model' | 'resume'>,
  places: readonly (StopPlace | undefined)[],
  before: (part: number) => Promise<void> = async () => {},
): Promise<TrainingResult> {
  let result: TrainingResult | undefined
  for (const [part, place] of places.entries()) {
    await before(part)
    const model = makeModel()
    result = await trainTo({ ...options, model, resume: 'latest-or-start' }, place)
    if (place) expect(result.history.stopReason).toBe('aborted')
    model.dispose()
  }
  return result as TrainingResult
}

/** Expects the same bytes of weights, and the same history but for its times. */
export function expectSameTraining(actual: TrainingResult, expected: TrainingResult): void {
  expect(timeless(actual.history)).toEqual(timeless(expected.history))
  expect([...actual.weights.keys()]).toEqual([...expected.weights.keys()])
  for (const [name, { data }] of expected.weights) {
    const own = actual.weights.get(name)?.data as Float32Array
    expect(Buffer.compare(bytesOf(own), bytesOf(data as Float32Array)), name).toBe(0)
  }
}

/** Returns a history without its times. */
export function timeless({ seconds, epochs, ...history }: TrainingHistory) {
  const records = epochs.map(({ seconds: _, evaluationSeconds, guardSeconds, ...record }) => record)
  return { ...history, records }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
