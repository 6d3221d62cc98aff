import type { RngState } from '@gnnrec/graph'
import { type GuardState, type MutableGuardState, noGuardState } from '../guards/guard-state.js'
import type { BestValue } from '../loop/early-stopping.js'
import { EpochMeans, type EpochSums } from './epoch-means.js'
import type { EpochRecord, StopReason } from './training-history.js'

/** Where a training stands, without its arrays; plain JSON. */
export interface TrainingProgress {
  /** Epochs that are complete, evaluation included. */
  readonly epoch: number
  /** Batches of the epoch at hand that were drawn; those without a sample are among them. */
  readonly drawnBatches: number
  /** Batches of the epoch at hand that the model has seen. */
  readonly seenBatches: number
  /** Optimiser steps in the epoch at hand. */
  readonly step: number
  /** Optimiser steps in all. */
  readonly totalSteps: number
  /** Learning rate of the last step. */
  readonly lastRate: number
  /** Rate that the schedule scales. */
  readonly baseRate: number
  readonly sums: EpochSums
  /** The model's stream as it was when the epoch at hand began. */
  readonly modelRng: RngState
  /** Monitored values so far: the state of a reduction on plateaus, too. */
  readonly evaluations: readonly { readonly epoch: number; readonly value: number }[]
  /** State of early stopping. */
  readonly best: BestValue | null
  readonly records: readonly EpochRecord[]
  readonly skippedDraws: number
  readonly guards: GuardState
  /** Seconds in all, and in the epoch at hand. */
  readonly seconds: number
  readonly epochSeconds: number
  /** Why training is at its end, or null when it is not. */
  readonly stopReason: StopReason | null
  /** What a checkpoint is ranked by, more is better; null in the middle of an epoch. */
  readonly rank: number | null
}

/** {@link TrainingProgress} as it goes on. */
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

/** The progress of a training that has not begun. */
export function noProgress(modelRng: RngState, baseRate: number): MutableProgress {
  return {
    ...{ epoch: 0, drawnBatches: 0, seenBatches: 0, step: 0, totalSteps: 0 },
    ...{ lastRate: 0, baseRate, means: new EpochMeans(), modelRng },
    ...{ evaluations: [], best: null, records: [], guards: noGuardState() },
    ...{ skippedDraws: 0, seconds: 0, epochSeconds: 0, stopReason: null, rank: null },
  }
}

/** The progress that a checkpoint has. */
export function restoredProgress({ sums, ...progress }: TrainingProgress): MutableProgress {
  return {
    ...progress,
    means: new EpochMeans(sums),
    records: [...progress.records],
    evaluations: [...progress.evaluations],
    guards: { ...progress.guards },
  }
}

/** A copy for a checkpoint. */
export function savedProgress({ means, ...progress }: MutableProgress): TrainingProgress {
  return {
    ...progress,
    sums: means.sums,
    records: [...progress.records],
    evaluations: [...progress.evaluations],
    guards: { ...progress.guards },
  }
}
