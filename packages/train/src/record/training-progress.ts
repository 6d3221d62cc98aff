import type { RngState } from '@gnnrec/graph'
import { type GuardState, type MutableGuardState, noGuardState } from '../guards/guard-state.js'
import type { BestValue } from '../loop/early-stopping.js'
import { EpochMeans, type EpochSums } from './epoch-means.js'
import type { EpochRecord, StopReason } from './training-history.js'

/** Progress of a training, without its arrays; plain JSON. */
export interface TrainingProgress {
  /** Number of complete epochs, evaluation included. */
  readonly epoch: number
  /** Number of batches drawn in the present epoch, those without a sample included. */
  readonly drawnBatches: number
  /** Number of batches of the present epoch that the model has seen. */
  readonly seenBatches: number
  /** Number of optimizer steps in the present epoch. */
  readonly step: number
  /** Number of optimizer steps in all. */
  readonly totalSteps: number
  /** Learning rate of the last step. */
  readonly lastRate: number
  /** Base rate, which the schedule scales. */
  readonly baseRate: number
  readonly sums: EpochSums
  /** The random stream of the model at the start of the present epoch. */
  readonly modelRng: RngState
  /** Monitored values so far, NaN where undefined, which also are the state of a reduction on plateaus. */
  readonly evaluations: readonly { readonly epoch: number; readonly value: number }[]
  /** State of early stopping. */
  readonly best: BestValue | null
  readonly records: readonly EpochRecord[]
  readonly skippedDraws: number
  readonly guards: GuardState
  /** Seconds of training in all. */
  readonly seconds: number
  /** Seconds of training in the present epoch. */
  readonly epochSeconds: number
  /** The reason for which training has ended; null before the end. */
  readonly stopReason: StopReason | null
  /** Value that ranks a checkpoint, more is better; null without one, as in the middle of an epoch. */
  readonly rank: number | null
}

/** A {@link TrainingProgress} that changes as training goes on. */
export type MutableProgress = {
  -readonly [Key in Exclude<
    keyof TrainingProgress,
    'sums' | 'records' | 'evaluations' | 'guards'
  >]: TrainingProgress[Key]
} & {
  means: EpochMeans
  readonly guards: MutableGuardState
  readonly records: EpochRecord[]
  readonly evaluations: { readonly epoch: number; readonly value: number }[]
}

/** Makes the progress of a training that has not begun. */
export function noProgress(modelRng: RngState, baseRate: number): MutableProgress {
  return {
    epoch: 0,
    drawnBatches: 0,
    seenBatches: 0,
    step: 0,
    totalSteps: 0,
    lastRate: 0,
    baseRate,
    means: new EpochMeans(),
    modelRng,
    evaluations: [],
    best: null,
    records: [],
    guards: noGuardState(),
    skippedDraws: 0,
    seconds: 0,
    epochSeconds: 0,
    stopReason: null,
    rank: null,
  }
}

/** Makes the progress of a training that goes on from a checkpoint. */
export function restoredProgress({ sums, ...progress }: TrainingProgress): MutableProgress {
  return {
    ...progress,
    means: new EpochMeans(sums),
    records: [...progress.records],
    evaluations: [...progress.evaluations],
    guards: { ...progress.guards },
  }
}

/** Copies the progress for a checkpoint. */
export function savedProgress({ means, ...progress }: MutableProgress): TrainingProgress {
  return {
    ...progress,
    sums: means.sums,
    records: [...progress.records],
    evaluations: [...progress.evaluations],
    guards: { ...progress.guards },
  }
}
