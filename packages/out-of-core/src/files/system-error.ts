import { GnnRecError } from '@gnnrec/graph'
import { BlockFileError, DiskFullError } from '../errors.js'

/** Makes the error that is thrown for an error of the file system. */
export function fileError(action: string, path: string, cause: unknown): unknown {
  if (cause instanceof GnnRecError) return cause
  const { code, message } = cause as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new DiskFullError(
      `The disk is full: could not ${action} ${path}. Free some room or choose a folder on another disk; then go on from the last checkpoint.`,
      { cause },
    )
  }
  if (typeof code !== 'string') return cause
  return new BlockFileError(`Could not ${action} ${path}: ${message}.`, { cause })
}
