import { createHash } from 'node:crypto'
import type { Trial } from '../plan/trial.js'
import type { TrialOutcome } from '../pool/outcome.js'

/** Name of the queue of trials, unless another one is given. */
export const defaultQueue = 'gnnrec-trials'
/** Address of Redis, unless another one is given. */
export const defaultUrl = 'redis://127.0.0.1:6379'

/** The data that a worker needs to run a trial, as JSON. */
export interface TrialJob {
  readonly trial: Trial
  /** Absolute path of the runner's folder. */
  readonly folder: string
  readonly checkpointSeconds: number
  readonly saveModels: boolean
}

/** The result of a job: the end of a trial that was not stopped. */
export type TrialJobResult = Exclude<TrialOutcome, { readonly status: 'stopped' }>

/** Names the job of a trial in a folder, so that a runner that starts again finds its jobs. */
export function jobIdOf(trial: Trial, folder: string): string {
  return createHash('sha256').update(`${folder}\n${trial.id}`).digest('hex').slice(0, 32)
}
