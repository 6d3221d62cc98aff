import { createHash } from 'node:crypto'
import type { Trial } from '../plan/trial.js'
import type { TrialOutcome } from '../pool/outcome.js'
import type { EpochReport } from '../trial/train-trial.js'

/** The queue of trials, unless another is named. */
export const DEFAULT_QUEUE = 'gnnrec-trials'
export const DEFAULT_URL = 'redis://127.0.0.1:6379'

/** What a worker needs to run a trial; JSON. */
export interface TrialJob {
  readonly trial: Trial
  /** The runner's folder, absolute. */
  readonly folder: string
  readonly checkpointSeconds: number
  readonly saveModels: boolean
}

/** What is known of a job that runs. */
export interface TrialJobProgress {
  readonly report: EpochReport
}

export type TrialJobResult = Exclude<TrialOutcome, { readonly status: 'stopped' }>

/** The same for a trial in a folder, so that a runner that starts again finds what it had asked for. */
export function jobIdOf(trial: Trial, folder: string): string {
  return createHash('sha256').update(`${folder}\n${trial.id}`).digest('hex').slice(0, 32)
}
