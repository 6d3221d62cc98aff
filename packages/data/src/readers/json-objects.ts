import { FileFormatError } from '../errors.js'
import { isUtf16 } from './encoding-check.js'
import { maxRecordBytes } from './record-scanner.js'

const quote = 0x22
const comma = 0x2c
const openingBracket = 0x5b
const backslash = 0x5c
const closingBracket = 0x5d
const openingBrace = 0x7b
const closingBrace = 0x7d
const lineFeed = 0x0a

/** An object of JSON. */
export type JsonObject = Readonly<Record<string, unknown>>

/**
 * A scanner that splits bytes into the objects of JSON lines, or of one JSON array. The bytes come in pieces of any size.
 *
 * It only finds where objects end and leaves the rest to `JSON.parse`, which is several times as fast as parsers that
 * take a document apart.
 */
export class JsonObjects {
  readonly #file: string
  readonly #onObject: (object: JsonObject, line: number) => void
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })
  /** The bytes that are in no object yet, which begin with the one that is incomplete. */
  #bytes = new Uint8Array(0)
  /** Position up to which the bytes were seen. */
  #seen = 0
  #depth = 0
  #isInText = false
  #isEscaped = false
  #isBeginning = true
  /** The state of the array around the objects. Without an array it stays `'none'`. */
  #array: 'none' | 'open' | 'after comma' | 'after object' | 'closed' = 'none'
  #line = 1
  #lineOfObject = 1
  #count = 0

  constructor(file: string, onObject: (object: JsonObject, line: number) => void) {
    this.#file = file
    this.#onObject = onObject
  }

  /**
   * Adds the next bytes and passes on the objects that are complete.
   *
   * @throws FileFormatError for what is not an object or not JSON
   */
  push(piece: Uint8Array): void {
    if (this.#bytes.length === 0) this.#bytes = Uint8Array.from(piece)
    else {
      const joined = new Uint8Array(this.#bytes.length + piece.length)
      joined.set(this.#bytes)
      joined.set(piece, this.#bytes.length)
      this.#bytes = joined
    }
    if (this.#isBeginning && isUtf16(this.#bytes)) {
      throw this.#error('the bytes are UTF-16 or not text. Save the file as UTF-8.')
    }
    this.#isBeginning = false
    this.#scan()
    if (this.#bytes.length > maxRecordBytes) {
      throw this.#error(
        'the object that begins here is longer than a megabyte. Expected one object for each interaction, as JSON lines or in one list.',
        this.#lineOfObject,
      )
    }
  }

  /**
   * Ends the scan.
   *
   * @throws FileFormatError when the last object or the list is not complete, or there was no object
   */
  end(): void {
    if (this.#depth > 0) {
      throw this.#error(
        'the object that begins here is not complete; the file may be cut.',
        this.#lineOfObject,
      )
    }
    if (this.#array !== 'none' && this.#array !== 'closed') {
      throw this.#error('the list is not closed; the file may be cut.')
    }
    if (this.#count === 0) {
      const problem = this.#array === 'none' ? 'the file is empty.' : 'the list has no objects.'
      throw new FileFormatError(this.#file, undefined, problem)
    }
  }

  #scan(): void {
    const bytes = this.#bytes
    let start = 0
    for (let at = this.#seen; at < bytes.length; at++) {
      const byte = bytes[at]
      if (byte === lineFeed) this.#line++
      if (this.#isEscaped) this.#isEscaped = false
      else if (this.#isInText) {
        if (byte === backslash) this.#isEscaped = true
        else if (byte === quote) this.#isInText = false
      } else if (this.#depth === 0) {
        if (byte === openingBrace) {
          this.#beginObject()
          start = at
        } else this.#between(byte)
      } else if (byte === quote) this.#isInText = true
      else if (byte === openingBrace || byte === openingBracket) this.#depth++
      else if (byte === closingBrace || byte === closingBracket) {
        this.#depth--
        if (this.#depth === 0) this.#emit(bytes.subarray(start, at + 1))
      }
    }
    this.#bytes = this.#depth > 0 ? bytes.slice(start) : new Uint8Array(0)
    this.#seen = this.#bytes.length
  }

  #beginObject(): void {
    if (this.#array === 'after object') throw this.#error('expected a comma between two objects.')
    if (this.#array === 'closed') throw this.#error('got an object after the end of the list.')
    this.#depth = 1
    this.#lineOfObject = this.#line
  }

  /** Takes a byte between two objects. */
  #between(byte: number): void {
    if (byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === lineFeed) return
    if (byte === openingBracket && this.#array === 'none' && this.#count === 0) {
      this.#array = 'open'
    } else if (byte === comma && this.#array === 'after object') this.#array = 'after comma'
    else if (
      byte === closingBracket &&
      (this.#array === 'after object' || this.#array === 'open')
    ) {
      this.#array = 'closed'
    } else {
      const character = JSON.stringify(String.fromCharCode(byte))
      throw this.#error(
        `got ${byte < 0x80 ? character : 'a character beyond ASCII'} where an object was expected. Write one object for each interaction, as JSON lines or in one list.`,
      )
    }
  }

  #emit(bytes: Uint8Array): void {
    let object: unknown
    try {
      object = JSON.parse(this.#decoder.decode(bytes))
    } catch (cause) {
      const problem =
        cause instanceof SyntaxError
          ? `the object that begins here is not JSON: ${cause.message}.`
          : 'the bytes are not UTF-8. Save the file as UTF-8.'
      throw this.#error(problem, this.#lineOfObject)
    }
    this.#count++
    if (this.#array !== 'none') this.#array = 'after object'
    this.#onObject(object as JsonObject, this.#lineOfObject)
  }

  #error(problem: string, line = this.#line): FileFormatError {
    return new FileFormatError(this.#file, line, problem)
  }
}

/**
 * Returns the value at a path of names, such as `'user.id'`, or `undefined` when there is none. A field whose
 * own name has the dots goes first.
 */
export function valueAt(object: JsonObject, path: string): unknown {
  if (Object.hasOwn(object, path)) return object[path]
  let value: unknown = object
  for (const name of path.split('.')) {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined
    if (!Object.hasOwn(value, name)) return undefined
    value = (value as JsonObject)[name]
  }
  return value
}

/** The depth to which objects in objects are taken for columns. */
const maxDepth = 4

/** Returns the paths of all values of an object that are not objects themselves. */
export function pathsOf(object: JsonObject, prefix = '', depth = 1): string[] {
  return Object.entries(object).flatMap(([name, value]) => {
    const path = `${prefix}${name}`
    const isObject = value !== null && typeof value === 'object' && !Array.isArray(value)
    return isObject && depth < maxDepth
      ? pathsOf(value as JsonObject, `${path}.`, depth + 1)
      : [path]
  })
}
