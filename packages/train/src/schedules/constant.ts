import type { LearningRateSchedule } from './learning-rate-schedule.js'

/** The base rate, always. */
export function constant(): LearningRateSchedule {
  return () => 1
}
