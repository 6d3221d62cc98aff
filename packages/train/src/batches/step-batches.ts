import type { EpochBatch } from '@gnnrec/graph'
import type { BatchSource } from './batch-source.js'

/** The batches of one optimizer step. */
export interface StepBatches {
  /** Step within the epoch, from 0. */
  readonly step: number
  /** Batches with samples, at least one. */
  readonly batches: readonly EpochBatch[]
  /** Number of batches drawn so far in the epoch, which is the `startStep` of those that follow. */
  readonly drawnBatches: number
  /** Number of draws that this iterator has skipped so far. */
  readonly skippedDraws: number
}

/** Groups the batches of an epoch into optimizer steps of `accumulateSteps` batches each. */
export async function* stepBatches(
  iterator: BatchSource,
  { epoch, startStep, size }: { epoch: number; startStep: number; size: number },
): AsyncGenerator<StepBatches, void> {
  let group: StepBatches | undefined
  for await (const batch of iterator.epoch(epoch, { startStep })) {
    const step = Math.floor(batch.step / size)
    // Batches without a sample are left out, so the last of a group may be missing.
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
