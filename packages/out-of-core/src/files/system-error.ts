import { GnnRecError } from '@gnnrec/graph'
import { BlockFileError, DiskFullError } from '../errors.js'

/** Makes the error that is thrown for an error of the file system. */
export function fileError(action: string, path: string, cause: unknown): unknown {
  if (cause instanceof GnnRecError) return cause
  const { code, message } = cause as NodeJS.ErrnoException
  if (isDiskFull(cause)) return diskFullError(action, path, cause)
  if (typeof code !== 'string') return cause
  return new BlockFileError(`Could not ${action} ${path}: ${message}.`, { cause })
}

/** Returns true for an error of the file system that says that the disk or the quota is full. */
export function isDiskFull(cause: unknown): boolean {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code
  return code === 'ENOSPC' || code === 'EDQUOT'
}

/** Makes the error that is thrown when the disk is full. */
export function diskFullError(action: string, path: string, cause: unknown): DiskFullError {
  return new DiskFullError(
    `The disk is full: could not ${action} ${path}. Free some room or choose a folder on another disk; then go on from the last checkpoint.`,
    { cause },
  )
}
