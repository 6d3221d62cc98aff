import { InvalidOptionsError } from '@gnnrec/graph'
import type { CheckedOptions } from '../parse-report-options.js'
import { type ComparableGroup, comparableGroups } from './comparable-groups.js'
import { metricName } from './metric-name.js'
import { hasValue, isAskedFor, metricsOf } from './metric-value.js'
import { type Ranking, rankModels } from './ranking.js'
import type { StudiedModel } from './studied-model.js'

/** Models that were judged in the same way. */
export interface StudiedGroup extends ComparableGroup<StudiedModel> {
  /** Order of the models; undefined if fewer than two have the deciding metric. */
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
  for (const model of models) {
    if (isAskedFor(model, metric)) continue
    throw new InvalidOptionsError(
      `metric: the evaluation of '${model.name}' has no '${metric}'; it has ${metricsOf([model]).join(', ')}.`,
    )
  }
  const groups = comparableGroups(models, ({ evaluation }) => evaluation).map((group) => ({
    ...group,
    ranking: rankModels(group.items, metric, options.confidence),
  }))
  return { options, models, groups, metric }
}

function chosenMetric(models: readonly StudiedModel[]): string {
  const asked = metricsOf(models.slice(0, 1)).filter((name) =>
    models.every((model) => isAskedFor(model, name)),
  )
  const shared = asked.filter((name) => models.every((model) => hasValue(model, name)))
  const found =
    shared.find((name) => metricName(name).family === 'ndcg') ??
    shared.find((name) => Object.hasOwn(models[0].evaluation.perUser, name)) ??
    shared[0] ??
    asked[0]
  if (found !== undefined) return found
  throw new InvalidOptionsError(
    'models: their evaluations share no metric; expected at least one that all have.',
  )
}
