import { FolderLock, FolderLockedError, isDiskFull, isSystemError } from '@gnnrec/graph/files'
import { CheckpointError, CheckpointLockedError } from '@gnnrec/train'
import { diskFullError } from '../files/system-error.js'

/**
 * Locks the folder of a training, which is made when it is missing.
 *
 * @throws CheckpointLockedError when another process has locked the folder
 * @throws DiskFullError when the disk is full
 * @throws CheckpointError when the folder cannot be written
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  try {
    return await FolderLock.acquire(folder)
  } catch (cause) {
    if (cause instanceof FolderLockedError) throw new CheckpointLockedError(cause.message)
    if (!isSystemError(cause)) throw cause
    if (isDiskFull(cause)) throw diskFullError('write to', folder, cause)
    throw new CheckpointError(
      `Cannot write to ${folder}: ${cause.message}. Choose a folder that can be written.`,
      { cause },
    )
  }
}

/** Unlocks the folder of a training. @throws CheckpointError when the lock cannot be read or removed */
export async function unlockFolder(lock: FolderLock, folder: string): Promise<void> {
  try {
    await lock.release()
  } catch (cause) {
    if (!isSystemError(cause)) throw cause
    throw new CheckpointError(
      `Cannot unlock ${folder}: ${cause.message}. The checkpoints are whole; remove the file lock.json there once this process has ended.`,
      { cause },
    )
  }
}
