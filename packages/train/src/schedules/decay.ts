import { parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import {
  epochsBefore,
  type LearningRateSchedule,
  type ScheduleUnit,
} from './learning-rate-schedule.js'

/** Options of `schedules.stepDecay`. */
export interface StepDecayOptions {
  /** Number of epochs between drops, an integer >= 1. */
  every: number
  /** Factor of each drop, in (0, 1]. */
  factor: number
}

/** Options of `schedules.exponentialDecay`. */
export interface ExponentialDecayOptions {
  /** Factor of each epoch, in (0, 1]. */
  factor: number
  /**
   * Unit in which the rate changes.
   *
   * @defaultValue 'epoch'
   */
  per?: ScheduleUnit
}

const factor = z.number().positive().max(1)
const stepSchema = z.strictObject({ every: z.int().min(1), factor })
const exponentialSchema = z.strictObject({
  factor,
  per: z.enum(['epoch', 'step']).default('epoch'),
})

/**
 * Makes a schedule that drops every few epochs: factor^⌊epochs done before / every⌋, as PyTorch's `StepLR`.
 *
 * @throws InvalidOptionsError when an option is misspelt or out of range
 *
 * @example
 * ```ts
 * import { schedules } from '@gnnrec/train'
 *
 * const schedule = schedules.stepDecay({ every: 2, factor: 0.1 })
 * const shares = [0, 1, 2, 3].map((epoch) => schedule({ epoch, step: 0, epochs: 4, stepsPerEpoch: 1 }))
 * console.log(shares) // [1, 1, 0.1, 0.1]
 * ```
 */
export function stepDecay(options: StepDecayOptions): LearningRateSchedule {
  const { every, factor } = parseOptions('stepDecay', stepSchema, options)
  return ({ epoch }) => factor ** Math.floor(epoch / every)
}

/**
 * Makes a schedule that falls by a factor each epoch: factor^(epochs done before), as PyTorch's
 * `ExponentialLR`. Per step it falls by a root of the factor, so that both agree at the start of every epoch.
 *
 * @throws InvalidOptionsError when an option is misspelt or out of range
 *
 * @example
 * ```ts
 * import { schedules } from '@gnnrec/train'
 *
 * const schedule = schedules.exponentialDecay({ factor: 0.5 })
 * const shares = [0, 1, 2].map((epoch) => schedule({ epoch, step: 0, epochs: 3, stepsPerEpoch: 1 }))
 * console.log(shares) // [1, 0.5, 0.25]
 * ```
 */
export function exponentialDecay(options: ExponentialDecayOptions): LearningRateSchedule {
  const { factor, per } = parseOptions('exponentialDecay', exponentialSchema, options)
  return (position) => factor ** epochsBefore(position, per)
}
