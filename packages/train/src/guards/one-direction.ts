import { brief } from './format.js'
import type { Guard } from './guard.js'
import { finalEmbeddings } from './guarded-model.js'

/** The mean squared cosine from which rows are one direction. */
const oneDirection = 0.999

/**
 * Layers after the first, or final embeddings, whose rows are all the same but for their length.
 *
 * Deep models begin like that and take dozens of epochs to get out of it, and a sum of layers can do
 * without some: nothing is said while validation rises, nor of layers when it is above Popularity.
 */
export const oneDirectionLayers: Guard = {
  code: 'one-direction',
  async examine(inspection) {
    const directions = await inspection.directions()
    const collapsed = directions.filter(({ shared }) => shared >= oneDirection)
    if (!inspection.hasLasted('one-direction', collapsed.length > 0)) return undefined
    const trend = inspection.validation()
    if (trend?.isRising(inspection.settings.guards.afterEpochs['one-direction'])) return undefined
    const isOfLayers = collapsed.every(({ name }) => name !== finalEmbeddings)
    if (isOfLayers && trend && trend.best > (await inspection.popularity(trend.metric))) {
      return undefined
    }
    const parts = collapsed.map(({ name, side, shared }) => `${name} (${side}, ${brief(shared)})`)
    return {
      message: `Rows have become one direction, by the mean squared cosine of two of them: ${parts.join(', ')}. Such a layer tells users or items apart by nothing but length, which is popularity. Probably there are too many layers; use fewer, keep a residual, or choose a model that keeps layers apart (LayerGCN, DGR, GCNII).`,
      values: Object.fromEntries(
        collapsed.map(({ name, side, shared }) => [`${name}, ${side}`, shared]),
      ),
    }
  },
}
