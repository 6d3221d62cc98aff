import { labelOf, seedsFor } from '../definition/check-definition.js'
import {
  type Configuration,
  configurationsOf,
  type SettingChoice,
  seedsOf,
  selectionFor,
  trialOf,
} from '../plan/configurations.js'
import type { Trial } from '../plan/trial.js'
import { type ChosenSetting, chooseSettings } from '../search/choose-settings.js'
import { runSearch, type SearchEnd } from '../search/run-search.js'
import type { ExperimentRun } from './experiment-run.js'
import { type RunParts, TrialRunner } from './trial-runner.js'

/** One run of an experiment. */
export class Run {
  readonly #parts: RunParts
  readonly #trials: TrialRunner
  /** The values to keep, by label of the data set. */
  readonly #keptValues = new Map<string, Later<number | undefined>>()

  constructor(parts: RunParts) {
    this.#parts = parts
    this.#trials = new TrialRunner(parts)
  }

  /** Runs all trials without a result; only those of a search wait for each other. */
  async finish(): Promise<ExperimentRun> {
    const {
      source: { definition },
      folder,
    } = this.#parts
    // Results are in the order of the definition, whichever trial ends first.
    const trials: Trial[][] = []
    const ends = await Promise.allSettled(
      configurationsOf(definition).map((configuration, place) => {
        trials[place] = []
        return this.#configuration(configuration, (trial) => trials[place].push(trial))
      }),
    )
    for (const end of ends) if (end.status === 'rejected') throw end.reason
    return {
      results: trials.flat().flatMap((trial) => this.#trials.resultOf(trial) ?? []),
      stopped: this.#trials.stopped,
      folder: folder.path,
    }
  }

  async #configuration(configuration: Configuration, note: (trial: Trial) => void): Promise<void> {
    const settings = configuration.settings ?? (await this.#chosen(configuration, note))
    const { source } = this.#parts
    const trials = settings.flatMap((setting) =>
      seedsOf(source.definition, configuration).map((seed) =>
        trialOf(source, configuration, { setting, seed, phase: 'test' }),
      ),
    )
    await Promise.all(
      trials.map(async (trial) => {
        note(trial)
        const result = await this.#trials.run(trial)
        if (result?.status === 'completed') await this.#parts.folder.dropCheckpoints(trial)
      }),
    )
  }

  /** Searches the setting; returns none when the search was stopped or all its trials failed. */
  async #chosen(
    configuration: Configuration,
    note: (trial: Trial) => void,
  ): Promise<readonly SettingChoice[]> {
    const { source, folder, onEvent } = this.#parts
    const names = {
      dataset: labelOf(configuration.dataset),
      model: labelOf(configuration.entry),
    }
    const trials: Trial[] = []
    const searching = runSearch(
      source,
      configuration,
      (trial) => {
        trials.push(trial)
        note(trial)
        return this.#trials.run(trial)
      },
      (round) => onEvent({ type: 'search-round', ...names, ...round }),
    )
    const end = await searching.finally(async () => {
      this.#tellKeptValue(configuration, await searching.catch(() => undefined))
    })
    if (end.status === 'stopped') return []
    await Promise.all(trials.map((trial) => folder.dropCheckpoints(trial)))
    if (end.status === 'none-chosen') {
      note(await this.#recordFailedSearch(configuration, end))
      return []
    }
    const chosen = await this.#choices(configuration, end)
    for (const { setting, value } of chosen) {
      onEvent({ type: 'chosen', ...names, setting: setting.label, value, tried: end.tried })
    }
    return chosen.map(({ setting }) => setting)
  }

  /** Chooses the best setting of a search and, where the definition asks for it, the best that keeps a metric. */
  async #choices(
    configuration: Configuration,
    { best, judged }: Extract<SearchEnd, { readonly status: 'chosen' }>,
  ): Promise<readonly ChosenSetting[]> {
    const { definition } = this.#parts.source
    const keep = definition.search?.keep
    if (!keep || labelOf(configuration.entry) === keep.of) return [best]
    const reference = await this.#keptValue(configuration.dataset).promise
    const selection = selectionFor(definition, configuration.dataset)
    return chooseSettings(judged, selection, keep, reference)
  }

  /** Returns the value to keep on a data set, which the search of the reference model gives when it ends. */
  #keptValue(dataset: Configuration['dataset']): Later<number | undefined> {
    const label = labelOf(dataset)
    const found = this.#keptValues.get(label) ?? later<number | undefined>()
    this.#keptValues.set(label, found)
    return found
  }

  /** Tells the other searches on a data set what the one of the reference model found. */
  #tellKeptValue({ entry, dataset }: Configuration, end: SearchEnd | undefined): void {
    const keep = this.#parts.source.definition.search?.keep
    if (!keep || labelOf(entry) !== keep.of) return
    const value = end?.status === 'chosen' ? end.best.validation[keep.metric] : undefined
    this.#keptValue(dataset).resolve(value)
  }

  async #recordFailedSearch(
    configuration: Configuration,
    { tried, undefinedValues }: Extract<SearchEnd, { readonly status: 'none-chosen' }>,
  ): Promise<Trial> {
    const { source } = this.#parts
    const setting = { label: 'search', options: {}, training: {} }
    const [seed] = seedsFor(source.definition, configuration.dataset)
    const trial = trialOf(source, configuration, { setting, seed, phase: 'test' })
    const selection = selectionFor(source.definition, configuration.dataset)
    const message =
      undefinedValues === 0
        ? `All ${tried} settings of the search failed, so none could be chosen; see their results.`
        : `None of the ${tried} settings of the search has a value of ${selection}, so none could be chosen: it is undefined for ${undefinedValues}, and the others failed. Select by another metric.`
    await this.#trials.record(trial, { status: 'failed', failure: { kind: 'search', message } }, 0)
    return trial
  }
}

/** A value that is not there yet. */
interface Later<Value> {
  readonly promise: Promise<Value>
  resolve(value: Value): void
}

function later<Value>(): Later<Value> {
  let resolve: (value: Value) => void = () => undefined
  const promise = new Promise<Value>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
