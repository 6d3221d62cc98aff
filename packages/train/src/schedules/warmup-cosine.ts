import { parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import {
  cosineFall,
  epochsDone,
  type LearningRateSchedule,
  type ScheduleUnit,
} from './learning-rate-schedule.js'

/** Options of `schedules.warmupCosine`. */
export interface WarmupCosineOptions {
  /**
   * Epochs of linear warm-up, an integer >= 0.
   *
   * @defaultValue 5
   */
  warmupEpochs?: number
  /**
   * Last rate as a share of the base rate, in [0, 1].
   *
   * @defaultValue 0.01
   */
  finalFraction?: number
  /**
   * Unit in which the rate changes.
   *
   * @defaultValue 'epoch'
   */
  per?: ScheduleUnit
}

const schema = z.strictObject({
  warmupEpochs: z.int().min(0).default(5),
  finalFraction: z.number().min(0).max(1).default(0.01),
  per: z.enum(['epoch', 'step']).default('epoch'),
})

/**
 * Makes a schedule of a linear warm-up and then a cosine down to a last rate (SGDR without restarts, Loshchilov & Hutter,
 * https://arxiv.org/abs/1608.03983). With w warm-up epochs, f the final fraction and n epochs:
 *
 *     e <= w:  e / w
 *     e > w:   f + (1 - f) · (1 + cos(π (e - w) / (n - w))) / 2
 *
 * e is the number of the epoch from 1, or per step the epochs done at the end of the step, a
 * fraction; both agree at the end of every epoch.
 *
 * @throws InvalidOptionsError when an option is misspelt or out of range
 *
 * @example
 * ```ts
 * import { schedules } from '@gnnrec/train'
 *
 * const schedule = schedules.warmupCosine({ warmupEpochs: 2, finalFraction: 0 })
 * const shares = [0, 1, 2, 3].map((epoch) => schedule({ epoch, step: 0, epochs: 4, stepsPerEpoch: 1 }))
 * console.log(shares) // rises to 1 over two epochs, then falls to 0
 * ```
 */
export function warmupCosine(options: WarmupCosineOptions = {}): LearningRateSchedule {
  const { warmupEpochs, finalFraction, per } = parseOptions('warmupCosine', schema, options)
  const schedule: LearningRateSchedule = (position) => {
    const done = epochsDone(position, per)
    if (done <= warmupEpochs) return done / warmupEpochs
    return cosineFall((done - warmupEpochs) / (position.epochs - warmupEpochs), finalFraction)
  }
  return Object.assign(schedule, { warmupEpochs })
}
