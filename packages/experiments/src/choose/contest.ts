import { isBaseline } from '../models/create-model.js'
import {
  type Configuration,
  configurationsOf,
  type SettingChoice,
  trialOf,
} from '../plan/configurations.js'
import type { Trial } from '../plan/trial.js'
import type { CompletedTrial, TrialResult } from '../results/trial-result.js'
import { type RunParts, TrialRunner } from '../runner/trial-runner.js'
import { timeIsOver } from './describe-choice.js'

/** A candidate after the contest. */
export interface Contestant {
  readonly label: string
  readonly model: string
  /** Number of settings that it has. */
  readonly settings: number
  /** Results of the settings that were tried, in their order. */
  readonly results: TrialResult[]
  /** The best completed setting with a value of the metric; undefined when there is none. */
  best:
    | { readonly trial: Trial; readonly result: CompletedTrial; readonly value: number }
    | undefined
  /** Reason why not all settings were tried to their end; undefined when they were. */
  cutShort: string | undefined
  /** True when a training was ended because it was far behind. */
  gaveUp: boolean
}

interface Entrant extends Contestant {
  readonly configuration: Configuration
  readonly isTrained: boolean
}

/** Share of the best value below which a candidate's further settings are not tried. */
const withinReach = 0.8
/** Share of the best value below which a training is ended after its first part. */
const worthTraining = 0.5
/** The first part of a training, as a share of its epochs. */
const firstPart = 1 / 4

/**
 * A contest of models for a choice: of all computed models the first setting, then the further settings of those that
 * can still win; then the same for the models that are trained. A training is ended after a quarter of its epochs when
 * it is far behind. What is tried depends on validation values alone, as long as no limit of time cuts it short.
 */
export class Contest {
  readonly #parts: RunParts
  readonly #metric: string
  readonly #entrants: readonly Entrant[]
  readonly #computed: TrialRunner
  readonly #trained: TrialRunner

  constructor(parts: RunParts, metric: string) {
    this.#parts = parts
    this.#metric = metric
    this.#computed = new TrialRunner(parts)
    // Training again would take longer than keeping each model.
    this.#trained = new TrialRunner({ ...parts, settings: { ...parts.settings, saveModels: true } })
    this.#entrants = configurationsOf(parts.source.definition).map((configuration) => {
      const { entry, settings = [] } = configuration
      return {
        configuration,
        label: entry.label ?? entry.model,
        model: entry.model,
        isTrained: !isBaseline(entry.model, entry.module),
        settings: settings.length,
        results: [],
        best: undefined,
        cutShort: undefined,
        gaveUp: false,
      }
    })
  }

  /** True when no trial was stopped, so that every candidate was tried as far as it could win. */
  get isComplete(): boolean {
    return !this.#computed.stopped && !this.#trained.stopped
  }

  /** Runs the contest. @returns the candidates in their order */
  async finish(): Promise<readonly Contestant[]> {
    for (const isTrained of [false, true]) {
      const round = this.#entrants.filter((entrant) => entrant.isTrained === isTrained)
      await this.#tryAll(round, 0, 1)
      const [inReach, behind] = this.#parted(round)
      for (const entrant of behind) {
        if (entrant.settings === 1) continue
        const share = (this.#bestValue() - (entrant.best?.value ?? 0)) / this.#bestValue()
        entrant.cutShort ??= `further settings were not tried, as the first is ${(100 * share).toFixed(0)} % below the best`
      }
      await this.#tryAll(inReach, 1)
    }
    return this.#entrants
  }

  /**
   * Fits the model of a trial once more if it is not saved yet.
   *
   * @returns the result, which is the same as before; undefined when the signal stopped it
   */
  save(trial: Trial, signal: AbortSignal): Promise<TrialResult | undefined> {
    const settings = { ...this.#parts.settings, saveModels: true }
    // Its result is known, so that nobody needs to hear of it again.
    const onEvent = () => undefined
    return new TrialRunner({ ...this.#parts, settings, signal, onEvent }).run(trial)
  }

  #parted(round: readonly Entrant[]): [Entrant[], Entrant[]] {
    const least = withinReach * this.#bestValue()
    // A candidate whose first setting failed may have one that works.
    const canWin = ({ best, results }: Entrant) =>
      best ? best.value >= least : results.length > 0 || this.#bestValue() === 0
    return [round.filter(canWin), round.filter((entrant) => !canWin(entrant))]
  }

  async #tryAll(round: readonly Entrant[], from: number, to?: number): Promise<void> {
    // Concurrent trials are all measured against what was known before the round.
    const known = this.#bestValue()
    const ends = await Promise.allSettled(
      round.flatMap((entrant) => {
        const settings = entrant.configuration.settings ?? []
        return settings.slice(from, to).map((setting) => this.#try(entrant, setting, known))
      }),
    )
    for (const end of ends) if (end.status === 'rejected') throw end.reason
    for (const entrant of round) this.#settle(entrant)
  }

  async #try(entrant: Entrant, setting: SettingChoice, known: number): Promise<void> {
    const trial = this.#trial(entrant, setting)
    const runner = entrant.isTrained ? this.#trained : this.#computed
    if (entrant.isTrained && (await this.#isFarBehind(entrant, setting, known))) return
    const result = await runner.run(trial)
    if (result?.status === 'completed') await this.#parts.folder.dropCheckpoints(trial)
    if (result) return
    entrant.cutShort = timeIsOver
  }

  /** Trains the first part of a training that has earlier results to be measured against. */
  async #isFarBehind(entrant: Entrant, setting: SettingChoice, known: number): Promise<boolean> {
    const whole = this.#trial(entrant, setting)
    const { epochs = 1, evaluateEvery = 1 } = whole.model.training ?? {}
    const until = Math.ceil((epochs * firstPart) / evaluateEvery) * evaluateEvery
    if (known === 0 || until >= epochs) return false
    // An earlier choice may have trained it to its end already.
    if (this.#parts.folder.resultOf(whole)?.status === 'completed') return false
    const trial = this.#trial(entrant, setting, until)
    const result = await this.#trained.run(trial)
    const value = result?.status === 'completed' ? result.validation?.[this.#metric] : undefined
    if (value === undefined || value >= worthTraining * known) return false
    await this.#parts.folder.dropCheckpoints(trial)
    entrant.gaveUp = true
    entrant.cutShort = `the training of ${setting.label || entrant.label} was ended after ${until} of ${epochs} epochs, with ${value.toFixed(4)} far below the best`
    return true
  }

  #trial({ configuration }: Entrant, setting: SettingChoice, untilEpoch?: number): Trial {
    const { source } = this.#parts
    const [seed] = source.definition.seeds
    const pause = untilEpoch === undefined ? {} : { untilEpoch }
    return trialOf(source, configuration, { setting, seed, phase: 'search', ...pause })
  }

  /** Reads the results of a candidate and its best one; of equal values the first setting's is kept. */
  #settle(entrant: Entrant): void {
    const runner = entrant.isTrained ? this.#trained : this.#computed
    entrant.results.length = 0
    entrant.best = undefined
    for (const setting of entrant.configuration.settings ?? []) {
      const trial = this.#trial(entrant, setting)
      const result = runner.resultOf(trial)
      if (!result) continue
      entrant.results.push(result)
      const value = result.status === 'completed' ? result.validation?.[this.#metric] : undefined
      if (result.status !== 'completed' || value === undefined) continue
      if (!entrant.best || value > entrant.best.value) entrant.best = { trial, result, value }
    }
  }

  #bestValue(): number {
    return Math.max(0, ...this.#entrants.map(({ best }) => best?.value ?? 0))
  }
}
