import type { TrainingHistory } from '../record/training-history.js'
import type { EpochProgress, TrainingStart } from './progress-reporter.js'

/** Writes a loss or metric with four significant digits: `0.1235`, `12.35`, `1.235e-5`. */
export function formatNumber(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return shortExponential(value, 3)
  return value.toPrecision(4)
}

/** Writes a learning rate with three significant digits: `0.05`, `1e-3`, `9.99e-4`. */
export function formatRate(rate: number): string {
  return rate !== 0 && rate < 0.01 ? shortExponential(rate, 2) : String(Number(rate.toPrecision(3)))
}

/** Writes a time span: `45 ms`, `1.2 s`, `42 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatSeconds(seconds: number): string {
  const milliseconds = Math.round(seconds * 1000)
  if (milliseconds < 100) return `${milliseconds} ms`
  if (milliseconds < 9950) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  const minutes = Math.round(seconds / 60)
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** Writes the first line: `Training LightGcn: 120 epochs of 31 steps`. */
export function startText(start: TrainingStart): string {
  const { model, epochs, stepsPerEpoch, resumedAfter } = start
  const text = `Training ${model}: ${count(epochs, 'epoch')} of ${count(stepsPerEpoch, 'step')}`
  return resumedAfter ? `${text}, going on after step ${resumedAfter.totalSteps}` : text
}

/** Writes `epoch  12/120`, equally wide for all epochs. */
export function epochLabel(epoch: number, epochs: number): string {
  const total = String(epochs)
  return `epoch ${String(epoch).padStart(total.length)}/${total}`
}

/**
 * Writes the monitored metric with its best value so far, then the other metrics that validation computed;
 * undefined after an epoch without evaluation.
 */
export function metricText(
  { record, best }: EpochProgress,
  monitor: string | null,
): string | undefined {
  const { validation = {}, epoch } = record
  const others = Object.keys(validation).filter((name) => name !== monitor)
  const isMonitored = monitor !== null && Object.hasOwn(validation, monitor)
  const parts = (isMonitored ? [monitor, ...others] : others).map((name) => {
    const text = `${name} ${formatNumber(validation[name])}`
    if (name !== monitor) return text
    const isBest = best === null || best.epoch === epoch
    return `${text} (${isBest ? 'best' : `best ${formatNumber(best.value)}, epoch ${best.epoch}`})`
  })
  return parts.length > 0 ? parts.join('  ') : undefined
}

/** Writes the time that the epoch took, evaluation included, and the time that is left. */
export function timeText({ record, secondsLeft }: EpochProgress): string {
  const took = formatSeconds(record.seconds + record.evaluationSeconds)
  return `${took}/epoch  ${formatSeconds(secondsLeft)} left`
}

/** Writes the line of one epoch. */
export function epochText(progress: EpochProgress, { epochs, monitor }: TrainingStart): string {
  const { epoch, loss, learningRate } = progress.record
  const parts = [
    epochLabel(epoch, epochs),
    `lr ${formatRate(learningRate)}`,
    `loss ${formatNumber(loss)}`,
    metricText(progress, monitor),
    timeText(progress),
  ]
  return parts.filter((part) => part !== undefined).join('  ')
}

/** Writes the last line. */
export function endText(
  history: TrainingHistory,
  { model, epochs, monitor }: TrainingStart,
): string {
  const done = history.epochs.length
  const ending = {
    completed: `${count(done, 'epoch')} done`,
    'early-stopping': `stopped early after ${done} of ${count(epochs, 'epoch')}`,
    'nothing-to-train': 'nothing to train',
    aborted: `aborted after ${done} of ${count(epochs, 'epoch')}`,
  }[history.stopReason]
  const { bestEpoch, bestValidation } = history
  const bestValue = bestValidation?.[monitor ?? '']
  const best =
    bestEpoch === null || monitor === null
      ? ''
      : `; weights of epoch ${bestEpoch}${bestValue === undefined ? '' : `, ${monitor} ${formatNumber(bestValue)}`}`
  return `${model}: ${ending} in ${formatSeconds(history.seconds)}${best}`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

function shortExponential(value: number, decimals: number): string {
  return value.toExponential(decimals).replace(/\.?0*e\+?/, 'e')
}
