import { TextOutput } from '@gnnrec/graph/files'
import { barReporter } from './bar-reporter.js'
import { lineReporter } from './line-reporter.js'
import type { ProgressReporter } from './progress-reporter.js'

/** The ways in which a training shows its progress; see `TrainerOptions.progress`. */
export type ProgressStyle = 'auto' | 'bar' | 'lines' | 'none'

/** Makes the reporter that the option `progress` asks for. */
export async function createReporter(
  progress: ProgressStyle | ProgressReporter,
): Promise<ProgressReporter> {
  if (typeof progress === 'object') return progress
  // A page has no place for text. To show progress there, pass a reporter.
  if (progress === 'none' || globalThis.process?.stderr === undefined) return {}
  const stream = new TextOutput(process.stderr)
  const style = progress === 'auto' ? (stream.isTTY ? 'bar' : 'lines') : progress
  return style === 'bar' ? barReporter(stream) : lineReporter(stream)
}
