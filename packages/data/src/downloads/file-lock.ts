import { FolderLock, FolderLockedError } from '@gnnrec/graph/files'
import { DownloadError } from '../errors.js'
import { nodeModule } from '../sources/node-files.js'

const millisecondsPerAttempt = 200

/**
 * Locks a file for this process, so that two processes never write the same download. The lock of a
 * process that has ended does not count.
 *
 * @param timeout - a signal that ends the waiting for another process that has the lock
 * @throws DownloadError when another process still has the lock then; the message names the process
 * @throws the signal's reason when the signal is aborted
 */
export async function lockFile(
  file: string,
  address: string,
  signal: AbortSignal | undefined,
  timeout: AbortSignal,
): Promise<FolderLock> {
  const { basename, dirname } = nodeModule('node:path')
  const { setTimeout } = nodeModule('node:timers/promises')
  const ended = AbortSignal.any([timeout, ...(signal ? [signal] : [])])
  for (;;) {
    signal?.throwIfAborted()
    try {
      return await FolderLock.acquire(dirname(file), { name: `${basename(file)}.lock` })
    } catch (cause) {
      if (!(cause instanceof FolderLockedError)) throw cause
      if (timeout.aborted || !cause.isPassing) {
        const reason = cause.isPassing ? `another process is downloading it to ${file}. ` : ''
        throw new DownloadError(address, 'locked', `${reason}${cause.message}`, { cause })
      }
    }
    // An aborted wait ends early, and the loop throws the reason or tries once more.
    await setTimeout(millisecondsPerAttempt, undefined, { signal: ended }).catch(() => undefined)
  }
}
