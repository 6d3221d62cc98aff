import { evaluate, parseMetric } from '@gnnrec/eval'
import { Popularity } from '@gnnrec/models'
import { brief } from './format.js'
import type { Guard } from './guard.js'
import type { Inspection } from './inspection.js'

/** Validation that has never been above what Popularity reaches. */
export const belowPopularity: Guard = {
  code: 'below-popularity',
  async examine(inspection) {
    const { settings, at } = inspection
    const { guards, schedule, metrics, model } = settings
    const waits = guards.afterEpochs['below-popularity'] + (schedule.warmupEpochs ?? 0)
    // Popularity is bad at what metrics of all lists together ask for, such as coverage.
    const metric = metrics.find((name) => parseMetric(name).metric.kind === 'user')
    if (at.epoch < waits || metric === undefined) return undefined
    const best = Math.max(...inspection.validations(metric))
    const popularity = await popularityOf(metric, inspection)
    if (best > popularity) return undefined
    return {
      message: `After ${at.epoch} epochs the best ${metric} on validation is ${brief(best)}, not above the ${brief(popularity)} of Popularity, which trains nothing. Probably the learning rate is too low or the regulariser too strong, or the split has little but popularity to learn; compare the loss of the first and last epochs, and try other settings before believing this model (${model.architecture}).`,
      values: { best, popularity },
    }
  },
}

async function popularityOf(
  metric: string,
  { state, settings, signal }: Inspection,
): Promise<number> {
  if (state.popularity === null) {
    const { model, split } = settings
    const ranker = Popularity.fit(model.graph)
    const report = await evaluate(ranker, {
      ...{ split, on: 'validation', metrics: [metric], signal },
    })
    ranker.dispose()
    state.popularity = report.metrics[metric]
  }
  return state.popularity
}
