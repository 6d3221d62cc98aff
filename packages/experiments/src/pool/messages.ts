import type { ExaminedInputs, InputsRequest } from '../inputs/examine-inputs.js'
import type { ModuleRules } from '../models/module-rules.js'
import type { Trial } from '../plan/trial.js'
import type { EpochReport } from '../trial/train-trial.js'
import type { TrialOutcome } from './outcome.js'

/** The data that a process needs to run a trial. */
export interface TrialRequest {
  readonly trial: Trial
  /** The runner's folder. */
  readonly folder: string
  /** The modules that may be loaded. */
  readonly rules: ModuleRules
  readonly threads: number
  readonly checkpointSeconds: number
  readonly saveModels: boolean
}

/** A message to the process of a trial. */
export type ToTrial =
  | { readonly type: 'run'; readonly request: TrialRequest }
  | { readonly type: 'examine'; readonly request: InputsRequest }
  | { readonly type: 'stop' }

/** A message from the process of a trial. */
export type FromTrial =
  /** The program has loaded and takes requests. */
  | { readonly type: 'ready' }
  | { readonly type: 'epoch'; readonly report: EpochReport }
  | { readonly type: 'examined'; readonly inputs: ExaminedInputs }
  | { readonly type: 'memory'; readonly megabytes: number }
  | { readonly type: 'outcome'; readonly outcome: TrialOutcome }
