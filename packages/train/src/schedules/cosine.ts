import { parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import {
  cosineFall,
  epochsBefore,
  epochsDone,
  type LearningRateSchedule,
  type ScheduleUnit,
} from './learning-rate-schedule.js'

/** Options of {@link cosine}. */
export interface CosineOptions {
  /** Last rate as a share of the base rate, in [0, 1]. @defaultValue 0 */
  finalFraction?: number
  /** How often the rate changes. @defaultValue 'epoch' */
  per?: ScheduleUnit
}

/** Options of {@link cosineRestarts}. */
export interface CosineRestartsOptions extends CosineOptions {
  /** Epochs of the first period, an integer >= 1. */
  period: number
  /** How much longer each period is than the one before, an integer >= 1. @defaultValue 1 */
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
 * A cosine from the base rate down to the last epoch's: f + (1 - f) · (1 + cos(π e / n)) / 2, with e the
 * number of the epoch from 1 (or per step the epochs done at its end) of n, and f the final fraction.
 *
 * @throws InvalidOptionsError when an option is misspelt or out of range
 */
export function cosine(options: CosineOptions = {}): LearningRateSchedule {
  const { finalFraction, per } = parseOptions('cosine', schema, options)
  return (position) => cosineFall(epochsDone(position, per) / position.epochs, finalFraction)
}

/**
 * Cosines one after another, each starting from the base rate again (SGDR, Loshchilov & Hutter,
 * https://arxiv.org/abs/1608.03983), as PyTorch's `CosineAnnealingWarmRestarts` has it:
 *
 *     f + (1 - f) · (1 + cos(π c / p)) / 2
 *
 * c are the epochs before this one (or before the step) since the last restart, p the period, which
 * grows by `periodFactor` at each restart.
 *
 * @throws InvalidOptionsError when an option is misspelt or out of range
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
    while (since >= length) {
      since -= length
      length *= periodFactor
    }
    return cosineFall(since / length, finalFraction)
  }
}
