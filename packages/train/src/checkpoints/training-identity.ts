import type { BipartiteGraph } from '@gnnrec/graph'
import { sha256Hex } from '@gnnrec/graph/files'
import { showValue } from '@gnnrec/graph/kernels'
import type { ResolvedTraining } from '../options/training-loop-options.js'
import type { LearningRateSchedule } from '../schedules/learning-rate-schedule.js'

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** Everything that the bytes of a training depend on, besides its progress; plain JSON. */
export interface TrainingIdentity {
  /** Hash of the split, or of the graph when there is no split. */
  readonly data: Json
  readonly model: SavedModel
  readonly training: SavedTraining
}

/** The model of a training, as a checkpoint has it. */
interface SavedModel {
  readonly architecture: string
  readonly options: Json
  /** Shapes of the tensors by name. */
  readonly tensors: Json
}

/** The settings of a training, as a checkpoint has them; here those that are read one by one. */
export interface SavedTraining {
  readonly epochs: number
  readonly metrics: readonly string[]
  readonly earlyStopping?:
    | {
        readonly metric: string
        readonly patience: number
        readonly minimumChange: number | { readonly absolute: number }
      }
    | undefined
  /** The schedule as data, or shares that stand for a function. */
  readonly schedule?: unknown
}

/** Number of epochs whose rates stand for a schedule that is a function. */
const sampledEpochs = 50

/** Collects everything that the bytes of a training depend on. */
export async function identityOf(
  settings: ResolvedTraining,
  stepsPerEpoch: number,
): Promise<TrainingIdentity> {
  const { model, split, epochs, givenSchedule } = settings
  const { tensors } = model.describe()
  return toJson({
    data: split ? { split: split.hash } : { graph: await hashOf(model.graph) },
    model: {
      architecture: model.architecture,
      options: model.options,
      tensors: Object.fromEntries(tensors.map(({ name, shape }) => [name, shape])),
    },
    training: {
      epochs,
      batchSize: settings.batchSize,
      learningRate: settings.learningRate,
      sampling: settings.sampling,
      seed: settings.seed,
      negativesPerPositive: settings.negativesPerPositive,
      negatives: settings.negatives,
      graphSampling: settings.graphSampling,
      optimizer: settings.optimizer,
      weightDecay: settings.weightDecay,
      clipNorm: settings.clipNorm,
      clipValue: settings.clipValue,
      accumulateSteps: settings.accumulateSteps,
      evaluateEvery: settings.evaluateEvery,
      earlyStopping: settings.earlyStopping,
      metrics: settings.metrics,
      schedule:
        typeof givenSchedule === 'function'
          ? sampledRates(givenSchedule, epochs, stepsPerEpoch)
          : givenSchedule,
    },
  }) as unknown as TrainingIdentity
}

/** Computes the SHA-256 (hex) of the ids and edges of a graph, and of their weights if it has any. */
function hashOf({ users, items, interactions }: BipartiteGraph): Promise<string> {
  const ids = new TextEncoder().encode(JSON.stringify([users.ids, items.ids]))
  const { pointers, items: met, weights } = interactions
  const edges = [pointers, met, ...(weights ? [weights] : [])].map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  )
  return sha256Hex([ids, ...edges])
}

/** Computes shares at the ends of some epochs, which stand for a schedule that cannot be saved. */
export function sampledRates(
  schedule: LearningRateSchedule,
  epochs: number,
  stepsPerEpoch: number,
) {
  const count = Math.min(epochs, sampledEpochs)
  const shares: number[] = []
  for (let i = 0; i < count; i++) {
    const epoch = Math.round((i * (epochs - 1)) / Math.max(1, count - 1))
    for (const step of [0, stepsPerEpoch - 1]) {
      shares.push(schedule({ epoch, step, epochs, stepsPerEpoch }))
    }
  }
  return { shares }
}

/** Most differences that are written out. A checkpoint of somebody else may have a million. */
const mostDifferences = 20

/** Writes a sentence for each difference of two identities, or for the first ones and a count of the rest. */
export function identityDifferences(
  saved: Partial<TrainingIdentity>,
  now: Partial<TrainingIdentity>,
): string[] {
  const all = differences('', saved as unknown as Json, toJson(now))
  const more = all.length - mostDifferences
  return more > 0 ? [...all.slice(0, mostDifferences), `and ${more} more differences`] : all
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
  return value === undefined ? 'none' : showValue(value)
}

function isRecord(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Returns a value as it comes back from a file. */
function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value))
}
