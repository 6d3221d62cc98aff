import { TextOutput } from '@gnnrec/graph/files'

/** The ways in which a command speaks. */
export interface CommandIo {
  /** True to write results as JSON. */
  readonly isJson: boolean
  /** Signal that is aborted at Ctrl-C. */
  readonly signal: AbortSignal
  /** Writes a result to standard output: the value as JSON, or the text. */
  result(value: unknown, text: () => string): void
  /** Writes a line to standard output. */
  line(text: string): void
  /** Writes a message for people to standard error. */
  note(message: string): void
  /** Shows progress on standard error: in one line of a terminal, or line by line. */
  progress(message: string): void
}

/** Makes the ways in which a command speaks; they fall silent when their reader goes away. */
export function commandIo(
  { json = false, quiet = false }: { readonly json?: boolean; readonly quiet?: boolean },
  signal: AbortSignal,
): CommandIo {
  const output = new TextOutput(process.stdout)
  const messages = new TextOutput(process.stderr)
  let isLineOpen = false
  const endLine = () => {
    if (isLineOpen) messages.write('\r\u001b[K')
    isLineOpen = false
  }
  return {
    isJson: json,
    signal,
    result(value, text) {
      endLine()
      output.write(json ? `${JSON.stringify(value, undefined, 2)}\n` : `${printable(text())}\n`)
    },
    line(text) {
      endLine()
      output.write(`${text}\n`)
    },
    note(message) {
      if (quiet) return
      endLine()
      messages.write(`${printable(message)}\n`)
    },
    progress(message) {
      if (quiet) return
      const line = printable(message)
      if (!messages.isTTY) {
        messages.write(`${line}\n`)
        return
      }
      messages.write(`\r\u001b[K${line.slice(0, (messages.columns ?? 80) - 1)}`)
      isLineOpen = true
    },
  }
}

/** Replaces signs that could steer a terminal, such as those in ids of a file, but for ends of lines. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '\ufffd')
}

/** Lays rows out in columns. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, place) =>
    Math.max(...rows.map((row) => row[place].length)),
  )
  return rows
    .map((row) =>
      row
        .map((cell, place) => cell.padEnd(widths[place]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
