import type { TrainingEvent } from '@gnnrec/train'
import { MemoryLimitError } from '../errors.js'
import type { OutOfCoreModelSettings } from '../models/resolved-model.js'
import { OutOfCoreTrainer } from '../training/out-of-core-trainer.js'
import type { OutOfCoreTrainerOptions } from '../training/trainer-options.js'
import type { ResolvedTrainWithinOptions } from './fit-options.js'
import type { FitDecision, FittedModel } from './fitted-model.js'
import { megabytes } from './megabytes.js'
import { besidesBlocks, garbageCollector } from './process-memory.js'

/**
 * A trainer whose blocks have what is left of a limit for the process.
 *
 * @throws MemoryLimitError with the smallest limit for the process
 */
export function trainerInFiles(
  options: ResolvedTrainWithinOptions,
  model: OutOfCoreModelSettings,
  peakInMemory: number | undefined,
): OutOfCoreTrainer {
  const { split, folder, resume, maxMemory, training } = options
  const besides = besidesBlocks(options)
  try {
    return new OutOfCoreTrainer({
      model,
      split,
      folder,
      resume,
      ...(training as Partial<OutOfCoreTrainerOptions>),
      maxMemory: Math.max(1, Math.floor(maxMemory - besides)),
    } as OutOfCoreTrainerOptions)
  } catch (error) {
    if (!(error instanceof MemoryLimitError)) throw error
    const inFiles = Math.ceil(besides + error.smallest)
    const smallest = Math.min(inFiles, peakInMemory ?? inFiles)
    const inMemory =
      peakInMemory === undefined ? '' : `, and ${megabytes(peakInMemory)} would do in memory`
    throw new MemoryLimitError(
      `maxMemory: got ${megabytes(maxMemory)} for the process; in files the smallest that could do is ${megabytes(inFiles)} (${megabytes(besides)} for the process with its data, ${megabytes(error.smallest)} for blocks and a batch)${inMemory}. Allow more, or train in smaller batches.`,
      smallest,
    )
  }
}

/** Trains in files. */
export async function trainInFiles(
  trainer: OutOfCoreTrainer,
  maxMemory: number,
  decision: FitDecision,
  {
    signal,
    onEvent,
  }: { signal: AbortSignal | undefined; onEvent: (event: TrainingEvent) => unknown },
): Promise<FittedModel> {
  const collect = await garbageCollector(maxMemory)
  const model = await trainer.fit({
    ...(signal && { signal }),
    onEvent(event) {
      if (event.type === 'step') collect()
      return onEvent(event)
    },
  })
  return {
    decision,
    history: model.history,
    ranker: () => model.ranker(),
    recommendAll: (options) => model.recommendAll(options),
    toRecommender: () => model.toRecommender(),
    weights: () => model.weights(),
    save: (target) => model.save(target),
    close: () => model.close(),
  }
}
