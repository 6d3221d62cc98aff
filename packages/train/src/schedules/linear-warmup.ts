import { parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import {
  epochsDone,
  type LearningRateSchedule,
  type ScheduleUnit,
} from './learning-rate-schedule.js'

/** Options of `schedules.linearWarmup`. */
export interface LinearWarmupOptions {
  /** Number of epochs until the base rate is reached, an integer >= 1. */
  epochs: number
  /**
   * Unit in which the rate changes.
   *
   * @defaultValue 'epoch'
   */
  per?: ScheduleUnit
}

const schema = z.strictObject({
  epochs: z.int().min(1),
  per: z.enum(['epoch', 'step']).default('epoch'),
})

/**
 * Makes a schedule that rises linearly to the base rate and stays there: min(1, e / epochs), with e the number
 * of the epoch from 1 (or, per step, the epochs done at its end).
 *
 * @throws InvalidOptionsError when an option is misspelt or out of range
 *
 * @example
 * ```ts
 * import { schedules } from '@gnnrec/train'
 *
 * const schedule = schedules.linearWarmup({ epochs: 4 })
 * const shares = [0, 1, 3, 5].map((epoch) => schedule({ epoch, step: 0, epochs: 6, stepsPerEpoch: 1 }))
 * console.log(shares) // [0.25, 0.5, 1, 1]
 * ```
 */
export function linearWarmup(options: LinearWarmupOptions): LearningRateSchedule {
  const { epochs, per } = parseOptions('linearWarmup', schema, options)
  const schedule: LearningRateSchedule = (position) =>
    Math.min(1, epochsDone(position, per) / epochs)
  return Object.assign(schedule, { warmupEpochs: epochs })
}
