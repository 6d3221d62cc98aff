import type { EpochBatch } from '@gnnrec/graph'
import type { BatchSource } from './batch-source.js'

/** The batches of one optimiser step. */
export interface StepBatches {
  /** Step within the epoch, from 0. */
  readonly step: number
  /** Those with samples, one at least. */
  readonly batches: readonly EpochBatch[]
  /** From where the batches after these are drawn: the `startStep` to go on with. */
  readonly drawnBatches: number
  /** Draws that were skipped so far, by this iterator. */
  readonly skippedDraws: number
}

/** Groups the batches of an epoch to optimiser steps of `accumulateSteps` batches each. */
export async function* stepBatches(
  iterator: BatchSource,
  { epoch, startStep, size }: { epoch: number; startStep: number; size: number },
): AsyncGenerator<StepBatches, void> {
  let group: StepBatches | undefined
  for await (const batch of iterator.epoch(epoch, { startStep })) {
    const step = Math.floor(batch.step / size)
    // Batches without a sample do not come, so the last of a group may be missing.
    if (group && group.step !== step) yield group
    const before = group?.step === step ? group.batches : []
    const drawnBatches = batch.step + 1
    const { skippedDraws } = iterator
    group = { step, batches: [...before, batch], drawnBatches, skippedDraws }
    if (drawnBatches % size === 0) {
      yield group
      group = undefined
    }
  }
  if (group) yield group
}
