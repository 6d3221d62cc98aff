import { printableLine } from '@gnnrec/graph/files'
import type { ProgressReporter, TrainingStart } from './progress-reporter.js'
import { endText, epochText, startText } from './progress-text.js'

/** Makes a reporter that writes one plain line for each epoch. */
export function lineReporter(stream: { write(text: string): unknown }): ProgressReporter {
  let training: TrainingStart
  return {
    start(event) {
      training = event
      stream.write(`${printableLine(startText(training))}\n`)
    },
    epoch(event) {
      stream.write(`${printableLine(epochText(event, training))}\n`)
    },
    end(history) {
      if (history !== null) stream.write(`${printableLine(endText(history, training))}\n`)
    },
  }
}
