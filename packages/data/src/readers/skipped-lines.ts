/** The position that stands for a record or line that continues beyond the bytes at hand. */
export const incompleteRecord = -1

const lineFeed = 0x0a
const carriageReturn = 0x0d

/** A finder of the lines of a delimited file that are not read: the first ones, and comments. */
export class SkippedLines {
  readonly #comment: Uint8Array
  #atStart: number

  constructor({
    skipLines = 0,
    comment = '',
  }: {
    readonly skipLines?: number
    readonly comment?: string | undefined
  }) {
    this.#atStart = skipLines
    this.#comment = new TextEncoder().encode(comment)
  }

  /**
   * Returns the position after the line at `start` when it is not to be read, else `start`. The line may
   * end beyond the bytes at hand; then the result is {@link incompleteRecord}.
   */
  endOf(bytes: Uint8Array, start: number, length: number, isLast: boolean): number {
    if (start >= length) return start
    if (this.#atStart === 0) {
      if (this.#comment.length === 0) return start
      for (const [place, byte] of this.#comment.entries()) {
        if (start + place === length) return isLast ? start : incompleteRecord
        if (bytes[start + place] !== byte) return start
      }
    }
    const end = endOfLine(bytes, start, length, isLast)
    if (end !== incompleteRecord && this.#atStart > 0) this.#atStart--
    return end
  }
}

function endOfLine(bytes: Uint8Array, start: number, length: number, isLast: boolean): number {
  for (let at = start; at < length; at++) {
    if (bytes[at] === lineFeed) return at + 1
    if (bytes[at] !== carriageReturn) continue
    if (at + 1 === length && !isLast) return incompleteRecord
    return bytes[at + 1] === lineFeed && at + 1 < length ? at + 2 : at + 1
  }
  return isLast ? length : incompleteRecord
}
