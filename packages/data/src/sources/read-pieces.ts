import { yieldToEventLoop } from '@gnnrec/graph'
import { nodeModule } from './node-files.js'
import { openFile } from './open-file.js'

/** Size of a piece. It is small enough that work on one piece blocks the event loop only for milliseconds. */
export const pieceBytes = 1 << 18

/** The number of bytes of a source that have been read. */
export interface ReadCount {
  read: number
  /** The size of the source in bytes. Absent while it is unknown. */
  total?: number
}

/**
 * Reads a file or a named pipe piece by piece. A piece is valid until the next one is requested, because all pieces use
 * the same memory: with new memory for each, the garbage collector would free it late.
 *
 * @param signal - a signal that ends the waiting for the writer of a pipe
 * @throws FileReadError when the file cannot be opened or read
 */
export async function* piecesOfFile(
  path: string,
  count: ReadCount = { read: 0 },
  signal?: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await openFile(path, signal)
  try {
    count.total = file.byteLength
    const piece = new Uint8Array(pieceBytes)
    for (;;) {
      const bytesRead = await file.read(piece)
      if (bytesRead === 0) return
      count.read += bytesRead
      yield piece.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

/** Yields bytes in memory piece by piece, with a turn of the event loop between the pieces. */
export async function* piecesOfBytes(
  bytes: Uint8Array,
  count: ReadCount = { read: 0 },
): AsyncGenerator<Uint8Array, void, undefined> {
  count.total = bytes.length
  for (let start = 0; start < bytes.length; start += pieceBytes) {
    if (start > 0) await yieldToEventLoop()
    const piece = bytes.subarray(start, start + pieceBytes)
    count.read += piece.length
    yield piece
  }
}

/** Joins all pieces in a new array, for formats that cannot be read from front to back. */
export async function collectPieces(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  for await (const piece of copied(pieces)) all.push(piece)
  const { buffer, byteOffset, length } = nodeModule('node:buffer').Buffer.concat(all)
  return new Uint8Array(buffer, byteOffset, length)
}

/** Copies every piece into new memory, for readers that keep the pieces. */
export async function* copied(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of pieces) yield Uint8Array.from(piece)
}
