import type { ResolvedTrainerOptions } from '../options/trainer-options.js'
import type { LearningRateSchedule } from '../schedules/learning-rate-schedule.js'

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** What a training is of: everything that its bytes depend on, besides where it stands. Plain JSON. */
export interface TrainingIdentity {
  /** Hash of the split. */
  readonly data: Json
  readonly model: Json
  readonly training: Json
}

/** Epochs whose rates stand for a schedule that is a function. */
const SAMPLED_EPOCHS = 50

/** The identity of a training. */
export function identityOf(
  settings: ResolvedTrainerOptions,
  stepsPerEpoch: number,
): TrainingIdentity {
  const { model, split, epochs, batchSize, learningRate, sampling, seed } = settings
  const { negativesPerPositive, negatives, graphSampling, optimizer, weightDecay } = settings
  const { clipNorm, clipValue } = settings
  const { accumulateSteps, evaluateEvery, earlyStopping, metrics, givenSchedule } = settings
  const { architecture, options, tensors } = model.describe()
  return toJson({
    data: { split: split.hash },
    model: {
      ...{ architecture, options },
      tensors: Object.fromEntries(tensors.map(({ name, shape }) => [name, shape])),
    },
    training: {
      ...{ epochs, batchSize, learningRate, sampling, seed, negativesPerPositive, negatives },
      ...{ graphSampling, optimizer, weightDecay, clipNorm, clipValue, accumulateSteps },
      ...{ evaluateEvery, earlyStopping, metrics },
      schedule:
        typeof givenSchedule === 'function'
          ? sampledRates(givenSchedule, epochs, stepsPerEpoch)
          : givenSchedule,
    },
  }) as unknown as TrainingIdentity
}

/** A function cannot be saved; its shares at the ends of some epochs tell it from others. */
function sampledRates(schedule: LearningRateSchedule, epochs: number, stepsPerEpoch: number) {
  const count = Math.min(epochs, SAMPLED_EPOCHS)
  const shares: number[] = []
  for (let i = 0; i < count; i++) {
    const epoch = Math.round((i * (epochs - 1)) / Math.max(1, count - 1))
    for (const step of [0, stepsPerEpoch - 1]) {
      shares.push(schedule({ epoch, step, epochs, stepsPerEpoch }))
    }
  }
  return { shares }
}

/** Sentences that say where two identities differ; none when they are the same. */
export function identityDifferences(saved: TrainingIdentity, now: TrainingIdentity): string[] {
  return differences('', saved as unknown as Json, now as unknown as Json)
}

function differences(path: string, saved: Json | undefined, now: Json | undefined): string[] {
  if (isRecord(saved) && isRecord(now)) {
    const keys = [...new Set([...Object.keys(saved), ...Object.keys(now)])]
    return keys.flatMap((key) => differences(path ? `${path}.${key}` : key, saved[key], now[key]))
  }
  if (JSON.stringify(saved) === JSON.stringify(now)) return []
  return [`${path}: the checkpoint has ${show(saved)}, this training ${show(now)}`]
}

function show(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? 'none'
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

function isRecord(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** As it comes back from a file. */
function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value))
}
