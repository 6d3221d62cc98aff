import { type FileSource, lookAhead, openSource } from './file-source.js'
import { nodeModule } from './node-files.js'
import { cannotRead, closeRead, isRegularFile, refuseDevice } from './open-file.js'
import { collectPieces } from './read-pieces.js'

/** A source that can be read at any position. */
export interface RandomAccess {
  readonly name: string
  readonly byteLength: number
  /** Reads the bytes `start..end-1` into a new buffer. */
  read(start: number, end: number): Promise<Uint8Array>
  close(): Promise<void>
}

/**
 * Opens a source for reading at any position. An uncompressed file stays on disk; anything else is
 * unpacked into memory.
 *
 * @throws FileReadError, InvalidOptionsError
 */
export async function openRandomAccess(
  source: FileSource,
  signal: AbortSignal | undefined,
): Promise<RandomAccess> {
  const path = source instanceof URL ? nodeModule('node:url').fileURLToPath(source) : source
  if (typeof path === 'string') await refuseDevice(path)
  const { start, opened } = await lookAhead(await openSource(source, signal), 4)
  if (typeof path === 'string' && (await isRegularFile(path)) && (await beginsWith(path, start))) {
    await opened.close()
    return openFile(path)
  }
  const bytes = await collectPieces(opened.pieces)
  return {
    name: opened.name,
    byteLength: bytes.length,
    read: async (from, to) => bytes.slice(from, to),
    close: async () => {},
  }
}

/** The last bytes of a file, and the number of all its bytes. */
export interface FileEnd {
  readonly bytes: Uint8Array
  readonly byteLength: number
}

/**
 * Reads the last bytes of a source that is an uncompressed file on disk. Of any other source the end is not known
 * before the rest.
 *
 * @param start - the first bytes of the unpacked source
 * @throws FileReadError
 */
export async function readFileEnd(
  source: FileSource,
  start: Uint8Array,
  length: number,
): Promise<FileEnd | undefined> {
  const path = source instanceof URL ? nodeModule('node:url').fileURLToPath(source) : source
  if (typeof path !== 'string') return undefined
  if (!(await isRegularFile(path)) || !(await beginsWith(path, start))) return undefined
  const { byteLength, read, close } = await openFile(path)
  const bytes = await read(Math.max(0, byteLength - length), byteLength).finally(close)
  return { bytes, byteLength }
}

/** Returns true when the file on disk begins like the unpacked source, so that it is not compressed. */
async function beginsWith(path: string, start: Uint8Array): Promise<boolean> {
  const file = await openFile(path)
  const raw = await file.read(0, Math.min(4, file.byteLength)).finally(() => file.close())
  return raw.length >= 4 && raw.every((byte, place) => byte === start[place])
}

async function openFile(path: string): Promise<RandomAccess> {
  const fail = cannotRead(path)
  const file = await nodeModule('node:fs/promises').open(path).catch(fail)
  const { size } = await file.stat().catch(async (cause) => {
    await closeRead(file)
    return fail(cause)
  })
  return {
    name: path,
    byteLength: size,
    async read(start, end) {
      const bytes = new Uint8Array(end - start)
      let filled = 0
      while (filled < bytes.length) {
        const { bytesRead } = await file
          .read(bytes, filled, bytes.length - filled, start + filled)
          .catch(fail)
        if (bytesRead === 0) fail(new Error('the file became shorter while it was read'))
        filled += bytesRead
      }
      return bytes
    },
    close: () => closeRead(file),
  }
}
