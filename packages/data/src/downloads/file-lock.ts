import { DownloadError } from '../errors.js'
import { nodeModule } from '../sources/node-files.js'

/** A lock that this process holds on a file. */
export interface FileLock {
  /** A signal that aborts, with a `DownloadError`, when another process has taken the lock away. */
  readonly lost: AbortSignal
  release(): Promise<void>
}

/** A lock that was not renewed for this long belongs to a process that died. */
const staleAfter = 10_000

const millisecondsPerAttempt = 200

/**
 * Locks a file for this process, so that two processes never write the same download.
 *
 * The lock of a process that died is taken over as soon as it is stale, so a locked file is tried again
 * until any lock that is still there must be that of a running process.
 *
 * @throws DownloadError when another process holds the lock
 * @throws the signal's reason when the signal is aborted
 */
export async function lockFile(
  file: string,
  address: string,
  signal: AbortSignal | undefined,
  stale = staleAfter,
): Promise<FileLock> {
  const { lock } = await import('proper-lockfile')
  const lost = new AbortController()
  const onCompromised = (): void => {
    const message = `another process took over the lock of ${file}. Call again to continue.`
    lost.abort(new DownloadError(address, 'locked', message))
  }
  const deadline = performance.now() + 1.2 * stale
  for (;;) {
    try {
      const release = await lock(file, { stale, onCompromised, realpath: false })
      return {
        lost: lost.signal,
        release: async () => {
          if (!lost.signal.aborted) await release()
        },
      }
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ELOCKED') throw cause
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
