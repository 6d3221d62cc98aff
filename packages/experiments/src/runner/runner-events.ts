import type { TrialNames, TrialResult } from '../results/trial-result.js'
import type { SearchRound } from '../search/run-search.js'
import type { EpochReport } from '../trial/train-trial.js'

/** An event of a run. */
export type RunnerEvent =
  /** A trial starts. */
  | { readonly type: 'start'; readonly trial: TrialNames }
  /** A trial has trained an epoch. */
  | { readonly type: 'epoch'; readonly trial: TrialNames; readonly report: EpochReport }
  /** A trial was completed or failed, and its result is in `results.jsonl`. */
  | { readonly type: 'result'; readonly result: TrialResult }
  /** A trial is skipped, as it has a result of an earlier run. */
  | { readonly type: 'skip'; readonly result: TrialResult }
  /** A trial was stopped; it continues from its checkpoint when the experiment is run again. */
  | { readonly type: 'stopped'; readonly trial: TrialNames }
  /** A round of a search starts. */
  | ({
      readonly type: 'search-round'
      readonly dataset: string
      readonly model: string
    } & SearchRound)
  /** A search has chosen a setting. */
  | {
      readonly type: 'chosen'
      readonly dataset: string
      readonly model: string
      readonly setting: string
      /** Value of the setting on the validation part. */
      readonly value: number
      /** Number of settings that were tried. */
      readonly tried: number
    }
