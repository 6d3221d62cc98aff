import { type FlatField, FlatReader, type FlatTable } from './flat-buffer.js'

const scalar = (bytes: number): FlatField => ({ scalar: bytes })
const text: FlatField = { vector: 1 }
const keyValue: FlatTable = { fields: { 0: text, 1: text } }
const metadata: FlatField = { tables: () => keyValue }

/** Places of the kinds of types and headers among those that Arrow lists. */
const unionType = 14
const schemaHeader = 1
const dictionaryHeader = 2
const batchHeader = 3

const integerType: FlatTable = { fields: { 0: scalar(4), 1: scalar(1) } }
/** The parts of a type that are numbers. Only unions have a list. */
const plainType: FlatTable = { fields: { 0: scalar(2) } }
const typeOf = (kind: number): FlatTable =>
  kind === unionType ? { fields: { 0: scalar(2), 1: { vector: 4 } } } : plainType

const field: FlatTable = {
  fields: {
    0: text,
    1: scalar(1),
    2: scalar(1),
    3: { union: typeOf, kindField: 2 },
    4: {
      table: () => ({ fields: { 0: scalar(8), 1: { table: () => integerType }, 2: scalar(1) } }),
    },
    5: { tables: () => field },
    6: metadata,
  },
}
const schema: FlatTable = {
  fields: { 0: scalar(2), 1: { tables: () => field }, 2: metadata, 3: { vector: 8 } },
}
const batch: FlatTable = {
  fields: {
    0: scalar(8),
    1: { vector: 16 },
    2: { vector: 16 },
    3: { table: () => ({ fields: { 0: scalar(1), 1: scalar(1) } }) },
    4: { vector: 8 },
  },
}
const dictionary: FlatTable = {
  fields: { 0: scalar(8), 1: { table: () => batch }, 2: scalar(1) },
}
const headers: Readonly<Record<number, FlatTable>> = {
  [schemaHeader]: schema,
  [dictionaryHeader]: dictionary,
  [batchHeader]: batch,
}
const message: FlatTable = {
  fields: {
    0: scalar(2),
    1: scalar(1),
    2: { union: (kind) => headers[kind], kindField: 1 },
    3: scalar(8),
    4: metadata,
  },
}
const footer: FlatTable = {
  fields: {
    0: scalar(2),
    1: { table: () => schema },
    2: { vector: 24 },
    3: { vector: 24 },
    4: metadata,
  },
}

/** The bytes with which files begin and end. */
const magic = 'ARROW1'

/** Bytes at the end of a file: the length of the footer and the magic bytes. */
export const arrowEndLength = 4 + magic.length

/** Returns true for the first or last bytes of an Arrow file. */
export function isArrowMagic(bytes: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(bytes) === magic
}

/**
 * Checks the last bytes of an Arrow file, and returns the length of the footer.
 *
 * @param end - the last {@link arrowEndLength} bytes
 * @param byteLength - number of all bytes of the file
 * @throws RangeError when the file ends otherwise than an Arrow file does
 */
export function checkArrowEnd(end: Uint8Array, byteLength: number): number {
  if (!isArrowMagic(end.subarray(4))) {
    throw new RangeError('it does not end like an Arrow file, so that it is probably cut off')
  }
  const length = new DataView(end.buffer, end.byteOffset, end.byteLength).getInt32(0, true)
  if (length < 0 || length > byteLength - arrowEndLength - 8) {
    throw new RangeError('the length of its footer leads out of the file')
  }
  return length
}

/**
 * Checks the lengths in an Arrow file against its bytes.
 *
 * @throws RangeError when a length leads out of the file or a block is not what the footer says
 */
export function checkArrowFile(bytes: Uint8Array): void {
  const end = bytes.length - arrowEndLength
  const length = checkArrowEnd(bytes.subarray(Math.max(0, end)), bytes.length)
  const reader = new FlatReader(bytes.subarray(end - length, end), footer)
  const found = reader.table(reader.root, 1)
  if (found === undefined) throw new RangeError('it has no schema')
  rejectBigEndian(reader, found)
  for (const [blocks, header] of [
    [reader.elements(reader.root, 2, 24), dictionaryHeader],
    [reader.elements(reader.root, 3, 24), batchHeader],
  ] as const) {
    for (const block of blocks) {
      const offset = Number(reader.longAt(block))
      if (!(offset >= 8 && offset + 8 <= end)) {
        throw new RangeError('a block begins outside the file')
      }
      const { header: kind, bodyEnd } = readMessage(bytes.subarray(offset, end))
      if (kind !== header) throw new RangeError('a block has another kind than it should')
      if (bodyEnd > end - offset) throw new RangeError('a block ends outside the file')
    }
  }
}

/** Checks that the numbers have the order of bytes that the decoder takes for granted. */
function rejectBigEndian(reader: FlatReader, schemaTable: number): void {
  if (reader.byte(schemaTable, 0) === 0) return
  throw new RangeError('its numbers are big-endian, which is not read')
}

interface ReadMessage {
  readonly header: number
  readonly bodyEnd: number
}

/** Reads the head of a message and checks its lengths. */
function readMessage(bytes: Uint8Array): ReadMessage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // Before version 0.15 of the format, no mark stood before the length.
  const start = view.getInt32(0, true) === -1 ? 8 : 4
  const length = view.getInt32(start - 4, true)
  if (length <= 0 || start + length > bytes.length) {
    throw new RangeError('the length of a message leads out of the file')
  }
  const { header, bodyLength } = checkMessage(bytes.subarray(start, start + length))
  return { header, bodyEnd: start + length + bodyLength }
}

/**
 * Checks the lengths in the head of a message.
 *
 * @throws RangeError when one is wrong
 */
function checkMessage(head: Uint8Array): { header: number; bodyLength: number } {
  const reader = new FlatReader(head, message)
  const header = reader.byte(reader.root, 1)
  const bodyLength = Number(reader.long(reader.root, 3))
  if (!Number.isSafeInteger(bodyLength) || bodyLength < 0) {
    throw new RangeError('the length of a message is negative or too large')
  }
  const part = reader.table(reader.root, 2)
  if (part === undefined || !(header in headers))
    throw new RangeError('a message is of no known kind')
  const found = header === dictionaryHeader ? reader.table(part, 1) : part
  if (found === undefined) throw new RangeError('a dictionary has no values')
  if (header === schemaHeader) rejectBigEndian(reader, part)
  else checkBatch(reader, found, bodyLength)
  return { header, bodyLength }
}

function checkBatch(reader: FlatReader, found: number, bodyLength: number): void {
  const isCount = (value: bigint): boolean => value >= 0n && value <= Number.MAX_SAFE_INTEGER
  const rows = reader.long(found, 0)
  const nodes = reader.elements(found, 1, 16)
  const buffers = reader.elements(found, 2, 16)
  const hasWrongNode = nodes.some(
    (at) => !isCount(reader.longAt(at)) || !isCount(reader.longAt(at + 8)),
  )
  if (!isCount(rows) || hasWrongNode) throw new RangeError('a batch has a wrong number of rows')
  for (const at of buffers) {
    const start = reader.longAt(at)
    const length = reader.longAt(at + 8)
    if (!isCount(start) || !isCount(length) || start + length > bodyLength) {
      throw new RangeError('a column leads out of its batch')
    }
  }
  for (const at of reader.elements(found, 4, 8)) {
    const count = reader.longAt(at)
    if (!isCount(count) || count > buffers.length) {
      throw new RangeError('a batch has a wrong number of columns')
    }
  }
}

/**
 * Passes on the bytes of an Arrow stream, message by message, after checking the lengths of each message.
 *
 * @throws RangeError when a length is wrong or the stream ends inside a message
 */
export async function* checkedArrowStream(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const source = new ByteQueue(pieces)
  let isFirst = true
  for (;;) {
    const start = await source.take(4)
    if (start.length < 4) return
    yield start
    let length = intOf(start)
    if (length === -1) {
      const second = await source.take(4)
      if (second.length < 4) return
      yield second
      length = intOf(second)
    }
    // A stream may end with the length 0.
    if (length === 0) return
    if (length < 0 || length > maxHeadBytes) {
      throw new RangeError('the length of a message is negative or too large')
    }
    const head = await source.take(length)
    if (head.length < length) throw new RangeError('it ends inside a message')
    const { header, bodyLength } = checkMessage(head)
    if ((header === schemaHeader) !== isFirst) {
      throw new RangeError('its messages are in the wrong order')
    }
    isFirst = false
    yield head
    for (let left = bodyLength; left > 0; ) {
      const piece = await source.takeSome(left)
      if (piece.length === 0) throw new RangeError('it ends inside a message')
      left -= piece.length
      yield piece
    }
  }
}

/** The largest head of a message. A schema of 100,000 columns is smaller. */
const maxHeadBytes = 1 << 26

function intOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getInt32(0, true)
}

/** A queue of the bytes of a source, from which any number can be taken. */
class ByteQueue {
  readonly #pieces: AsyncIterator<Uint8Array>
  #rest: Uint8Array = new Uint8Array(0)

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]()
  }

  /** Takes a number of bytes, or fewer at the end. */
  async take(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    let taken = 0
    while (taken < length) {
      const part = await this.takeSome(length - taken)
      if (part.length === 0) break
      parts.push(part)
      taken += part.length
    }
    const joined = new Uint8Array(taken)
    let at = 0
    for (const part of parts) {
      joined.set(part, at)
      at += part.length
    }
    return joined
  }

  /** Takes at most a number of bytes, and none only at the end. */
  async takeSome(most: number): Promise<Uint8Array> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#pieces.next()
      if (done) return this.#rest
      // A piece is valid until the next one is requested.
      this.#rest = Uint8Array.from(value)
    }
    const part = this.#rest.subarray(0, most)
    this.#rest = this.#rest.subarray(part.length)
    return part
  }
}
