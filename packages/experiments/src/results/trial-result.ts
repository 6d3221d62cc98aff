import type { Trial } from '../plan/trial.js'
import type { TrialFailure, TrialOutcome } from '../pool/outcome.js'
import type { Measurements } from '../trial/measurements.js'

/** The names of a trial in tables. */
export interface TrialNames {
  /** Unique name of the trial, which is the same for the same settings, data, protocol and seed. */
  readonly trial: string
  /** The phase: trials of a `'search'` are judged on the validation part alone. */
  readonly phase: 'search' | 'test'
  /** Label of the data set. */
  readonly dataset: string
  /** Label of the model. */
  readonly model: string
  /** Label of the setting; empty when the model has only one. */
  readonly setting: string
  /** Seed of the model and its training. */
  readonly seed: number
}

interface Ended extends TrialNames {
  /** Seconds from the start of the process to its end; after an interruption, those of the last part. */
  readonly seconds: number
  /** Most memory of the process, in megabytes; absent when it is not known. */
  readonly peakRssMb?: number
  /** Time at which the trial ended, in ISO 8601. */
  readonly endedAt: string
}

/** The result of a trial that was completed. */
export interface CompletedTrial extends Ended, Measurements {
  readonly status: 'completed'
}

/** The result of a trial that failed. */
interface FailedTrial extends Ended {
  readonly status: 'failed'
  /** The cause of the failure. */
  readonly failure: TrialFailure
}

/** The result of a trial, a line of `results.jsonl`. */
export type TrialResult = CompletedTrial | FailedTrial

/** Turns an outcome into a result; returns undefined when the trial was stopped before its end. */
export function resultOf(
  trial: Trial,
  outcome: TrialOutcome,
  seconds: number,
): TrialResult | undefined {
  if (outcome.status === 'stopped') return undefined
  const { id, phase, dataset, model, setting, seed } = trial
  const ended: Ended = {
    trial: id,
    phase,
    dataset: dataset.label,
    model: model.label,
    setting,
    seed,
    seconds,
    ...(outcome.peakRssMb !== undefined && { peakRssMb: outcome.peakRssMb }),
    endedAt: new Date().toISOString(),
  }
  return outcome.status === 'completed'
    ? { status: 'completed', ...ended, ...outcome.measurements }
    : { status: 'failed', ...ended, failure: outcome.failure }
}
