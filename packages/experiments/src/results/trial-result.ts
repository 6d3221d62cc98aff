import type { Trial } from '../plan/trial.js'
import type { TrialFailure, TrialOutcome } from '../pool/outcome.js'
import type { Measurements } from '../trial/measurements.js'

/** What tells a trial from others in tables. */
export interface TrialNames {
  /** Name of the trial, the same for the same settings, data, protocol and seed. */
  readonly trial: string
  /** `'search'` is judged on validation alone. */
  readonly phase: 'search' | 'test'
  readonly dataset: string
  readonly model: string
  /** Label of the setting; empty where there is one only. */
  readonly setting: string
  readonly seed: number
}

interface Ended extends TrialNames {
  /** Seconds from the start of its process to its end; after an interruption those of the last part. */
  readonly seconds: number
  /** Most memory of its process; absent where it cannot be told. */
  readonly peakRssMb?: number
  /** When it ended, as ISO 8601. */
  readonly endedAt: string
}

/** A trial that came to its end. */
export interface CompletedTrial extends Ended, Measurements {
  readonly status: 'completed'
}

/** A trial that failed. */
export interface FailedTrial extends Ended {
  readonly status: 'failed'
  readonly failure: TrialFailure
}

/** A line of `results.jsonl`. */
export type TrialResult = CompletedTrial | FailedTrial

/** The result of an outcome, if the trial is at its end. */
export function resultOf(
  trial: Trial,
  outcome: TrialOutcome,
  seconds: number,
): TrialResult | undefined {
  if (outcome.status === 'stopped') return undefined
  const { id, phase, dataset, model, setting, seed } = trial
  const ended: Ended = {
    ...{ trial: id, phase, dataset: dataset.label, model: model.label, setting, seed, seconds },
    ...(outcome.peakRssMb !== undefined && { peakRssMb: outcome.peakRssMb }),
    endedAt: new Date().toISOString(),
  }
  return outcome.status === 'completed'
    ? { status: 'completed', ...ended, ...outcome.measurements }
    : { status: 'failed', ...ended, failure: outcome.failure }
}
