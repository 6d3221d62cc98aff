import { brief } from './format.js'
import type { Guard } from './guard.js'
import { typicalSize } from './parameter-samples.js'

/** Typical size, and growth since the start, above which parameters count as exploding. */
const largest = 100

/** Finds parameters that grow without bound. */
export const explodingParameters: Guard = {
  code: 'exploding-parameters',
  async examine(inspection) {
    const values: Record<string, number> = {}
    for (const sample of await inspection.samples()) {
      const start = inspection.state.startSizes?.[sample.name] ?? 0
      const size = typicalSize(sample)
      if (size > largest * Math.max(1, start)) values[sample.name] = size
    }
    const names = Object.keys(values)
    if (names.length === 0) return undefined
    const sizes = names.map((name) => `a number of '${name}' is about ${brief(values[name])}`)
    return {
      message: `The parameters blow up: ${sizes.join(', ')}. Soon scores will be infinite. Probably the learning rate is too high for this optimizer; lower it, warm up, or set clipNorm.`,
      values,
    }
  },
}
