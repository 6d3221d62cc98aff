import { earlyStoppingOf, judgeEpoch } from '../loop/epoch-verdict.js'
import type { ResolvedTraining } from '../options/training-loop-options.js'
import type { StopReason } from '../record/training-history.js'
import type { TrainingProgress } from '../record/training-progress.js'
import { fromSettings } from '../schedules/from-settings.js'
import type { LearningRateSchedule } from '../schedules/learning-rate-schedule.js'
import {
  identityDifferences,
  type SavedTraining,
  sampledRates,
  type TrainingIdentity,
} from './training-identity.js'

/** The progress of a checkpoint as this training goes on from it, or the reasons why it cannot. */
interface ContinuedProgress {
  readonly differences: readonly string[]
  readonly progress: TrainingProgress
}

/**
 * Compares a checkpoint with the training that is to go on from it. The training may have more or fewer epochs, or
 * another patience, where all that has been trained so far would have been the same.
 */
export function continuedProgress(
  saved: { readonly identity: TrainingIdentity; readonly progress: TrainingProgress },
  now: TrainingIdentity,
  settings: ResolvedTraining,
  stepsPerEpoch: number,
): ContinuedProgress {
  const { identity, progress } = saved
  const before = identity.training
  const asBefore = {
    ...now,
    training: {
      ...now.training,
      epochs: before.epochs,
      schedule: scheduleFor(settings, before.epochs, stepsPerEpoch),
      earlyStopping: sameStopping(before, settings)
        ? before.earlyStopping
        : now.training.earlyStopping,
    },
  }
  const others = identityDifferences(identity, asBefore)
  if (others.length > 0) return { differences: others, progress }
  const differences = [
    ...epochDifferences(before.epochs, progress, settings),
    ...rateDifferences(before, progress, settings, stepsPerEpoch),
  ]
  const { stopReason, difference } = stopOf(progress, settings)
  if (difference !== undefined) differences.push(difference)
  return { differences, progress: { ...progress, stopReason } }
}

/** Returns the schedule as the identity of a training of so many epochs has it. */
function scheduleFor(
  { givenSchedule }: ResolvedTraining,
  epochs: number,
  stepsPerEpoch: number,
): unknown {
  if (typeof givenSchedule !== 'function') return givenSchedule
  return sampledRates(givenSchedule, epochs, stepsPerEpoch)
}

/** Returns true when the same measure decides, by the same least improvement, whatever the patience. */
function sameStopping(
  { earlyStopping, metrics }: SavedTraining,
  settings: ResolvedTraining,
): boolean {
  const monitor = earlyStopping?.metric ?? metrics[0] ?? null
  const change = earlyStopping?.minimumChange ?? 0
  const changeNow = settings.earlyStopping?.minimumChange ?? 0
  return (
    monitor === (settings.monitor?.name ?? null) &&
    JSON.stringify(change) === JSON.stringify(changeNow)
  )
}

function epochDifferences(
  before: number,
  { epoch, drawnBatches }: TrainingProgress,
  { epochs, evaluateEvery, metrics }: ResolvedTraining,
): string[] {
  if (epochs === before) return []
  const begun = epoch + Number(drawnBatches > 0)
  if (epochs < begun) {
    return [`training.epochs: the checkpoint is in epoch ${begun}, this training has ${epochs}`]
  }
  const isExtra = (last: number) =>
    metrics.length > 0 && last <= epoch && last % evaluateEvery !== 0
  if (isExtra(before)) {
    return [
      `training.epochs: epoch ${before} was evaluated because it was the last; with evaluateEvery ${evaluateEvery} a training of ${epochs} epochs does not evaluate it`,
    ]
  }
  return isExtra(epochs)
    ? [
        `training.epochs: epoch ${epochs} was not evaluated, and the last epoch of a training has to be`,
      ]
    : []
}

/** Compares the rates of the epochs so far, which many schedules make depend on the number of epochs. */
function rateDifferences(
  { epochs: before, schedule: saved }: SavedTraining,
  { epoch, drawnBatches, step, evaluations }: TrainingProgress,
  { epochs, schedule, givenSchedule, monitor }: ResolvedTraining,
  stepsPerEpoch: number,
): string[] {
  if (epochs === before) return []
  const old: LearningRateSchedule =
    typeof givenSchedule === 'function' ? schedule : fromSettings(saved as never)
  const history = { mode: monitor?.mode ?? 'max', evaluations }
  const begun = epoch + Number(drawnBatches > 0)
  for (let at = 0; at < begun; at++) {
    const last = at < epoch ? stepsPerEpoch - 1 : Math.max(0, step - 1)
    for (const place of [0, last]) {
      const position = { epoch: at, step: place, stepsPerEpoch }
      const share = old({ ...position, epochs: before }, history)
      const shareNow = schedule({ ...position, epochs }, history)
      if (share === shareNow) continue
      return [
        `training.schedule: its rates depend on the number of epochs; epoch ${at + 1} was trained at ${share} of the base rate with ${before} epochs, and would be at ${shareNow} with ${epochs}`,
      ]
    }
  }
  return []
}

/** Decides whether training has ended there by these settings, or says why it would have ended before. */
function stopOf(
  { epoch, drawnBatches, evaluations }: TrainingProgress,
  settings: ResolvedTraining,
): { readonly stopReason: StopReason | null; readonly difference?: string } {
  const isAtEnd = drawnBatches === 0
  const stopping = earlyStoppingOf(settings)
  for (const evaluation of evaluations) {
    const { stopReason } = judgeEpoch(stopping, settings, evaluation.epoch, evaluation.value)
    if (stopReason !== 'early-stopping') continue
    if (evaluation.epoch === epoch && isAtEnd) return { stopReason }
    const difference = `training.earlyStopping.patience: with ${settings.earlyStopping?.patience}, training ends after epoch ${evaluation.epoch}; the checkpoint is after that`
    return { stopReason: null, difference }
  }
  return {
    stopReason: isAtEnd ? judgeEpoch(stopping, settings, epoch, undefined).stopReason : null,
  }
}
