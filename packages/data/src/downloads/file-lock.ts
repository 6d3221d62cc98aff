import { FolderLock, FolderLockedError } from '@gnnrec/graph/files'
import { DownloadError } from '../errors.js'
import { nodeModule } from '../sources/node-files.js'

/** A lock that this process holds on a file. */
export interface FileLock {
  release(): Promise<void>
}

/** Milliseconds to wait for another process that has the lock. */
const defaultPatience = 12_000

const millisecondsPerAttempt = 200

/**
 * Locks a file for this process, so that two processes never write the same download. The lock of a
 * process that has ended does not count.
 *
 * @throws DownloadError when another process holds the lock for as long as the patience lasts
 * @throws the signal's reason when the signal is aborted
 */
export async function lockFile(
  file: string,
  address: string,
  signal: AbortSignal | undefined,
  patience = defaultPatience,
): Promise<FileLock> {
  const { basename, dirname } = nodeModule('node:path')
  const deadline = performance.now() + patience
  for (;;) {
    try {
      return await FolderLock.acquire(dirname(file), { name: `${basename(file)}.lock` })
    } catch (cause) {
      if (!(cause instanceof FolderLockedError)) throw cause
      if (performance.now() > deadline) {
        throw new DownloadError(
          address,
          'locked',
          `another process is downloading it to ${file}. Wait for that process, or remove ${file}.lock if there is none.`,
          { cause },
        )
      }
    }
    await nodeModule('node:timers/promises').setTimeout(millisecondsPerAttempt, undefined, {
      signal,
    })
  }
}
