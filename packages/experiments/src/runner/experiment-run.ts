import type { TrialResult } from '../results/trial-result.js'

/** What a run did. */
export interface ExperimentRun {
  /**
   * Results of all trials of the experiment, those of earlier runs included, in the order of the
   * definition; of each model those of a search come first.
   */
  readonly results: readonly TrialResult[]
  /** Whether it was stopped before its end; run it again with `skipExisting` to go on. */
  readonly stopped: boolean
  /** The runner's folder, absolute. */
  readonly folder: string
}
