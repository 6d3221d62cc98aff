import { brief } from './format.js'
import type { Guard } from './guard.js'
import { finalEmbeddings } from './guarded-model.js'

/** Mean squared cosine from which rows count as one direction. */
const oneDirection = 0.999

/**
 * Finds layers, or final embeddings, whose rows differ by nothing but length.
 *
 * Deep models begin like that and need dozens of epochs to leave this state, and a sum of layers can do without
 * some of them. So the guard says nothing while validation rises, and nothing of layers when validation is above
 * Popularity.
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
