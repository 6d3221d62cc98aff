import { dependsOnData } from './data-gradient.js'
import { brief } from './format.js'
import type { Guard } from './guard.js'
import { isOutweighed } from './unmoved-loss.js'

/** Finds a gradient that does not depend on the data. */
export const noDataGradient: Guard = {
  code: 'no-data-gradient',
  async examine(inspection) {
    const gradient = await inspection.dataGradient()
    if (!gradient) return undefined
    const { data, rest } = gradient
    if (dependsOnData(gradient) || isOutweighed(inspection, gradient)) return undefined
    const { architecture } = inspection.settings.model
    const found =
      rest === 0
        ? 'its gradient is zero'
        : `its gradient stays as it is when positives and negatives exchange their roles (of its norm, ${brief(data)} changes and ${brief(rest)} stays): only the regularizer has one`
    return {
      message: `${architecture} learns nothing from its batches: ${found}. Probably the loss takes embeddings that were computed before the batch, or whose values were read and copied (dataSync), which cuts the gradient, or scores all items alike; compute them from parameters() within lossTerms.`,
      values: { data, rest },
    }
  },
}
