import { InvalidOptionsError } from '@gnnrec/graph'
import type { ScheduleSettings } from '@gnnrec/models'
import { constant } from './constant.js'
import type { LearningRateSchedule } from './learning-rate-schedule.js'
import { warmupCosine } from './warmup-cosine.js'

/**
 * The schedule that the data of a preset describes.
 *
 * @throws InvalidOptionsError when the name is unknown or a setting is misspelt or out of range
 */
export function scheduleFrom(settings: ScheduleSettings): LearningRateSchedule {
  const { name, ...options } = settings
  if (name === 'warmup-cosine') return warmupCosine(options)
  if (name === 'constant' && Object.keys(options).length === 0) return constant()
  throw new InvalidOptionsError(
    `Got the schedule ${JSON.stringify(settings)}; expected { name: 'constant' }, { name: 'warmup-cosine', warmupEpochs, finalFraction } or a function.`,
  )
}
