import { parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import { improves, minimumChangeSchema } from '../loop/early-stopping.js'
import type { LearningRateSchedule } from './learning-rate-schedule.js'

/** Options of `schedules.reduceOnPlateau`. */
export interface ReduceOnPlateauOptions {
  /**
   * Factor of each reduction, in (0, 1).
   *
   * @defaultValue 0.1
   */
  factor?: number
  /**
   * Epochs (not evaluations) without improvement before a reduction, an integer >= 1.
   *
   * @defaultValue 10
   */
  patience?: number
  /**
   * Epochs after a reduction that do not count, an integer >= 0.
   *
   * @defaultValue 0
   */
  cooldown?: number
  /**
   * Lowest rate as a share of the base rate, in [0, 1].
   *
   * @defaultValue 0
   */
  finalFraction?: number
  /**
   * Smallest change that counts as an improvement, as in early stopping.
   *
   * @defaultValue 1e-4
   */
  minimumChange?: number | { readonly absolute: number }
}

const schema = z.strictObject({
  factor: z.number().positive().lt(1).default(0.1),
  patience: z.int().min(1).default(10),
  cooldown: z.int().min(0).default(0),
  finalFraction: z.number().min(0).max(1).default(0),
  minimumChange: minimumChangeSchema.default(1e-4),
})

/**
 * Makes a schedule that lowers the rate each time the monitored value (the first validation metric, or the
 * loss) has not improved for some epochs.
 *
 * It computes the rate from the values so far, which are in every checkpoint, and remembers nothing. After an
 * evaluation without improvement the rate falls from the next epoch on if
 * epoch - max(best epoch, last reduction + cooldown) >= patience. PyTorch's `ReduceLROnPlateau` counts calls
 * and reduces the rate at more than `patience` of them, one later. NaN is no improvement.
 *
 * @throws InvalidOptionsError when an option is misspelt or out of range
 *
 * @example
 * ```ts
 * import { schedules } from '@gnnrec/train'
 *
 * const schedule = schedules.reduceOnPlateau({ factor: 0.5, patience: 2 })
 * const evaluations = [0.2, 0.19, 0.18].map((value, index) => ({ epoch: index + 1, value }))
 * const position = { epoch: 3, step: 0, epochs: 10, stepsPerEpoch: 1 }
 * console.log(schedule(position, { mode: 'max', evaluations })) // 0.5
 * ```
 */
export function reduceOnPlateau(options: ReduceOnPlateauOptions = {}): LearningRateSchedule {
  const { factor, patience, cooldown, finalFraction, minimumChange } = parseOptions(
    'reduceOnPlateau',
    schema,
    options,
  )
  const schedule: LearningRateSchedule = (_position, history) => {
    let [share, since] = [1, 0]
    let best: number | undefined
    for (const { epoch, value } of history?.evaluations ?? []) {
      if (improves(value, best, minimumChange, history?.mode)) {
        best = value
        since = Math.max(since, epoch)
      } else if (epoch - since >= patience) {
        share = Math.max(finalFraction, share * factor)
        since = epoch + cooldown
      }
    }
    return share
  }
  return Object.assign(schedule, { needsHistory: true })
}
