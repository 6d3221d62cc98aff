import type { FileHandle } from 'node:fs/promises'
import { GnnRecError } from '../errors.js'
import { nodeModules } from './node-modules.js'

/** Bytes of one call of the system, which takes less than 2 GiB and cannot be interrupted. */
const bytesPerCall = 2 ** 26

/** Options of {@link readRegularFile}. */
interface ReadOptions {
  /** Most bytes that the file may have. */
  readonly mostBytes: number
  /** Signal that ends the reading, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * A file on disk that was opened for reading and is no folder, pipe, device or socket, whose reading might never end.
 * It stays readable when it is replaced or removed meanwhile. Needs Node.js.
 *
 * @example
 * ```ts
 * import { mkdtemp, writeFile } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { RegularFile } from '@gnnrec/graph/files'
 *
 * const path = join(await mkdtemp(join(tmpdir(), 'gnnrec-')), 'lists.csv')
 * await writeFile(path, 'ann,jaws\n')
 * const file = await RegularFile.open(path)
 * try {
 *   console.log(file.size, new TextDecoder().decode(await file.read(3))) // 9 ann
 * } finally {
 *   await file.close()
 * }
 * ```
 */
export class RegularFile {
  /** Number of bytes that the file had when it was opened. No more are read. */
  readonly size: number
  readonly #handle: FileHandle

  private constructor(size: number, handle: FileHandle) {
    this.size = size
    this.#handle = handle
  }

  /**
   * Opens a file; its kind is looked at once it is open, so that it cannot be replaced in between.
   *
   * @throws GnnRecError with code `NOT_A_REGULAR_FILE`; its message is the end of a sentence about the file
   * @throws the error of the file system when the file cannot be opened
   */
  static async open(path: string): Promise<RegularFile> {
    const { fs, constants } = nodeModules()
    // Without O_NONBLOCK, opening a pipe waits for a writer. Windows does not know the flag.
    const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)
    const handle = await fs.open(path, flags).catch((cause: NodeJS.ErrnoException) => {
      // Sockets cannot be opened.
      throw cause.code === 'ENXIO'
        ? notRegular('it is no regular file; copy it to one', cause)
        : cause
    })
    try {
      const facts = await handle.stat()
      if (facts.isDirectory()) throw notRegular('EISDIR: it is a folder, not a file')
      if (!facts.isFile()) throw notRegular('it is no regular file; copy it to one')
      return new RegularFile(facts.size, handle)
    } catch (cause) {
      await closeRead(handle)
      throw cause
    }
  }

  /**
   * Reads bytes from the beginning.
   *
   * @param most - largest number of bytes to read
   * @returns bytes that the caller may change; fewer than the size when the file was cut off meanwhile
   * @throws the reason of the signal once it is aborted
   * @throws the error of the file system when the file cannot be read
   */
  async read(most: number, signal?: AbortSignal): Promise<Uint8Array> {
    const bytes = new Uint8Array(Math.min(most, this.size))
    return bytes.subarray(0, await this.readAt(0, bytes, signal))
  }

  /**
   * Fills bytes from a place of the file.
   *
   * @param offset - number of bytes before the place
   * @returns the number of bytes read, less than asked for where the file ends
   * @throws the reason of the signal once it is aborted
   * @throws the error of the file system when the file cannot be read
   */
  async readAt(offset: number, bytes: Uint8Array, signal?: AbortSignal): Promise<number> {
    const wanted = Math.max(0, Math.min(bytes.length, this.size - offset))
    let done = 0
    while (done < wanted) {
      signal?.throwIfAborted()
      const most = Math.min(bytesPerCall, wanted - done)
      const { bytesRead } = await this.#handle.read(bytes, done, most, offset + done)
      if (bytesRead === 0) break
      done += bytesRead
    }
    return done
  }

  /** Closes the file. Never fails. */
  async close(): Promise<void> {
    await closeRead(this.#handle)
  }
}

/** Closes a file that was only read: when the system cannot close it, what was read is as right as before. */
async function closeRead(handle: FileHandle): Promise<void> {
  await handle.close().catch(() => undefined)
}

/**
 * Reads a file on disk after a look at its kind and size, so that neither a pipe, a device nor a file that is too large
 * is read. Needs Node.js.
 *
 * @throws GnnRecError with code `NOT_A_REGULAR_FILE` or `FILE_TOO_LARGE`; its message is the end of a sentence about the
 * file
 * @throws the reason of the signal once it is aborted
 * @throws the error of the file system when the file cannot be read
 * @example
 * ```ts
 * import { mkdtemp, writeFile } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { readRegularFile } from '@gnnrec/graph/files'
 *
 * const path = join(await mkdtemp(join(tmpdir(), 'gnnrec-')), 'lists.csv')
 * await writeFile(path, 'ann,jaws\n')
 * console.log(await readRegularFile(path, { mostBytes: 2 ** 20 }))
 * const error = await readRegularFile(path, { mostBytes: 5 }).catch((cause: unknown) => cause)
 * console.log((error as Error).message) // it has 9 bytes, more than 5
 * ```
 */
export async function readRegularFile(
  path: string,
  { mostBytes, signal }: ReadOptions,
): Promise<Uint8Array> {
  signal?.throwIfAborted()
  const file = await RegularFile.open(path)
  try {
    if (file.size <= mostBytes) return await file.read(mostBytes, signal)
    throw new GnnRecError('FILE_TOO_LARGE', `it has ${file.size} bytes, more than ${mostBytes}`)
  } finally {
    await file.close()
  }
}

function notRegular(message: string, cause?: unknown): GnnRecError {
  return new GnnRecError('NOT_A_REGULAR_FILE', message, { cause })
}
