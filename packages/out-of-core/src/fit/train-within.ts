import { join } from 'node:path'
import { InvalidOptionsError } from '@gnnrec/graph'
import { awaitCallback, warn } from '@gnnrec/graph/kernels'
import {
  CheckpointError,
  type TrainingEvent,
  type TrainingMemory,
  TrainingTooLargeError,
} from '@gnnrec/train'
import { hasCheckpoints } from '../checkpoints/has-checkpoints.js'
import { warnOfEvent } from '../training/warn-of-event.js'
import { filesModel } from './files-model.js'
import {
  type ResolvedTrainWithinOptions,
  resolveTrainWithinOptions,
  type TrainWithinOptions,
} from './fit-options.js'
import type { FitDecision, FittedModel } from './fitted-model.js'
import { trainerInFiles, trainInFiles } from './in-files.js'
import { memoryFolder, trainInMemory } from './in-memory.js'
import { megabytes } from './megabytes.js'
import { memoryEstimate } from './process-memory.js'

/** An event of {@link trainWithin}: first the way that it goes, then the events of `Trainer.run`. */
export type TrainWithinEvent = ({ readonly type: 'fit' } & FitDecision) | TrainingEvent

/**
 * Trains within a limit of memory for the process: in memory if the training fits, else in files, to the same
 * bytes either way.
 *
 * `estimateTrainingMemory` says whether it fits. In files the interactions, Node.js and the lists of an evaluation
 * are counted, and blocks get what is left. A training that goes on from a checkpoint stays where it began. It
 * needs the backend `simd`, and starts it if there is none.
 *
 * @param onEvent - called with each event and waited for; by default findings, warnings and a training that goes over to files
 * become warnings of the process
 * @throws InvalidOptionsError when an option is wrong, or `fit` is `'files'` and files cannot train this
 * @throws TrainingTooLargeError when it does not fit in memory, and may not, or cannot, go to files
 * @throws MemoryLimitError when neither way can do with `maxMemory`, with the smallest that could
 * @throws CheckpointError when the folder has checkpoints and `resume` is not set
 * @throws InvalidOptionsError on another backend than `simd`
 * @throws what `Trainer.fit` and `OutOfCoreTrainer.fit` throw
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { fromRecords, splitRows } from '@gnnrec/graph'
 * import { LightGcn } from '@gnnrec/models'
 * import { useBackend } from '@gnnrec/ops'
 * import { trainWithin } from '@gnnrec/out-of-core'
 *
 * await useBackend('simd', { threads: 1 })
 * const table = fromRecords([
 *   { user: 'ann', item: 'tea' },
 *   { user: 'ann', item: 'jam' },
 *   { user: 'bob', item: 'jam' },
 *   { user: 'cem', item: 'egg' },
 * ])
 * const split = splitRows(table, { train: [0, 1, 2, 3], validation: [], test: [] }, { name: 'shop' })
 * const trained = await trainWithin({
 *   model: { architecture: 'light-gcn', options: { embeddingDim: 8, layers: 1 } },
 *   split,
 *   folder: await mkdtemp(join(tmpdir(), 'gnnrec-')),
 *   maxMemory: 4e9,
 *   ...LightGcn.presets.paper.training,
 *   epochs: 3,
 * })
 * console.log(trained.decision.way, trained.history.epochs.length)
 * await trained.close()
 * ```
 */
export async function trainWithin(
  options: TrainWithinOptions,
  {
    signal,
    onEvent = warnOf,
  }: {
    readonly signal?: AbortSignal
    readonly onEvent?: (event: TrainWithinEvent) => unknown
  } = {},
): Promise<FittedModel> {
  const settings = resolveTrainWithinOptions(options)
  const { fit, folder, maxMemory, resume } = settings
  const control = { signal, onEvent }
  const start = async (decision: FitDecision) => {
    await awaitCallback('onEvent', () => onEvent({ type: 'fit', ...decision }))
    return decision
  }
  const began = whereItBegan(folder)
  if (began !== undefined && !resume) {
    throw new CheckpointError(
      `${folder} has checkpoints of an earlier training; set resume to go on with it, or choose another folder.`,
    )
  }
  const asked = fit === 'auto' && began !== undefined ? began : fit
  let estimate: TrainingMemory | undefined
  if (asked !== 'files') {
    estimate = memoryEstimate(settings)
    const fits = estimate.peakBytes <= maxMemory
    if (fits) {
      const reason = `The training takes about ${megabytes(estimate.peakBytes)} in memory, within the ${megabytes(maxMemory)} of maxMemory.`
      const decision = await start({ way: 'memory', reason, estimate })
      return trainInMemory(settings, decision, control)
    }
    if (asked === 'memory') throw tooLarge(settings, estimate, memoryOnly(began))
  }
  const model = filesModel(settings.model)
  if (typeof model === 'string') {
    if (estimate) throw tooLarge(settings, estimate, `it cannot go over to files: ${model}`)
    throw new InvalidOptionsError(`fit: got 'files', which cannot train this: ${model}.`)
  }
  const trainer = trainerInFiles(settings, model, estimate?.peakBytes)
  const reason = estimate
    ? `The training would take ${megabytes(estimate.peakBytes)} in memory, above the ${megabytes(maxMemory)} of maxMemory: its tables lie in files.`
    : began === 'files'
      ? 'The training goes on in files, where it began.'
      : "The tables lie in files, as fit: 'files' asks."
  const decision = await start({ way: 'files', reason, estimate })
  return trainInFiles(trainer, maxMemory, decision, control)
}

function memoryOnly(began: 'memory' | 'files' | undefined): string {
  return began === 'memory'
    ? "it goes on from a checkpoint in memory; fit: 'auto' in another folder may use files"
    : "fit: 'auto' goes over to files"
}

/** Returns the way of the training whose checkpoints a folder has. */
function whereItBegan(folder: string): 'memory' | 'files' | undefined {
  if (hasCheckpoints(join(folder, memoryFolder))) return 'memory'
  return hasCheckpoints(join(folder, 'checkpoints')) ? 'files' : undefined
}

function tooLarge(
  { maxMemory }: ResolvedTrainWithinOptions,
  estimate: TrainingMemory,
  why: string,
): TrainingTooLargeError {
  return new TrainingTooLargeError(
    `maxMemory: got ${megabytes(maxMemory)}; the training would take ${megabytes(estimate.peakBytes)} in memory, and ${why}. Allow that much, or take a smaller embeddingDim or batchSize, fewer layers, or graphSampling.`,
    estimate,
  )
}

function warnOf(event: TrainWithinEvent): void {
  if (event.type !== 'fit') warnOfEvent(event)
  else if (event.way === 'files' && event.estimate) warn(event.reason)
}
