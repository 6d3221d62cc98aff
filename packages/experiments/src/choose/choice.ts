import type { Id } from '@gnnrec/graph'
import type { Recommender } from '@gnnrec/serving'
import type { JsonValue } from '../definition/experiment-definition.js'
import type { Table } from '../report/table.js'
import type { CompletedTrial } from '../results/trial-result.js'
import type { ServingCost } from '../trial/serving-cost.js'

/** A setting of a candidate that failed. */
interface FailedSetting {
  /** Name of the setting. */
  readonly setting: string
  /** Reason of the failure. */
  readonly reason: string
}

/** A candidate of a choice and its best setting. */
export interface ChoiceRow {
  /** Name of the model in the registry. */
  readonly model: string
  /** Name in tables. */
  readonly label: string
  /**
   * The outcome: `'chosen'`, `'level'` with the best, `'behind'` it, `'given-up'` when every training was ended because
   * it was far behind, `'failed'` when no setting has a value, or `'not-tried'` when the budget was over before.
   */
  readonly outcome: 'chosen' | 'level' | 'behind' | 'given-up' | 'failed' | 'not-tried'
  /** Number of settings that were tried. */
  readonly tried: number
  /** Number of settings of the candidate. */
  readonly settings: number
  /** Settings that failed. */
  readonly failures: readonly FailedSetting[]
  /** Reason why not all settings were tried to their end; absent when they were. */
  readonly cutShort?: string
  /** The best setting and what was measured of it; absent when no setting has a value. */
  readonly best?: BestSetting
}

/** The best setting of a candidate by the metric, and what was measured of it. */
interface BestSetting {
  /** Name of the setting; empty when the candidate has only one. */
  readonly setting: string
  /** All options of the model, with the seed, and its training settings, which are null for a computed model. */
  readonly used: CompletedTrial['settings']
  /** Value of the metric on the validation part. */
  readonly value: number
  /** All metrics on the validation part, with recall and coverage. */
  readonly validation: Readonly<Record<string, number>>
  /** The value minus that of the best candidate, at most 0. */
  readonly difference: number
  /** 95 % interval of the difference, by a paired bootstrap over users. */
  readonly interval: readonly [low: number, high: number]
  /** Epoch whose weights were judged; absent for a computed model. */
  readonly bestEpoch?: number
  /** Seconds of fitting or training. */
  readonly trainSeconds: number
  /** Most memory of the process, in megabytes. */
  readonly peakRssMb?: number
  /** Size of the saved recommender and time of an answer. */
  readonly serving?: ServingCost
}

/** The outcome of `choose`. */
export interface Choice<User extends Id = Id, Item extends Id = Id> {
  /** The chosen model, as `refit` of `@gnnrec/train` takes it to fit it to all interactions. */
  readonly chosen: {
    /** Name of the model in the registry. */
    readonly model: string
    /** Name in tables. */
    readonly label: string
    /** Name of the setting; empty when the candidate has only one. */
    readonly setting: string
    /** All options of the model, with the seed. */
    readonly options: Readonly<Record<string, JsonValue>>
    /** Training settings; null for a computed model. */
    readonly training: CompletedTrial['settings']['training']
    /** Epoch whose weights were judged; absent for a computed model. */
    readonly bestEpoch?: number
    /** Seed of the model and its training. */
    readonly seed: number
  }
  /** The chosen model, fitted to the training part. */
  readonly recommender: Recommender<User, Item>
  /** All candidates in their order. */
  readonly rows: readonly ChoiceRow[]
  /** The metric on the validation part. */
  readonly metric: string
  /** True when every candidate was tried as far as it could win; false when the budget was over before. */
  readonly isComplete: boolean
  /** A few sentences that say what was chosen, by how much, and what else is level with it. */
  readonly summary: string
  /** A table of the candidates, for `toMarkdown` and `toLatex`. */
  readonly table: Table
}
