import type { RunnerEvent } from '../runner/runner-events.js'

/** The progress of `choose`. */
export type ChooseProgress =
  /** A trial starts. */
  | { readonly type: 'start'; readonly model: string; readonly setting: string }
  /** A trial has trained an epoch. */
  | {
      readonly type: 'epoch'
      readonly model: string
      readonly setting: string
      /** Number of trained epochs. */
      readonly epoch: number
      /** Number of epochs of the whole training. */
      readonly epochs: number
    }
  /** A trial or the first part of a training has ended, now or in an earlier run in the same folder. */
  | {
      readonly type: 'result'
      readonly model: string
      readonly setting: string
      /** Value of the metric on the validation part; absent when the trial failed. */
      readonly value?: number
      /** Number of trained epochs; absent for a computed model, and when the trial failed. */
      readonly epochs?: number
      /** Reason of the failure. */
      readonly reason?: string
      /** Seconds that the trial took. */
      readonly seconds: number
    }

/** Translates an event of the runner; returns undefined for one that says nothing about a choice. */
export function progressOf(event: RunnerEvent, metric: string): ChooseProgress | undefined {
  switch (event.type) {
    case 'start': {
      const { model, setting } = event.trial
      return { type: 'start', model, setting }
    }
    case 'epoch': {
      const { trial, report } = event
      const { epoch, epochs } = report
      return { type: 'epoch', model: trial.model, setting: trial.setting, epoch, epochs }
    }
    case 'result':
    case 'skip': {
      const { result } = event
      const { model, setting, seconds } = result
      if (result.status === 'failed') {
        return { type: 'result', model, setting, reason: result.failure.message, seconds }
      }
      const { epochs, validation } = result
      const value = validation?.[metric]
      return {
        type: 'result',
        model,
        setting,
        ...(value !== undefined && { value }),
        ...(epochs !== undefined && { epochs }),
        seconds,
      }
    }
    default:
      return undefined
  }
}
