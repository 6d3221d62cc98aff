import type { InteractionTable } from '@gnnrec/graph'
import { FileFormatError } from '../errors.js'
import { type FileSource, openSource } from '../sources/file-source.js'
import { GrowingColumn } from '../tables/growing-column.js'
import { tableOfCodes } from '../tables/table-of-codes.js'
import { ValueIds } from '../tables/value-ids.js'

/** A collector of the pairs in one or more files of `user item item ...` lines. */
export class LightGcnPairs {
  readonly #ids = { user: new ValueIds(), item: new ValueIds() }
  readonly #codes = { user: new GrowingColumn(Int32Array), item: new GrowingColumn(Int32Array) }

  /** The number of pairs so far. */
  get rows(): number {
    return this.#codes.user.length
  }

  /**
   * Adds the pairs of a file.
   *
   * @throws FileFormatError when a word is not an id or the file has no pair
   */
  async read(source: FileSource, signal: AbortSignal | undefined): Promise<void> {
    const { name, pieces } = await openSource(source, signal)
    const before = this.rows
    const lines = new LineReader(name, (user, item) => {
      this.#codes.user.push(this.#ids.user.code(user))
      this.#codes.item.push(this.#ids.item.code(item))
    })
    for await (const piece of pieces) lines.push(piece)
    lines.end()
    if (this.rows > before) return
    const problem = lines.isEmpty ? 'the file is empty.' : 'no user has an item.'
    throw new FileFormatError(name, undefined, problem)
  }

  /** Returns the table of all pairs. No file can be read afterwards. */
  finish(): InteractionTable<number, number> {
    const column = (what: 'user' | 'item') => ({
      distinct: this.#ids[what].ids(),
      codes: this.#codes[what].take(),
    })
    return tableOfCodes({ user: column('user'), item: column('item') }) as InteractionTable<
      number,
      number
    >
  }
}

const lineFeed = 0x0a
const carriageReturn = 0x0d

/** A reader that takes ids digit by digit, so that a line may be of any length and cut anywhere. */
class LineReader {
  isEmpty = true
  readonly #file: string
  readonly #onPair: (user: number, item: number) => void
  #line = 1
  /** The user of the current line, or -1 before it is read. */
  #user = -1
  /** The id that is being read, or -1 between ids. */
  #id = -1
  #isAfterReturn = false

  constructor(file: string, onPair: (user: number, item: number) => void) {
    this.#file = file
    this.#onPair = onPair
  }

  push(piece: Uint8Array): void {
    if (piece.length > 0) this.isEmpty = false
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at]
      if (byte >= 0x30 && byte <= 0x39) {
        this.#id = (this.#id < 0 ? 0 : this.#id * 10) + (byte - 0x30)
        if (this.#id > Number.MAX_SAFE_INTEGER) this.#reject(piece, at)
      } else if (byte === 0x20 || byte === 0x09) {
        this.#endId()
      } else if (byte === lineFeed || byte === carriageReturn) {
        this.#endId()
        this.#user = -1
        if (byte !== lineFeed || !this.#isAfterReturn) this.#line++
      } else {
        this.#reject(piece, at)
      }
      this.#isAfterReturn = byte === carriageReturn
    }
  }

  end(): void {
    this.#endId()
  }

  #endId(): void {
    if (this.#id < 0) return
    if (this.#user < 0) this.#user = this.#id
    else this.#onPair(this.#user, this.#id)
    this.#id = -1
  }

  #reject(piece: Uint8Array, at: number): never {
    const isBreak = (byte: number): boolean => byte <= 0x20
    let start = at
    while (start > 0 && !isBreak(piece[start - 1])) start--
    let end = at
    while (end < piece.length && end < at + 40 && !isBreak(piece[end])) end++
    const token = new TextDecoder().decode(piece.subarray(start, end))
    throw new FileFormatError(
      this.#file,
      this.#line,
      `got ${JSON.stringify(token)}, expected ids of digits separated by spaces: 'user item item ...'.`,
    )
  }
}
