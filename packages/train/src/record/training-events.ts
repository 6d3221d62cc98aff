import { awaitCallback, warn } from '@gnnrec/graph/kernels'
import type { WrittenCheckpoint } from '../checkpoints/written-checkpoint.js'
import type { Finding } from '../guards/finding.js'
import type {
  EpochProgress,
  ProgressReporter,
  StepProgress,
  TrainingStart,
} from '../progress/progress-reporter.js'
import type { TrainingHistory } from './training-history.js'

/** An event of a training; see `Trainer.run`. */
export type TrainingEvent =
  | ({ readonly type: 'start' } & TrainingStart)
  | ({ readonly type: 'step' } & StepProgress)
  | ({ readonly type: 'epoch' } & EpochProgress)
  | ({ readonly type: 'checkpoint' } & WrittenCheckpoint)
  | ({ readonly type: 'finding' } & Finding)
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'end'; readonly history: TrainingHistory }

/**
 * Passes an event to a reporter and waits for it, except for the end, which the trainer reports after cleaning up.
 *
 * @throws CallbackError when the reporter fails
 */
export function report(reporter: ProgressReporter, event: TrainingEvent): Promise<void> {
  return awaitCallback(`progress.${event.type}`, () => tell(reporter, event))
}

/**
 * Tells a reporter of the end; the history is null after an error.
 *
 * @throws CallbackError when the reporter fails
 */
export function reportEnd(
  reporter: ProgressReporter,
  history: TrainingHistory | null,
): Promise<void> {
  return awaitCallback('progress.end', () => reporter.end?.(history))
}

function tell(reporter: ProgressReporter, event: TrainingEvent): unknown {
  switch (event.type) {
    case 'start':
      return reporter.start?.(withoutType(event))
    case 'step':
      return reporter.step?.(withoutType(event))
    case 'epoch':
      return reporter.epoch?.(withoutType(event))
    case 'checkpoint':
      return reporter.checkpoint?.(withoutType(event))
    case 'finding':
      if (reporter.finding) return reporter.finding(withoutType(event))
      return reportWarning(
        reporter,
        `${event.message} (Guard '${event.code}', epoch ${event.epoch}.)`,
      )
    case 'warning':
      return reportWarning(reporter, event.message)
  }
}

function reportWarning(reporter: ProgressReporter, message: string): unknown {
  if (reporter.warning) return reporter.warning(message)
  warn(message)
}

function withoutType<Event extends { readonly type: string }>({
  type,
  ...event
}: Event): Omit<Event, 'type'> {
  return event
}
