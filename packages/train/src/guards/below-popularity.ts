import { brief } from './format.js'
import type { Guard } from './guard.js'

/**
 * Finds that validation has never been above the value of Popularity, and will not be by the end of training at
 * the present pace.
 */
export const belowPopularity: Guard = {
  code: 'below-popularity',
  async examine(inspection) {
    const { settings, at } = inspection
    const { guards, schedule, epochs, model } = settings
    const patience = guards.afterEpochs['below-popularity']
    const trend = inspection.validation()
    if (at.epoch < patience + (schedule.warmupEpochs ?? 0) || trend === undefined) return undefined
    const { metric, best } = trend
    const popularity = await inspection.popularity(metric)
    if (best > popularity) return undefined
    const lately = Math.ceil(patience / 2)
    if (trend.expectedBest(epochs, lately) > popularity) return undefined
    const outlook =
      at.epoch < epochs
        ? `, and will not be after ${epochs} if it grows as in the last ${lately}`
        : ''
    return {
      message: `After ${at.epoch} epochs the best ${metric} on validation is ${brief(best)}, not above the ${brief(popularity)} of Popularity, which trains nothing${outlook}. Probably the learning rate is too low or the regularizer too strong, or the split has little but popularity to learn; compare the loss of the first and last epochs, and try other settings before believing this model (${model.architecture}).`,
      values: { best, popularity },
    }
  },
}
