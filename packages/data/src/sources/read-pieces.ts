import { FileReadError } from '../errors.js'
import { nodeModule, yieldToEventLoop } from './node-files.js'

/** Small enough that working on one piece keeps the event loop waiting for a few milliseconds only. */
export const pieceBytes = 1 << 18

/** How much of a source has been read, where it is known how much there is. */
export interface ReadCount {
  read: number
  total?: number
}

/**
 * A file piece by piece. A piece is valid until the next one is asked for: all lie in the same memory,
 * since thousands of pieces that nobody needs any more may wait long to be freed.
 *
 * @throws FileReadError when it cannot be opened or read
 */
export async function* piecesOfFile(
  path: string,
  count: ReadCount = { read: 0 },
): AsyncGenerator<Uint8Array, void, undefined> {
  const cannotRead = (cause: unknown): never => {
    throw new FileReadError(path, `Cannot read ${path}: ${(cause as Error).message}.`, { cause })
  }
  const file = await nodeModule('node:fs/promises').open(path).catch(cannotRead)
  try {
    count.total = (await file.stat()).size
    const piece = new Uint8Array(pieceBytes)
    for (;;) {
      const { bytesRead } = await file.read(piece, 0, pieceBytes, null).catch(cannotRead)
      if (bytesRead === 0) return
      count.read += bytesRead
      yield piece.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

/** Bytes in memory piece by piece, with turns of the event loop between. */
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

/** All pieces in one array of its own, for formats that cannot be read from front to back. */
export async function collectPieces(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  for await (const piece of copied(pieces)) all.push(piece)
  const { buffer, byteOffset, length } = nodeModule('node:buffer').Buffer.concat(all)
  return new Uint8Array(buffer, byteOffset, length)
}

/** The pieces in memory of their own, for readers that keep them. */
export async function* copied(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of pieces) yield Uint8Array.from(piece)
}
