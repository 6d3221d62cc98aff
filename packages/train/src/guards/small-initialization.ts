import { brief } from './format.js'
import type { Guard } from './guard.js'
import { typicalSize } from './parameter-samples.js'

/** Share of `initialDeviation` below which a table was not initialized as its options say. */
const smallestShare = 1 / 3

/** Finds tables that start smaller than `initialDeviation` of their model's options says. */
export const smallInitialization: Guard = {
  code: 'small-initialization',
  async examine(inspection) {
    const { initialDeviation, initialization = 'normal' } = inspection.settings.model.options
    if (typeof initialDeviation !== 'number' || initialization !== 'normal') return undefined
    const values: Record<string, number> = {}
    for (const sample of await inspection.samples()) {
      const size = typicalSize(sample)
      if (!sample.isTable || size >= smallestShare * initialDeviation) continue
      values[sample.name] = size
    }
    const tables = Object.keys(values)
    if (tables.length === 0) return undefined
    const sizes = tables.map((name) => `'${name}' is about ${brief(values[name])}`).join(', ')
    return {
      message: `Training starts with smaller embeddings than initialDeviation: ${initialDeviation} says: a number of ${sizes}. Probably the model's class has a deviation of its own and never reads the option, or an earlier training shrank them; fill the tables from the option.`,
      values,
    }
  },
}
