/** How far a download has come. */
export interface DownloadProgress {
  readonly state: 'start' | 'running' | 'done' | 'failed'
  /** What is downloaded: a data set's name, or the file's. */
  readonly name: string
  readonly address: string
  /** The terms of use; the data set's own text binds. */
  readonly licence?: string
  /** Bytes on disk so far. */
  readonly bytes: number
  /** Left out when the server does not say. */
  readonly totalBytes?: number
}

/**
 * How a download shows where it is: a bar, plain lines, nothing, or a function of your own, called at
 * the start, about ten times a second, and at the end. `'auto'`: a bar on a terminal, else lines. All
 * are written to standard error and begin with the licence.
 */
export type DownloadProgressStyle =
  | 'auto'
  | 'bar'
  | 'lines'
  | 'none'
  | ((progress: DownloadProgress) => void)

/** The function that the option asks for. */
export async function progressFunction(
  style: DownloadProgressStyle,
): Promise<(progress: DownloadProgress) => void> {
  if (typeof style === 'function') return style
  if (style === 'none') return () => {}
  const stream = process.stderr
  const isBar = style === 'bar' || (style === 'auto' && stream.isTTY)
  return isBar ? await bar(stream) : lines(stream)
}

function lines(stream: { write(text: string): unknown }): (progress: DownloadProgress) => void {
  return (progress) => {
    if (progress.state === 'start') stream.write(`${startText(progress)}\n`)
    if (progress.state === 'done') {
      stream.write(`Downloaded ${progress.name}, ${size(progress.bytes)}\n`)
    }
  }
}

async function bar(stream: NodeJS.WritableStream): Promise<(progress: DownloadProgress) => void> {
  const { SingleBar } = await import('cli-progress')
  const single = new SingleBar({
    format: '{name} [{bar}] {text}',
    stream,
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
      single.start(totalBytes ?? 0, bytes, { name, text })
    } else {
      // The server says how much there is with its answer only.
      if (totalBytes !== undefined) single.setTotal(totalBytes)
      single.update(bytes, { text })
    }
    if (state === 'done' || state === 'failed') single.stop()
  }
}

function startText({ name, address, licence, bytes }: DownloadProgress): string {
  const verb = bytes > 0 ? `Going on after ${size(bytes)} with` : 'Downloading'
  return `${verb} ${name} from ${address}${licence === undefined ? '' : `\nLicence: ${licence}`}`
}

/** `512 bytes`, `4.6 MB`, `250 MB`. */
function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  const [unit, divisor] = bytes < 1e6 ? ['kB', 1e3] : bytes < 1e9 ? ['MB', 1e6] : ['GB', 1e9]
  return `${Number((bytes / divisor).toPrecision(3))} ${unit}`
}
