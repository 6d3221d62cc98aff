/** The part of a stream of Node.js that {@link TextOutput} writes to. */
interface TextStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string, done?: (error?: Error | null) => void): unknown
  on?(event: 'error', listener: () => void): unknown
  removeListener?(event: 'error', listener: () => void): unknown
}

/**
 * A stream of text for people, such as standard error. When its reader goes away (a closed pipe), it falls silent, and
 * the work that it tells of goes on.
 *
 * @example
 * ```ts
 * import { TextOutput } from '@gnnrec/graph/files'
 *
 * const output = new TextOutput(process.stderr)
 * output.write(output.isTTY ? 'A terminal.\n' : 'No terminal, or one without a cursor.\n')
 * console.log(output.isTTY)
 * ```
 */
export class TextOutput {
  readonly #stream: TextStream
  #pending = 0
  #isGone = false
  readonly #fallSilent = () => {
    this.#isGone = true
  }

  constructor(stream: TextStream) {
    this.#stream = stream
  }

  /**
   * True when escape codes may move the cursor: on a terminal, unless the environment asks for plain text, as `TERM=dumb`
   * does.
   */
  get isTTY(): boolean {
    const { TERM: kind, NO_COLOR: plain } = globalThis.process?.env ?? {}
    return this.#stream.isTTY === true && kind !== 'dumb' && !plain
  }

  /** Number of characters in a line of the terminal; undefined elsewhere. */
  get columns(): number | undefined {
    return this.#stream.columns
  }

  /** Writes text; does nothing once the reader has gone. Never throws. */
  write(text: string): void {
    if (this.#isGone) return
    let isDone = false
    const done = () => {
      if (!isDone) this.#pending--
      isDone = true
      if (this.#pending === 0) this.#stopListening()
    }
    try {
      // Without a listener, an error of the stream would end the process.
      if (this.#pending++ === 0) this.#stream.on?.('error', this.#fallSilent)
      this.#stream.write(text, (error) => {
        if (error) this.#fallSilent()
        // The event comes after this call.
        setTimeout(done)
      })
    } catch {
      this.#fallSilent()
      done()
    }
  }

  #stopListening(): void {
    try {
      this.#stream.removeListener?.('error', this.#fallSilent)
    } catch {
      this.#fallSilent()
    }
  }
}
