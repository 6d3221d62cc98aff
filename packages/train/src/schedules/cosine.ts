import { parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import {
  cosineFall,
  epochsBefore,
  epochsDone,
  type LearningRateSchedule,
  type ScheduleUnit,
} from './learning-rate-schedule.js'

/** Options of `schedules.cosine`. */
export interface CosineOptions {
  /**
   * Last rate as a share of the base rate, in [0, 1].
   *
   * @defaultValue 0
   */
  finalFraction?: number
  /**
   * Unit in which the rate changes.
   *
   * @defaultValue 'epoch'
   */
  per?: ScheduleUnit
}

/** Options of `schedules.cosineRestarts`. */
export interface CosineRestartsOptions extends CosineOptions {
  /** Number of epochs of the first period, an integer >= 1. */
  period: number
  /**
   * Factor by which each period is longer than the one before, an integer >= 1.
   *
   * @defaultValue 1
   */
  periodFactor?: number
}

const shape = {
  finalFraction: z.number().min(0).max(1).default(0),
  per: z.enum(['epoch', 'step']).default('epoch'),
}
const schema = z.strictObject(shape)
const restartsSchema = z.strictObject({
  period: z.int().min(1),
  periodFactor: z.int().min(1).default(1),
  ...shape,
})

/**
 * Makes a schedule that falls from the base rate along a cosine: f + (1 - f) · (1 + cos(π e / n)) / 2, with e
 * the number of the epoch from 1 (or, per step, the epochs done at its end) of n, and f the final fraction.
 *
 * @throws InvalidOptionsError when an option is misspelt or out of range
 *
 * @example
 * ```ts
 * import { schedules } from '@gnnrec/train'
 *
 * const schedule = schedules.cosine({ finalFraction: 0.1 })
 * const shares = [0, 1, 2].map((epoch) => schedule({ epoch, step: 0, epochs: 3, stepsPerEpoch: 1 }))
 * console.log(shares) // falls from 0.775 to 0.1
 * ```
 */
export function cosine(options: CosineOptions = {}): LearningRateSchedule {
  const { finalFraction, per } = parseOptions('cosine', schema, options)
  return (position) => cosineFall(epochsDone(position, per) / position.epochs, finalFraction)
}

/**
 * Makes a schedule of cosines that each start from the base rate again (SGDR, Loshchilov & Hutter,
 * https://arxiv.org/abs/1608.03983), as PyTorch's `CosineAnnealingWarmRestarts` does:
 *
 *     f + (1 - f) · (1 + cos(π c / p)) / 2
 *
 * c are the epochs before this one (or before the step) since the last restart, p the period, which
 * grows by `periodFactor` at each restart.
 *
 * @throws InvalidOptionsError when an option is misspelt or out of range
 *
 * @example
 * ```ts
 * import { schedules } from '@gnnrec/train'
 *
 * const schedule = schedules.cosineRestarts({ period: 2 })
 * const shares = [0, 1, 2].map((epoch) => schedule({ epoch, step: 0, epochs: 4, stepsPerEpoch: 1 }))
 * console.log(shares) // [1, 0.5, 1]
 * ```
 */
export function cosineRestarts(options: CosineRestartsOptions): LearningRateSchedule {
  const { period, periodFactor, finalFraction, per } = parseOptions(
    'cosineRestarts',
    restartsSchema,
    options,
  )
  return (position) => {
    let since = epochsBefore(position, per)
    let length = period
    if (periodFactor === 1) since %= period
    while (since >= length) {
      since -= length
      length *= periodFactor
    }
    return cosineFall(since / length, finalFraction)
  }
}
