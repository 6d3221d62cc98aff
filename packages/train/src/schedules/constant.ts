import type { LearningRateSchedule } from './learning-rate-schedule.js'

/**
 * Makes a schedule that keeps the base rate throughout.
 *
 * @example
 * ```ts
 * import { schedules } from '@gnnrec/train'
 *
 * const schedule = schedules.constant()
 * console.log(schedule({ epoch: 7, step: 0, epochs: 10, stepsPerEpoch: 5 })) // 1
 * ```
 */
export function constant(): LearningRateSchedule {
  return () => 1
}
