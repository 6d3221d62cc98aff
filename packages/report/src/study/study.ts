import { InvalidOptionsError } from '@gnnrec/graph'
import type { CheckedOptions } from '../parse-report-options.js'
import { type ComparableGroup, comparableGroups } from './comparable-groups.js'
import { metricName } from './metric-name.js'
import { type Ranking, rankModels } from './ranking.js'
import type { StudiedModel } from './studied-model.js'

/** Models that were judged in the same way. */
export interface StudiedGroup extends ComparableGroup<StudiedModel> {
  /** Order of the models; undefined for a single model. */
  readonly ranking: Ranking | undefined
}

/** The data of a report, put in order. */
export interface Study {
  readonly options: CheckedOptions
  readonly models: readonly StudiedModel[]
  /** Groups of models that were judged in the same way; one if all protocols agree. */
  readonly groups: readonly StudiedGroup[]
  /** The deciding metric. */
  readonly metric: string
}

/**
 * Groups and ranks models.
 *
 * @throws InvalidOptionsError when not all models have the deciding metric
 */
export function studyOf(options: CheckedOptions): Study {
  const models = options.models.map((model, style) => ({ ...model, style }))
  const metric = options.metric ?? chosenMetric(models)
  for (const { name, evaluation } of models) {
    if (metric in evaluation.metrics) continue
    throw new InvalidOptionsError(
      `metric: the evaluation of '${name}' has no '${metric}'; it has ${Object.keys(evaluation.metrics).join(', ')}.`,
    )
  }
  const groups = comparableGroups(models, ({ evaluation }) => evaluation).map((group) => ({
    ...group,
    ranking: rankModels(group.items, metric, options.confidence),
  }))
  return { options, models, groups, metric }
}

function chosenMetric(models: readonly StudiedModel[]): string {
  const [first, ...rest] = models.map(({ evaluation }) => evaluation)
  const shared = Object.keys(first.metrics).filter((name) =>
    rest.every(({ metrics }) => name in metrics),
  )
  const found =
    shared.find((name) => metricName(name).family === 'ndcg') ??
    shared.find((name) => name in first.perUser) ??
    shared[0]
  if (found !== undefined) return found
  throw new InvalidOptionsError(
    'models: their evaluations share no metric; expected at least one that all have.',
  )
}
