import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { FolderLock, FolderLockedError, isSystemError, replaceFile } from '@gnnrec/graph/files'
import packageJson from '../../package.json' with { type: 'json' }
import type { CheckedExperiment } from '../definition/read-definition.js'
import { ExperimentFolderError, ExperimentLockedError } from '../errors.js'
import type { Trial } from '../plan/trial.js'
import { trialFolder } from '../plan/trial-folder.js'
import { ResultsFile, readResults } from '../results/results-file.js'
import type { TrialResult } from '../results/trial-result.js'

/** The folder of a run, locked by it. */
export class RunFolder {
  readonly path: string
  readonly #lock: FolderLock
  readonly #file: ResultsFile
  readonly #results: Map<string, TrialResult>

  private constructor(
    path: string,
    lock: FolderLock,
    file: ResultsFile,
    results: ReadonlyMap<string, TrialResult>,
  ) {
    this.path = path
    this.#lock = lock
    this.#file = file
    this.#results = new Map(results)
  }

  /**
   * Makes the folder when it is missing, locks it and writes the definition into it.
   *
   * @throws ExperimentLockedError when another run is using it
   * @throws ExperimentFolderError when it has results and `skipExisting` is not set, or cannot be written
   * @throws ExperimentFileError when its results are damaged
   */
  static async open(
    folder: string,
    { definition }: CheckedExperiment,
    { skipExisting }: { readonly skipExisting: boolean },
  ): Promise<RunFolder> {
    const path = resolve(folder)
    const lock = await lockFolder(path)
    try {
      const results = await readResults(path)
      if (results.size > 0 && !skipExisting) {
        throw new ExperimentFolderError(
          `${path} has ${results.size} results of an earlier run; continue there with skipExisting: true, or choose another folder.`,
        )
      }
      const file = await ResultsFile.open(path)
      const note = { definition, version: packageJson.version, node: process.version }
      await replaceFile(join(path, 'experiment.json'), `${JSON.stringify(note, null, 2)}\n`)
      return new RunFolder(path, lock, file, results)
    } catch (cause) {
      await lock.release()
      throw isSystemError(cause) ? cannotWrite(path, cause) : cause
    }
  }

  /** Returns the result of a trial, if it has one. */
  resultOf({ id }: Trial): TrialResult | undefined {
    return this.#results.get(id)
  }

  /** Records a result. @throws ExperimentFolderError when it cannot be written */
  async add(result: TrialResult): Promise<void> {
    try {
      await this.#file.append(result)
    } catch (cause) {
      throw isSystemError(cause) ? cannotWrite(this.path, cause) : cause
    }
    this.#results.set(result.trial, result)
  }

  /**
   * Removes the checkpoints of a trial that no longer needs them.
   *
   * @throws ExperimentFolderError when they cannot be removed
   */
  async dropCheckpoints(trial: Trial): Promise<void> {
    const folder = join(trialFolder(trial, this.path), 'checkpoints')
    try {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    } catch (cause) {
      throw isSystemError(cause) ? cannotWrite(this.path, cause) : cause
    }
  }

  /** Closes the files and unlocks the folder. */
  async close(): Promise<void> {
    await this.#file.close()
    await this.#lock.release()
  }
}

async function lockFolder(path: string): Promise<FolderLock> {
  try {
    return await FolderLock.acquire(path)
  } catch (cause) {
    if (cause instanceof FolderLockedError) {
      throw new ExperimentLockedError(`Two runs cannot share a folder: ${cause.message}`, { cause })
    }
    throw isSystemError(cause) ? cannotWrite(path, cause) : cause
  }
}

function cannotWrite(path: string, cause: Error): ExperimentFolderError {
  return new ExperimentFolderError(
    `Cannot write to ${path}: ${cause.message}. Recorded results are kept; free some space or allow access, and continue with skipExisting: true.`,
    { cause },
  )
}
