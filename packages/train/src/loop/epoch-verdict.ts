import type { ResolvedTraining } from '../options/training-loop-options.js'
import type { StopReason } from '../record/training-history.js'
import { EarlyStopping } from './early-stopping.js'

/** The consequences of the end of an epoch. */
interface EpochVerdict {
  /** True when the weights of the epoch are the best so far. */
  readonly improved: boolean
  /** The reason for which training ends after the epoch; null when it goes on. */
  readonly stopReason: StopReason | null
}

/** Makes the rule of early stopping of a training; without early stopping, one that only finds the best epoch. */
export function earlyStoppingOf({
  earlyStopping,
  epochs,
  schedule,
  monitor,
}: Pick<ResolvedTraining, 'earlyStopping' | 'epochs' | 'schedule' | 'monitor'>): EarlyStopping {
  return new EarlyStopping({
    patience: earlyStopping?.patience ?? epochs,
    minimumChange: earlyStopping?.minimumChange ?? 0,
    warmupEpochs: schedule.warmupEpochs ?? 0,
    mode: monitor?.mode ?? 'max',
  })
}

/**
 * Judges a complete epoch.
 *
 * @param stopping - rule that has seen the evaluations before
 * @param epoch - number of the epoch, from 1
 * @param value - monitored value, NaN where the metric is undefined; undefined when the epoch was not evaluated
 */
export function judgeEpoch(
  stopping: EarlyStopping,
  { epochs, earlyStopping }: Pick<ResolvedTraining, 'epochs' | 'earlyStopping'>,
  epoch: number,
  value: number | undefined,
): EpochVerdict {
  const { improved, stop } =
    value === undefined ? { improved: false, stop: false } : stopping.update(epoch, value)
  if (epoch >= epochs) return { improved, stopReason: 'completed' }
  return { improved, stopReason: stop && earlyStopping ? 'early-stopping' : null }
}
