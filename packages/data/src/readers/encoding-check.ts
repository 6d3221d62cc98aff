import { nodeModule } from '../sources/node-files.js'

/** Looks at text as it comes, whether it is in the encoding that it is said to be in. */
export class EncodingCheck {
  readonly #encoding: 'utf-8' | 'latin1'
  #isBeginning = true
  #hasUtf8 = false
  #hasOthers = false

  constructor(encoding: 'utf-8' | 'latin1') {
    this.#encoding = encoding
  }

  /** Whether all that is not ASCII is UTF-8, which text in Latin-1 is next to never. */
  get isUtf8(): boolean {
    return this.#hasUtf8 && !this.#hasOthers
  }

  /** What is wrong with the next whole lines; `undefined` when nothing is. */
  problemOf(lines: Uint8Array): string | undefined {
    if (this.#isBeginning && isUtf16(lines)) {
      return 'the bytes are UTF-16, or no text. Save the file as UTF-8.'
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

/** A byte-order mark of UTF-16, or zeros in every other place. */
function isUtf16(start: Uint8Array): boolean {
  const mark = (start[0] << 8) | start[1]
  if (mark === 0xfffe || mark === 0xfeff) return true
  const zeros = [0, 0]
  const length = Math.min(start.length, 1024)
  for (let place = 0; place < length; place++) if (start[place] === 0) zeros[place % 2]++
  return Math.max(...zeros) > 0.4 * length
}
