import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Split } from '@gnnrec/graph'
import { FolderLock, FolderLockedError } from '@gnnrec/graph/files'
import type { GraphModel } from '@gnnrec/models'
import { Trainer, type TrainerOptions, type TrainingHistory } from '@gnnrec/train'
import type { Trial } from '../plan/trial.js'
import type { Measurements } from './measurements.js'

/** The state of a training after an epoch. */
export interface EpochReport {
  /** Number of trained epochs. */
  readonly epoch: number
  /** Number of epochs of the whole training. */
  readonly epochs: number
  /** Mean training loss of the epoch. */
  readonly loss: number
  /** Validation metrics, when the epoch was evaluated. */
  readonly validation?: Readonly<Record<string, number>>
}

interface TrainingContext {
  /** The trial's folder. */
  readonly folder: string
  readonly checkpointSeconds: number
  readonly signal: AbortSignal
  readonly onEpoch: (report: EpochReport) => void
}

/** Milliseconds that the trial of a runner that was killed may take to notice it and end. */
const longestWait = 20_000

/**
 * Trains the model of a trial, from its latest checkpoint if it has one, to the end or to the epoch at
 * which the trial pauses.
 *
 * @returns undefined when the signal stopped the training
 */
export async function trainTrial(
  { model: settings, protocol, seed, untilEpoch }: Trial,
  model: GraphModel,
  split: Split,
  { folder, checkpointSeconds, signal, onEpoch }: TrainingContext,
): Promise<Omit<Measurements, 'split' | 'settings'> | undefined> {
  const training = settings.training as Pick<TrainerOptions, 'epochs'> & Partial<TrainerOptions>
  const { selection, validated = [] } = protocol
  const checkpoints = join(folder, 'checkpoints')
  await untilFree(checkpoints, signal)
  const trainer = new Trainer({
    ...training,
    model,
    split,
    seed,
    metrics: selection === 'last-epoch' ? [] : [...new Set([selection, ...validated])],
    progress: 'none',
    handleInterrupt: false,
    log: join(folder, 'training.jsonl'),
    checkpoint: { folder: checkpoints, everySeconds: checkpointSeconds },
    resume: 'latest-or-start',
  } as TrainerOptions)
  const pause = new AbortController()
  const warnings: string[] = []
  let history: TrainingHistory | undefined
  let planned = 0
  const isDue = (epoch: number) => untilEpoch !== undefined && epoch >= untilEpoch
  for await (const event of trainer.run({ signal: AbortSignal.any([signal, pause.signal]) })) {
    if (event.type === 'start') {
      planned = event.epochs
      if (isDue(event.resumedAfter?.epochs ?? 0)) pause.abort()
    } else if (event.type === 'warning') warnings.push(event.message)
    else if (event.type === 'end') history = event.history
    else if (event.type === 'epoch') {
      const { epoch, loss, validation } = event.record
      onEpoch({ epoch, epochs: planned, loss, ...(validation && { validation }) })
      if (isDue(epoch)) pause.abort()
    }
  }
  if (!history) throw new Error('The training has no end.')
  const { epochs, bestEpoch, bestValidation, stopReason } = history
  if (stopReason === 'aborted' && !pause.signal.aborted) return undefined
  return {
    ...(bestValidation && { validation: bestValidation }),
    ...(bestEpoch !== null && { bestEpoch }),
    epochs: epochs.length,
    stopReason,
    warnings,
    trainSeconds: epochs.reduce((sum, epoch) => sum + epoch.seconds, 0),
  }
}

/** Waits for some seconds until no other training uses the folder; the trainer reports one that stays. */
async function untilFree(folder: string, signal: AbortSignal): Promise<void> {
  const started = performance.now()
  while (performance.now() - started < longestWait) {
    try {
      await (await FolderLock.acquire(folder)).release()
      return
    } catch (error) {
      if (!(error instanceof FolderLockedError)) throw error
    }
    await wait(100, undefined, { signal }).catch(() => signal.throwIfAborted())
  }
}
