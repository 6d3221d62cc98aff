import type { ProgressReporter, TrainingStart } from './progress-reporter.js'
import { endText, epochText, startText } from './progress-text.js'

/** Makes a reporter that writes one plain line for each epoch. */
export function lineReporter(stream: { write(text: string): unknown }): ProgressReporter {
  let training: TrainingStart
  return {
    start(event) {
      training = event
      stream.write(`${startText(training)}\n`)
    },
    epoch(event) {
      stream.write(`${epochText(event, training)}\n`)
    },
    end(history) {
      if (history !== null) stream.write(`${endText(history, training)}\n`)
    },
  }
}
