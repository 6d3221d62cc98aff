import type { TrialResult } from '../results/trial-result.js'

/** The outcome of a run. */
export interface ExperimentRun {
  /**
   * Results of all trials of the experiment, including those of earlier runs, in the order of the
   * definition. The trials of a search come before the others of its model.
   */
  readonly results: readonly TrialResult[]
  /** True when the run was stopped before its end; run it again with `skipExisting` to continue. */
  readonly stopped: boolean
  /** Absolute path of the runner's folder. */
  readonly folder: string
}
