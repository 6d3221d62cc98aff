import { brief, percent } from './format.js'
import type { Guard } from './guard.js'
import { typicalSize } from './parameter-samples.js'

/** Share of its initial size below which a table may count as shrunk. */
const tableShare = 0.1
/** Dot product of a shrunken row with the longest row, below which its user or item no longer matters. */
const smallestProduct = 0.1
/** Share of its initial size below which another parameter counts as shrunk, unless weight decay is set for it. */
const denseShare = 1e-3

/** Finds parameters that go to zero. */
export const shrinkingParameters: Guard = {
  code: 'shrinking-parameters',
  async examine(inspection) {
    const { state, settings } = inspection
    const samples = (await inspection.samples()).map((sample) => ({
      ...sample,
      size: typicalSize(sample),
      start: state.startSizes?.[sample.name] ?? Number.NaN,
    }))
    const lengths = samples.map(({ isTable, dim, size }) => (isTable ? size * Math.sqrt(dim) : 0))
    const longest = Math.max(0, ...lengths)
    const shrunk = samples.filter(({ name, isTable, dim, size, start }) => {
      if (start === 0) return isTable && dim > 1 && size === 0
      if (isTable) {
        return size < tableShare * start && size * Math.sqrt(dim) * longest < smallestProduct
      }
      const decays = Object.keys(settings.weightDecay).includes(name.split('.')[0])
      return !decays && size < denseShare * start
    })
    if (shrunk.length === 0) return undefined
    const parts = shrunk.map(({ name, size, start }) =>
      start === 0
        ? `'${name}' is zero, as it was at the start`
        : `a number of '${name}' is about ${brief(size)}, ${percent(size / start)} of its start`,
    )
    return {
      message: `The parameters go to zero: ${parts.join('; ')}. Scores will underflow and item order will rank. Probably a regularizer acts on whole tables, perhaps twice (in the loss and as weight decay), or nothing but it has a gradient; regularize the rows of the batch only (l2Weight), less, and see that the loss depends on the parameters.`,
      values: Object.fromEntries(shrunk.map(({ name, size }) => [name, size])),
    }
  },
}
