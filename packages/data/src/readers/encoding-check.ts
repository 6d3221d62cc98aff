import { nodeModule } from '../sources/node-files.js'

/** A check that text is in its declared encoding. It sees the text piece by piece. */
export class EncodingCheck {
  readonly #encoding: 'utf-8' | 'latin1'
  #isBeginning = true
  #hasUtf8 = false
  #hasOthers = false

  constructor(encoding: 'utf-8' | 'latin1') {
    this.#encoding = encoding
  }

  /** True when the text has characters beyond ASCII and all are valid UTF-8. Latin-1 text hardly ever is. */
  get isUtf8(): boolean {
    return this.#hasUtf8 && !this.#hasOthers
  }

  /** Returns the problem with the next complete lines, or `undefined` when there is none. */
  problemOf(lines: Uint8Array): string | undefined {
    if (this.#isBeginning && isUtf16(lines)) {
      return 'the bytes are UTF-16 or not text. Save the file as UTF-8.'
    }
    this.#isBeginning = false
    const { isAscii, isUtf8 } = nodeModule('node:buffer')
    const isValid = isUtf8(lines)
    if (isValid) this.#hasUtf8 ||= !isAscii(lines)
    else this.#hasOthers = true
    return isValid || this.#encoding === 'latin1'
      ? undefined
      : "the bytes are not UTF-8. Pass encoding: 'latin1', or save the file as UTF-8."
  }
}

/** Returns true for bytes with a byte-order mark of UTF-16 or with a zero in about every other place. */
export function isUtf16(start: Uint8Array): boolean {
  const mark = (start[0] << 8) | start[1]
  if (mark === 0xfffe || mark === 0xfeff) return true
  const zeros = [0, 0]
  const length = Math.min(start.length, 1024)
  for (let place = 0; place < length; place++) if (start[place] === 0) zeros[place % 2]++
  return Math.max(...zeros) > 0.4 * length
}
