import { GnnRecError } from '@gnnrec/graph'

/** A file that cannot be opened or unpacked; `cause` holds the system's error. */
export class FileReadError extends GnnRecError<'FILE_READ'> {
  readonly file: string

  constructor(file: string, message: string, options?: { cause?: unknown }) {
    super('FILE_READ', message, options)
    this.file = file
  }
}

/** A file whose content is not what the reader was told to expect. */
export class FileFormatError extends GnnRecError<'FILE_FORMAT'> {
  readonly file: string
  /** 1-based line; absent when the whole file is meant. */
  readonly line?: number

  constructor(file: string, line: number | undefined, message: string) {
    super('FILE_FORMAT', `${file}${line === undefined ? '' : `, line ${line}`}: ${message}`)
    this.file = file
    if (line !== undefined) this.line = line
  }
}

/**
 * A data set that is in none of the folders where it may be, and was not downloaded; `cause` holds the
 * error of a download that failed.
 */
export class DatasetNotFoundError extends GnnRecError<'DATASET_NOT_FOUND'> {
  /** Every folder that was looked at, in order. */
  readonly places: readonly string[]

  constructor(message: string, places: readonly string[], options?: { cause?: unknown }) {
    super('DATASET_NOT_FOUND', message, options)
    this.places = places
  }
}

/** A data set whose files hold other numbers of rows, users or items than the published ones. */
export class DatasetMismatchError extends GnnRecError<'DATASET_MISMATCH'> {
  readonly file: string

  constructor(file: string, message: string) {
    super('DATASET_MISMATCH', message)
    this.file = file
  }
}

/** A package that only this function needs is not installed. */
export class MissingDependencyError extends GnnRecError<'MISSING_DEPENDENCY'> {
  /** The name of the package on npm. */
  readonly dependency: string

  constructor(owner: string, dependency: string, options?: { cause?: unknown }) {
    const message = `${owner} needs the package ${dependency}, which is not installed. Run: npm i ${dependency}`
    super('MISSING_DEPENDENCY', message, options)
    this.dependency = dependency
  }
}

/**
 * Why a download failed: the address answers with an error (`status`) or not at all (`unreachable`);
 * the connection was `cut`, or brought next to nothing (`stalled`), again and again; it took longer
 * (`timeout`) or became larger (`too-large`) than allowed; what came is not what is published
 * (`checksum`, `not-the-file`); the disk cannot be written (`disk`); another process is at it
 * (`locked`).
 */
export type DownloadFailure =
  | 'status'
  | 'unreachable'
  | 'cut'
  | 'stalled'
  | 'timeout'
  | 'too-large'
  | 'checksum'
  | 'not-the-file'
  | 'disk'
  | 'locked'

/** A file that could not be downloaded. */
export class DownloadError extends GnnRecError<'DOWNLOAD'> {
  readonly address: string
  readonly reason: DownloadFailure

  constructor(
    address: string,
    reason: DownloadFailure,
    message: string,
    options?: { cause?: unknown },
  ) {
    super('DOWNLOAD', `Cannot download ${address}: ${message}`, options)
    this.address = address
    this.reason = reason
  }
}
