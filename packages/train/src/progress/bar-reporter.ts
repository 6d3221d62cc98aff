import { printableLine } from '@gnnrec/graph/files'
import type { ProgressReporter, TrainingStart } from './progress-reporter.js'
import {
  endText,
  epochLabel,
  formatNumber,
  formatRate,
  metricText,
  timeText,
} from './progress-text.js'

/** The part of a stream that a bar needs; without a terminal it is drawn without escape codes. */
interface BarStream {
  readonly isTTY: boolean
  readonly columns: number | undefined
  write(text: string): unknown
}

/** Makes a reporter that draws a bar, which fills once an epoch, and writes the numbers of training behind it. */
export async function barReporter(stream: BarStream): Promise<ProgressReporter> {
  // A CommonJS package: not all bundlers give its names to `import()`.
  const { SingleBar } = (await import('cli-progress')).default
  const bar = new SingleBar({
    format: '{label} [{bar}] {text}',
    // It writes, and asks for isTTY and columns.
    stream: stream as unknown as NodeJS.WritableStream,
    barsize: 10,
    barCompleteChar: '=',
    barIncompleteChar: ' ',
    clearOnComplete: true,
    // A bar that is asked for is drawn into a file, too, as a line every two seconds.
    noTTYOutput: true,
    // Lines that are wider than the terminal are cut.
    linewrap: false,
    // Its handler of Ctrl-C would keep the second one from ending the process.
    gracefulExit: false,
  })
  let training: TrainingStart
  let metric: string | undefined
  let time: string | undefined
  const text = (loss: number, learningRate: number) =>
    // Metrics come last, since a narrow terminal cuts the end.
    printableLine(
      [time, `lr ${formatRate(learningRate)}`, `loss ${formatNumber(loss)}`, metric]
        .filter((part) => part !== undefined)
        .join('  '),
    )
  return {
    start(event) {
      training = event
      const { epochs, stepsPerEpoch } = training
      bar.start(stepsPerEpoch, 0, { label: epochLabel(1, epochs), text: '' })
    },
    step({ epoch, step, loss, learningRate }) {
      const label = epochLabel(epoch, training.epochs)
      bar.update(step, { label, text: text(loss, learningRate) })
    },
    epoch(event) {
      metric = metricText(event, training.monitor) ?? metric
      time = timeText(event)
      const { loss, learningRate } = event.record
      bar.update({ text: text(loss, learningRate) })
    },
    end(history) {
      bar.stop()
      if (history !== null) stream.write(`${printableLine(endText(history, training))}\n`)
    },
  }
}
