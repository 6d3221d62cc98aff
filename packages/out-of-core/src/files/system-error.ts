import { DisposedError, GnnRecError } from '@gnnrec/graph'
import { isDiskFull } from '@gnnrec/graph/files'
import { CheckpointError } from '@gnnrec/train'
import { BlockFileError, DiskFullError } from '../errors.js'

/** Makes the error that is thrown for an error of the file system. */
export function fileError(action: string, path: string, cause: unknown): unknown {
  if (cause instanceof GnnRecError) return cause
  const { code, message } = cause as NodeJS.ErrnoException
  if (isDiskFull(cause)) return diskFullError(action, path, cause)
  if (typeof code !== 'string') return cause
  return new BlockFileError(`Could not ${action} ${path}: ${message}.`, { cause })
}

/** Makes the error that is thrown when the disk is full. */
export function diskFullError(action: string, path: string, cause: unknown): DiskFullError {
  return new DiskFullError(
    `The disk is full: could not ${action} ${path}. Free some room or choose a folder on another disk; then go on from the last checkpoint.`,
    { cause },
  )
}

/** Makes the error for a checkpoint for which the disk had no room; undefined for any other error. */
export function checkpointOnFullDisk(error: unknown, folder: string): DiskFullError | undefined {
  if (!(error instanceof CheckpointError) || !isDiskFull(error.cause)) return undefined
  return diskFullError('write', `a checkpoint in ${folder}`, error)
}

/** Makes the error that is thrown when files and blocks are used after they were closed. */
export function closedError(): DisposedError {
  return new DisposedError(
    'The files of this model, ranker, filter or decomposition are closed: it cannot be used after close(). Load or make another.',
  )
}
