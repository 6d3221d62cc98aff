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

/** Passes an event to a reporter, except for the end, which the trainer reports after cleaning up. */
export function report(reporter: ProgressReporter, event: TrainingEvent): void {
  switch (event.type) {
    case 'start':
      reporter.start?.(withoutType(event))
      break
    case 'step':
      reporter.step?.(withoutType(event))
      break
    case 'epoch':
      reporter.epoch?.(withoutType(event))
      break
    case 'checkpoint':
      reporter.checkpoint?.(withoutType(event))
      break
    case 'finding':
      if (reporter.finding) reporter.finding(withoutType(event))
      else warn(reporter, `${event.message} (Guard '${event.code}', epoch ${event.epoch}.)`)
      break
    case 'warning':
      warn(reporter, event.message)
  }
}

function warn(reporter: ProgressReporter, message: string): void {
  if (reporter.warning) reporter.warning(message)
  else globalThis.process?.emitWarning?.(message, 'GnnRecWarning')
}

function withoutType<Event extends { readonly type: string }>({
  type,
  ...event
}: Event): Omit<Event, 'type'> {
  return event
}
