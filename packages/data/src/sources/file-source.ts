import { InvalidOptionsError } from '@gnnrec/graph'
import { FileReadError } from '../errors.js'
import { abortable } from './abortable.js'
import { gunzip } from './gunzip.js'
import { nodeModule } from './node-files.js'
import { type Archive, readZipEntry } from './open-zip.js'
import { piecesOfBytes, piecesOfFile, type ReadCount } from './read-pieces.js'

/** One file in a zip archive. */
interface ZipEntrySource {
  /** The archive: a path, a `file:` URL or bytes. */
  readonly archive: string | URL | Uint8Array
  /** The full name of the file in the archive. */
  readonly entry: string
}

/**
 * A source that a reader can read: a path, a `file:` URL, bytes in memory, `{ text }`, a file in a zip
 * archive as `{ archive, entry }`, or any async iterable of bytes or strings, such as a stream of Node or
 * the `response.body` of `fetch`.
 *
 * Every source may be gzip-compressed, and a path or bytes may be a zip archive of one file. The readers
 * recognize both from the content, not from the name, and unpack them piece by piece.
 */
export type FileSource =
  | string
  | URL
  | Uint8Array
  | { readonly text: string }
  | ZipEntrySource
  | AsyncIterable<Uint8Array | string>

/** A source that is open for reading. */
export interface OpenedSource {
  /** The name of the source in messages. */
  readonly name: string
  /** The unpacked bytes without a byte-order mark. A piece is valid until the next one is requested. */
  readonly pieces: PieceGenerator
  /** The number of bytes read so far, before unpacking. It stays 0 for streams. */
  readonly count: ReadCount
  /** True when the source is compressed by gzip, so that its size says little about its content. */
  readonly isGzip: boolean
  /** Closes the file when the pieces are not read to their end. */
  readonly close: () => Promise<unknown>
}

type PieceGenerator = AsyncGenerator<Uint8Array, void, undefined>

/**
 * Opens a source and detects compression from its first bytes. Later errors are thrown by the pieces.
 *
 * @throws FileReadError when the source cannot be opened or read
 * @throws InvalidOptionsError when the value is not a source
 */
export async function openSource(
  source: FileSource,
  signal?: AbortSignal | undefined,
): Promise<OpenedSource> {
  const { name, raw, archive, entry } = locate(source)
  const count: ReadCount = { read: 0 }
  const open = (): AsyncIterable<Uint8Array> =>
    entry === undefined ? raw(count, signal) : readZipEntry(archive as Archive, entry, count)
  let { start, pieces, close } = await peek(abortable(open(), signal))
  if (isZip(start) && entry === undefined) {
    if (archive === undefined) {
      await close()
      const message = `${name} is a zip archive, and archives cannot be read from a stream. Pass its path or bytes.`
      throw new FileReadError(name, message)
    }
    await close()
    ;({ start, pieces, close } = await peek(
      abortable(readZipEntry(archive, undefined, count), signal),
    ))
  }
  const isGzip = start[0] === 0x1f && start[1] === 0x8b
  if (isGzip) {
    ;({ start, pieces, close } = await peek(gunzip(name, pieces)))
  }
  const isMarked = start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf
  return { name, pieces: isMarked ? withoutStart(pieces, 3) : pieces, count, isGzip, close }
}

/** Returns the first bytes of a source, at least as many as given if it has them; the source still yields them. */
export async function lookAhead(
  opened: OpenedSource,
  bytes: number,
): Promise<{ start: Uint8Array; opened: OpenedSource }> {
  const { start, pieces, close } = await peek(opened.pieces, bytes)
  return { start, opened: { ...opened, pieces, close } }
}

/**
 * Returns the name of a source in messages.
 *
 * @throws InvalidOptionsError when the value is not a source
 */
export function nameOfSource(source: FileSource): string {
  return locate(source).name
}

interface Location {
  readonly name: string
  readonly raw: (count: ReadCount, signal?: AbortSignal) => AsyncIterable<Uint8Array>
  readonly archive?: Archive
  readonly entry?: string
}

function locate(source: FileSource): Location {
  if (typeof source === 'string') {
    const archive = { name: source, content: source }
    return { name: source, raw: (count, signal) => piecesOfFile(source, count, signal), archive }
  }
  if (source instanceof URL) {
    if (source.protocol === 'file:') return locate(nodeModule('node:url').fileURLToPath(source))
    throw new InvalidOptionsError(
      `Got the address ${source.href}; only file: URLs can be read. Call fetch first and pass the bytes or response.body.`,
    )
  }
  if (source instanceof Uint8Array) {
    const archive = { name: '(bytes)', content: source }
    return { name: '(bytes)', raw: (count) => piecesOfBytes(source, count), archive }
  }
  if (source !== null && typeof source === 'object') {
    if (Symbol.asyncIterator in source) {
      return { name: '(stream)', raw: () => piecesOfStream(source) }
    }
    if ('text' in source && typeof source.text === 'string') {
      const { text } = source
      return { name: '(text)', raw: () => piecesOfBytes(new TextEncoder().encode(text)) }
    }
    if ('archive' in source && typeof source.entry === 'string') {
      const { name, archive, raw } = locate(source.archive)
      if (archive) return { name: `${name}, ${source.entry}`, raw, archive, entry: source.entry }
    }
  }
  throw new InvalidOptionsError(
    `Got a source of type ${source === null ? 'null' : typeof source}; expected a path, a file: URL, bytes (Uint8Array), { text }, { archive, entry } or an async iterable of bytes.`,
  )
}

/** Yields the pieces of a stream as bytes. */
export async function* piecesOfStream(stream: AsyncIterable<Uint8Array | string>): PieceGenerator {
  const encoder = new TextEncoder()
  for await (const piece of stream) {
    if (typeof piece === 'string') yield encoder.encode(piece)
    else if (piece instanceof Uint8Array) yield piece
    else {
      throw new InvalidOptionsError(
        `Got a piece of type ${typeof piece} from the stream; expected bytes (Uint8Array) or strings. Read a stream of records with readRecords.`,
      )
    }
  }
}

interface Peeked {
  /** The first bytes, at least as many as asked for if the source has them. */
  start: Uint8Array
  /** All pieces, including the start. */
  pieces: PieceGenerator
  /** Ends a source that is not read to its end, which closes its file. */
  close: () => Promise<unknown>
}

async function peek(source: PieceGenerator, bytes = 4): Promise<Peeked> {
  let start: Uint8Array = new Uint8Array(0)
  while (start.length < bytes) {
    const { done, value } = await source.next()
    if (done) break
    const joined = new Uint8Array(start.length + value.length)
    joined.set(start)
    joined.set(value, start.length)
    start = joined
  }
  async function* pieces(): PieceGenerator {
    try {
      if (start.length > 0) yield start
      yield* source
    } finally {
      await source.return()
    }
  }
  return { start, pieces: pieces(), close: () => source.return() }
}

async function* withoutStart(pieces: PieceGenerator, length: number): PieceGenerator {
  let isFirst = true
  for await (const piece of pieces) {
    yield isFirst ? piece.subarray(length) : piece
    isFirst = false
  }
}

/** Returns true for the start of a zip archive, also of an empty one and of one in several parts. */
function isZip(start: Uint8Array): boolean {
  const isPk = start[0] === 0x50 && start[1] === 0x4b
  return isPk && [0x0304, 0x0506, 0x0708].includes((start[2] << 8) | start[3])
}
