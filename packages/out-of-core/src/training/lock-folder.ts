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
