import { GnnRecError } from '@gnnrec/graph'

/** A block file is truncated, damaged or no block file at all, or it cannot be read or written. */
export class BlockFileError extends GnnRecError<'BLOCK_FILE'> {
  constructor(message: string, options?: { cause?: unknown }) {
    super('BLOCK_FILE', message, options)
  }
}

/** A block file belongs to another graph. */
export class BlockFileMismatchError extends GnnRecError<'BLOCK_FILE_MISMATCH'> {
  constructor(message: string) {
    super('BLOCK_FILE_MISMATCH', message)
  }
}

/** The disk is full, or has less room than the files will need. */
export class DiskFullError extends GnnRecError<'DISK_FULL'> {
  constructor(message: string, options?: { cause?: unknown }) {
    super('DISK_FULL', message, options)
  }
}

/** A memory limit cannot be met; `smallest` is the least that could. */
export class MemoryLimitError extends GnnRecError<'MEMORY_LIMIT'> {
  /** Smallest limit that could be met, in bytes. */
  readonly smallest: number

  constructor(message: string, smallest: number) {
    super('MEMORY_LIMIT', message)
    this.smallest = smallest
  }
}
