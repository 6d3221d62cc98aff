import { FileReadError } from '../errors.js'
import { nodeModule } from './node-files.js'
import { pieceBytes } from './read-pieces.js'
import { rejectBomb } from './unpack-limit.js'

/**
 * Unpacks gzip data piece by piece, on a thread of Node's pool.
 *
 * @throws FileReadError when the data is damaged, cut off or a decompression bomb
 */
export async function* gunzip(
  name: string,
  packed: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const unpacker = nodeModule('node:zlib').createGunzip({ chunkSize: pieceBytes })
  let packedBytes = 0
  async function feed(): Promise<void> {
    for await (const piece of packed) {
      packedBytes += piece.length
      // A piece is valid until the next one is requested, so it must be written before that.
      await new Promise<void>((resolve, reject) => {
        unpacker.write(piece, (error) => (error ? reject(error) : resolve()))
      })
    }
    unpacker.end()
  }
  // Errors of the source are passed on to the reader of `unpacker`.
  feed().catch((error) => unpacker.destroy(error))
  let unpackedBytes = 0
  try {
    for await (const piece of unpacker as AsyncIterable<Uint8Array>) {
      unpackedBytes += piece.length
      rejectBomb(name, packedBytes, unpackedBytes)
      yield piece
    }
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (!code?.startsWith('Z_')) throw cause
    throw new FileReadError(
      name,
      `${name} is gzip-compressed, but damaged or cut off: ${message}. Fetch the file again.`,
      { cause },
    )
  }
}
