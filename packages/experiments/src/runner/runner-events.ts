import type { TrialNames, TrialResult } from '../results/trial-result.js'
import type { SearchRound } from '../search/run-search.js'
import type { EpochReport } from '../trial/train-trial.js'

/** What happens in a run, as it happens. */
export type RunnerEvent =
  | { readonly type: 'start'; readonly trial: TrialNames }
  | { readonly type: 'epoch'; readonly trial: TrialNames; readonly report: EpochReport }
  /** It failed or came to its end, and is in `results.jsonl`. */
  | { readonly type: 'result'; readonly result: TrialResult }
  /** It has a result of an earlier run. */
  | { readonly type: 'skip'; readonly result: TrialResult }
  /** It has a checkpoint, and goes on from there when the experiment is run again. */
  | { readonly type: 'stopped'; readonly trial: TrialNames }
  | ({
      readonly type: 'search-round'
      readonly dataset: string
      readonly model: string
    } & SearchRound)
  | {
      readonly type: 'chosen'
      readonly dataset: string
      readonly model: string
      readonly setting: string
      readonly value: number
      /** Settings that were tried. */
      readonly tried: number
    }
