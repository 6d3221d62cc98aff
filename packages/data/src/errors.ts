import { GnnRecError } from '@gnnrec/graph'

/**
 * The error for a file that cannot be opened or unpacked. Its `cause` is the system's error.
 *
 * @example
 * ```ts
 * import { FileReadError, readCsv } from '@gnnrec/data'
 *
 * try {
 *   await readCsv('missing.csv', { columns: { user: 0, item: 1 }, header: false })
 * } catch (error) {
 *   if (error instanceof FileReadError) console.log(error.code, error.file)
 * }
 * ```
 */
export class FileReadError extends GnnRecError<'FILE_READ'> {
  /** The path of the file, or a description of a source without a path. */
  readonly file: string

  constructor(file: string, message: string, options?: { cause?: unknown }) {
    super('FILE_READ', message, options)
    this.file = file
  }
}

/**
 * The error for a file whose content is not in the expected form.
 *
 * @example
 * ```ts
 * import { FileFormatError, readCsv } from '@gnnrec/data'
 *
 * try {
 *   const text = 'user,item,rating\nana,lamp,five\n'
 *   await readCsv({ text }, { columns: { user: 'user', item: 'item', rating: 'rating' } })
 * } catch (error) {
 *   if (error instanceof FileFormatError) console.log(error.line, error.message)
 * }
 * ```
 */
export class FileFormatError extends GnnRecError<'FILE_FORMAT'> {
  /** The path of the file, or a description of a source without a path. */
  readonly file: string
  /** The number of the line, from 1. Absent when the error is about the whole file. */
  readonly line?: number

  constructor(file: string, line: number | undefined, message: string) {
    super('FILE_FORMAT', `${file}${line === undefined ? '' : `, line ${line}`}: ${message}`)
    this.file = file
    if (line !== undefined) this.line = line
  }
}

/** An open question about a file, as {@link UnclearFileError} has it. */
interface OpenQuestion {
  /** The role whose column is uncertain, or `'header'` when the first line may be names or values. */
  readonly about: 'user' | 'item' | 'rating' | 'timestamp' | 'weight' | 'header'
  /** The question in words, with the option that answers it. */
  readonly message: string
  /** The possible columns, the most likely first. */
  readonly candidates: readonly {
    readonly position: number
    readonly name?: string
    readonly confidence: number
    readonly reason: string
  }[]
}

/**
 * The error for a file whose columns are not certain enough to be read without an answer.
 *
 * @example
 * ```ts
 * import { readInteractions, UnclearFileError } from '@gnnrec/data'
 *
 * const text = 'who,what,stars\nann,lamp,5\nbob,desk,4\n'
 * try {
 *   await readInteractions({ text })
 * } catch (error) {
 *   if (error instanceof UnclearFileError) console.log(error.questions.map(({ about }) => about))
 * }
 * ```
 */
export class UnclearFileError extends GnnRecError<'UNCLEAR_FILE'> {
  /** The path of the file, or a description of a source without a path. */
  readonly file: string
  /** The questions that the options have to answer. */
  readonly questions: readonly OpenQuestion[]

  constructor(file: string, questions: readonly OpenQuestion[]) {
    super('UNCLEAR_FILE', `${file}: ${questions.map(({ message }) => message).join(' ')}`)
    this.file = file
    this.questions = questions
  }
}

/**
 * The error for a data set that is in none of the folders and was not downloaded. When a download
 * failed, `cause` is its error.
 *
 * @example
 * ```ts
 * import { DatasetNotFoundError, loadGowalla } from '@gnnrec/data'
 *
 * try {
 *   await loadGowalla({ directory: 'no-such-folder', offline: true })
 * } catch (error) {
 *   if (error instanceof DatasetNotFoundError) console.log(error.places)
 * }
 * ```
 */
export class DatasetNotFoundError extends GnnRecError<'DATASET_NOT_FOUND'> {
  /** The folders that were searched, in order. */
  readonly places: readonly string[]

  constructor(message: string, places: readonly string[], options?: { cause?: unknown }) {
    super('DATASET_NOT_FOUND', message, options)
    this.places = places
  }
}

/**
 * The error for a data set whose numbers of rows, users or items differ from the published ones.
 *
 * @example
 * ```ts
 * import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { DatasetMismatchError, loadMovieLens } from '@gnnrec/data'
 *
 * const directory = await mkdtemp(join(tmpdir(), 'mismatch-'))
 * await mkdir(join(directory, 'ml-100k'))
 * await writeFile(join(directory, 'ml-100k', 'u.data'), '1\t1\t5\t0\n')
 * try {
 *   await loadMovieLens('ml-100k', { directory })
 * } catch (error) {
 *   if (error instanceof DatasetMismatchError) console.log(error.message)
 * }
 * ```
 */
export class DatasetMismatchError extends GnnRecError<'DATASET_MISMATCH'> {
  /** The path of the file that was read. */
  readonly file: string

  constructor(file: string, message: string) {
    super('DATASET_MISMATCH', message)
    this.file = file
  }
}

/**
 * The error of a function that needs an optional package which is not installed. The message gives the
 * command that installs it.
 *
 * @example
 * ```ts
 * import { MissingDependencyError } from '@gnnrec/data'
 * import { DuckDb } from '@gnnrec/data/duckdb'
 *
 * try {
 *   await (await DuckDb.open()).close()
 *   console.log('DuckDB is installed')
 * } catch (error) {
 *   if (error instanceof MissingDependencyError) console.log('Install', error.dependency)
 * }
 * ```
 */
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
 * The reason why a download failed.
 *
 * | reason | meaning |
 * | --- | --- |
 * | `status` | the server answered with an error |
 * | `unreachable` | the server did not answer |
 * | `cut` | the connection was cut again and again |
 * | `stalled` | the connection brought almost nothing again and again |
 * | `timeout` | the download took longer than allowed |
 * | `too-large` | the file is larger than allowed |
 * | `checksum` | the file has another checksum than the published one |
 * | `not-the-file` | the answer is not an archive, although the file is named as one |
 * | `unknown-length` | neither a length nor a checksum is known, so a cut file would pass for a whole one |
 * | `disk` | the file cannot be written |
 * | `locked` | another process is downloading the file |
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
  | 'unknown-length'
  | 'disk'
  | 'locked'

/**
 * The error for a file that could not be downloaded.
 *
 * @example
 * ```ts
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { DownloadError, downloadFile } from '@gnnrec/data'
 *
 * try {
 *   const file = join(tmpdir(), 'no-such-download')
 *   await downloadFile({ address: 'http://127.0.0.1:9/', file, attempts: 1, progress: 'none' })
 * } catch (error) {
 *   if (error instanceof DownloadError) console.log(error.reason)
 * }
 * ```
 */
export class DownloadError extends GnnRecError<'DOWNLOAD'> {
  /** The address that was downloaded from. */
  readonly address: string
  /** The reason of the failure: for instance `'unreachable'`, `'checksum'` or `'timeout'`. */
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
