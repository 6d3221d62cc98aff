import { seedsFor } from '../definition/check-definition.js'
import type { CheckedSearch } from '../definition/definition-schema.js'
import {
  type Configuration,
  type SettingChoice,
  selectionFor,
  type TrialChoice,
  type TrialSource,
  trialOf,
} from '../plan/configurations.js'
import type { Trial } from '../plan/trial.js'
import type { TrialResult } from '../results/trial-result.js'
import { candidatesOf } from './candidates.js'

/** A setting that a search tried and its value on the validation part. */
export interface JudgedSetting {
  readonly setting: SettingChoice
  readonly value: number
  /** All metrics on the validation part. */
  readonly validation: Readonly<Record<string, number>>
}

/** The end of a search. */
export type SearchEnd =
  | {
      readonly status: 'chosen'
      readonly best: JudgedSetting
      /** Settings that were trained to the end, or as far as the last round, the best first. */
      readonly judged: readonly JudgedSetting[]
      readonly tried: number
    }
  | {
      readonly status: 'none-chosen'
      readonly tried: number
      /** Number of settings that were trained but for which the selection is undefined. */
      readonly undefinedValues: number
    }
  | { readonly status: 'stopped' }

/** One round of a search. */
export interface SearchRound {
  /** Number of settings in the round. */
  readonly candidates: number
  /** Epoch at which the round stops; undefined for the last round. */
  readonly untilEpoch: number | undefined
}

/**
 * Searches the settings of a configuration by the method of the definition, on the validation part
 * alone. Of settings with equal values, the one that was drawn first wins.
 *
 * @param run - runs a trial; resolves to undefined when the trial was stopped
 */
export async function runSearch(
  source: TrialSource,
  configuration: Configuration,
  run: (trial: Trial) => Promise<TrialResult | undefined>,
  onRound: (round: SearchRound) => void,
): Promise<SearchEnd> {
  const { definition } = source
  const { entry, dataset } = configuration
  const search = definition.search as CheckedSearch
  const selection = selectionFor(definition, dataset)
  const seed = search.trialSeed ?? seedsFor(definition, dataset)[0]
  const stream = streamOf(configuration)
  const trialFor = (setting: SettingChoice, untilEpoch?: number) => {
    const pause = untilEpoch === undefined ? {} : { untilEpoch }
    const choice: TrialChoice = { setting, seed, phase: 'search', ...pause }
    return trialOf(source, configuration, choice)
  }
  const epochsOf = (setting: SettingChoice) => trialFor(setting).model.training?.epochs ?? 0

  let left = candidatesOf(entry, search, stream)
  const tried = left.length
  const isHalving = search.method === 'successive-halving'
  let until = isHalving ? (dataset.firstEpochs ?? search.firstEpochs) : Number.POSITIVE_INFINITY
  for (;;) {
    const isLast = left.every((setting) => epochsOf(setting) <= until)
    onRound({ candidates: left.length, untilEpoch: isLast ? undefined : until })
    const results = await Promise.all(
      left.map((setting) => run(trialFor(setting, epochsOf(setting) <= until ? undefined : until))),
    )
    if (results.includes(undefined)) return { status: 'stopped' }
    const judged = left
      .flatMap((setting, place): JudgedSetting[] => {
        const validation = validationOf(results[place])
        const value = validation[selection]
        return value === undefined ? [] : [{ setting, value, validation }]
      })
      .sort((a, b) => b.value - a.value)
    const [best] = judged
    if (!best) {
      const undefinedValues = results.filter((result) => result?.status === 'completed').length
      return { status: 'none-chosen', tried, undefinedValues }
    }
    if (isLast || !isHalving) return { status: 'chosen', best, judged, tried }
    const stay = Math.max(1, Math.floor(left.length / search.factor))
    left = judged.slice(0, stay).map(({ setting }) => setting)
    if (left.length === 1) return { status: 'chosen', best, judged, tried }
    until *= search.factor
  }
}

/**
 * Names the draws of a search by its model and its data alone, so that they are the same in any other
 * list of models and data sets.
 */
function streamOf({ entry: { model, module }, dataset }: Configuration): string {
  return JSON.stringify([model, module ?? null, dataset.dataset])
}

function validationOf(result: TrialResult | undefined): Readonly<Record<string, number>> {
  return (result?.status === 'completed' && result.validation) || {}
}
