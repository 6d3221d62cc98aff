import { FileReadError } from '../errors.js'
import { nodeModule, yieldToEventLoop } from './node-files.js'

/** Small enough that working on one piece keeps the event loop waiting for a few milliseconds only. */
export const PIECE_BYTES = 1 << 18

/**
 * A file piece by piece.
 *
 * @throws FileReadError when it cannot be opened or read
 */
export async function* piecesOfFile(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const cannotRead = (cause: unknown): never => {
    throw new FileReadError(path, `Cannot read ${path}: ${(cause as Error).message}.`, { cause })
  }
  const file = await nodeModule('node:fs/promises').open(path).catch(cannotRead)
  try {
    for (;;) {
      const piece = new Uint8Array(PIECE_BYTES)
      const { bytesRead } = await file.read(piece, 0, PIECE_BYTES, null).catch(cannotRead)
      if (bytesRead === 0) return
      yield piece.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

/** Bytes in memory piece by piece, with turns of the event loop between. */
export async function* piecesOfBytes(
  bytes: Uint8Array,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    if (start > 0) await yieldToEventLoop()
    yield bytes.subarray(start, start + PIECE_BYTES)
  }
}

/** All pieces in one array, for formats that cannot be read from front to back. */
export async function collectPieces(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  const { buffer, byteOffset, length } = nodeModule('node:buffer').Buffer.concat(all)
  return new Uint8Array(buffer, byteOffset, length)
}
