import type { BestValue, EpochRecord, StopReason } from '@gnnrec/train'
import { EpochMeans, type GuardState, noGuardState } from '@gnnrec/train/internal'

/** Where a training stands; plain JSON. */
export interface Progress {
  /** Epochs that are complete, evaluation included. */
  readonly epoch: number
  /** Batches of the epoch at hand that were drawn. */
  readonly drawnBatches: number
  readonly totalSteps: number
  readonly lastRate: number
  readonly sums: EpochMeans['sums']
  readonly evaluations: readonly { readonly epoch: number; readonly value: number }[]
  readonly best: BestValue | null
  readonly records: readonly EpochRecord[]
  readonly guards: GuardState
  readonly skippedDraws: number
  readonly seconds: number
  readonly epochSeconds: number
  readonly stopReason: StopReason | null
  /** Optimiser steps of parameters that are no tables. */
  readonly denseSteps: Readonly<Record<string, number>>
}

/** {@link Progress} as it goes on. */
export type MutableProgress = { -readonly [Key in keyof Progress]: Progress[Key] }

/** The progress of a training that has not begun. */
export function noProgress(): MutableProgress {
  return {
    ...{ epoch: 0, drawnBatches: 0, totalSteps: 0, lastRate: 0, sums: noSums() },
    ...{ evaluations: [], best: null, records: [], guards: noGuardState(), skippedDraws: 0 },
    ...{ seconds: 0, epochSeconds: 0, stopReason: null, denseSteps: {} },
  }
}

/** The sums before the first step of an epoch. */
export function noSums(): EpochMeans['sums'] {
  return new EpochMeans().sums
}
