import type { LoadLimits } from './load-options.js'
import type { FolderReader, OpenFile } from './open-file.js'
import { nodeModules, readError } from './place.js'

/** Bytes of one call of the system, which takes less than 2 GiB and cannot be interrupted. */
const bytesPerRead = 1 << 26

/** Opens a folder on disk. @throws SerializationError where there is no file system */
export function diskFolder(
  folder: string,
  limits: LoadLimits,
  pieceBytes = bytesPerRead,
): FolderReader {
  const { path } = nodeModules(folder)
  return {
    place: folder,
    open: (name) => openRegularFile(path.join(folder, name), limits, pieceBytes),
  }
}

/**
 * Opens a regular file.
 *
 * @throws SerializationError when it cannot be opened, or is a pipe, a device, a socket or a folder
 */
async function openRegularFile(
  file: string,
  limits: LoadLimits,
  pieceBytes: number,
): Promise<OpenFile | undefined> {
  const { fs, constants } = nodeModules(file)
  try {
    // Without O_NONBLOCK, opening a pipe waits for a writer. Windows does not know the flag.
    const handle = await fs.open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const facts = await handle.stat()
      if (!facts.isFile()) throw new Error('it is not a regular file')
      return {
        size: facts.size,
        async read(most) {
          try {
            const bytes = new Uint8Array(Math.min(facts.size, most + 1))
            return await fill(bytes, (at) => {
              limits.check(file)
              return handle.read(bytes, at, Math.min(pieceBytes, bytes.length - at), at)
            })
          } catch (cause) {
            limits.check(file)
            throw readError(file, cause)
          }
        },
        close: () => handle.close(),
      }
    } catch (cause) {
      await handle.close()
      throw cause
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw readError(file, cause)
  }
}

/** Fills bytes piece by piece, and returns those that the file had. */
async function fill(
  bytes: Uint8Array,
  readAt: (at: number) => Promise<{ readonly bytesRead: number }>,
): Promise<Uint8Array> {
  let at = 0
  while (at < bytes.length) {
    const { bytesRead } = await readAt(at)
    if (bytesRead === 0) break
    at += bytesRead
  }
  return bytes.subarray(0, at)
}
