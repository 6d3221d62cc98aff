import { printableText } from '@gnnrec/graph'
import { printableLine, TextOutput } from '@gnnrec/graph/files'
import { awaitCallback } from '@gnnrec/graph/kernels'

/** The progress of a download at one moment. */
export interface DownloadProgress {
  readonly state: 'start' | 'running' | 'done' | 'failed'
  /** The name of the data set or of the file. */
  readonly name: string
  readonly address: string
  /** A summary of the terms of use. Only the data set's own licence text is binding. */
  readonly licence?: string
  /** The number of bytes on disk. */
  readonly bytes: number
  /** The size of the whole file in bytes. Absent when the server does not say it. */
  readonly totalBytes?: number
}

/**
 * The way in which a download shows its progress: a bar, plain lines, nothing, or a function of your own
 * that is called, and waited for, at the start, about ten times a second, and at the end. `'auto'` is a bar on a terminal
 * and lines elsewhere. Bars and lines go to standard error, after the licence.
 */
export type DownloadProgressStyle =
  | 'auto'
  | 'bar'
  | 'lines'
  | 'none'
  | ((progress: DownloadProgress) => unknown)

/** Returns the function that shows the progress in the given style. */
export async function progressFunction(
  style: DownloadProgressStyle,
): Promise<(progress: DownloadProgress) => unknown> {
  if (typeof style === 'function') {
    return (progress) => awaitCallback('progress', () => style(progress))
  }
  if (style === 'none') return () => {}
  const stream = new TextOutput(process.stderr)
  const isBar = style === 'bar' || (style === 'auto' && stream.isTTY)
  return isBar ? await bar(stream) : lines(stream)
}

function lines(stream: { write(text: string): unknown }): (progress: DownloadProgress) => void {
  return (progress) => {
    if (progress.state === 'start') stream.write(`${startText(progress)}\n`)
    if (progress.state === 'done') {
      stream.write(`${printableLine(`Downloaded ${progress.name}, ${size(progress.bytes)}`)}\n`)
    }
  }
}

async function bar(stream: TextOutput): Promise<(progress: DownloadProgress) => void> {
  // A CommonJS package: not all bundlers give its names to `import()`.
  const { SingleBar } = (await import('cli-progress')).default
  const single = new SingleBar({
    format: '{name} [{bar}] {text}',
    // It writes, and asks for isTTY and columns.
    stream: stream as unknown as NodeJS.WritableStream,
    barsize: 20,
    barCompleteChar: '=',
    barIncompleteChar: ' ',
    clearOnComplete: true,
    noTTYOutput: true,
    linewrap: false,
    gracefulExit: false,
  })
  return (progress) => {
    const { state, name, bytes, totalBytes } = progress
    const text = totalBytes === undefined ? size(bytes) : `${size(bytes)} of ${size(totalBytes)}`
    if (state === 'start') {
      stream.write(`${startText(progress)}\n`)
      single.start(totalBytes ?? 0, bytes, { name: printableLine(name), text })
    } else {
      // The size is not known at the start: the server gives it in its answer.
      if (totalBytes !== undefined) single.setTotal(totalBytes)
      single.update(bytes, { text })
    }
    if (state === 'done' || state === 'failed') single.stop()
  }
}

function startText({ name, address, licence, bytes }: DownloadProgress): string {
  const verb = bytes > 0 ? `Continuing after ${size(bytes)} with` : 'Downloading'
  const terms = licence === undefined ? '' : `\n${printableText(`Licence: ${licence}`)}`
  return `${printableLine(`${verb} ${name} from ${address}`)}${terms}`
}

/** Writes a size with three digits, as `512 bytes`, `4.6 MB` or `250 MB`. */
function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  const [unit, divisor] = bytes < 1e6 ? ['kB', 1e3] : bytes < 1e9 ? ['MB', 1e6] : ['GB', 1e9]
  return `${Number((bytes / divisor).toPrecision(3))} ${unit}`
}
