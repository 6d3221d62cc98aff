import { access, mkdir, rm, rmdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { FolderLock, FolderLockedError, isSystemError, replaceFile } from '@gnnrec/graph/files'
import packageJson from '../../package.json' with { type: 'json' }
import type { CheckedExperiment } from '../definition/read-definition.js'
import { ExperimentFolderError, ExperimentLockedError } from '../errors.js'
import { isFinal, type Trial } from '../plan/trial.js'
import { savedModelFolder, trialFolder } from '../plan/trial-folder.js'
import { ResultsFile, readResults } from '../results/results-file.js'
import type { TrialResult } from '../results/trial-result.js'

/** The folder of a run, locked by it. */
export class RunFolder {
  readonly path: string
  readonly #lock: FolderLock
  /** The outermost folder that was made for this run; undefined when all were there. */
  readonly #made: string | undefined
  readonly #results: Map<string, TrialResult>
  #file: ResultsFile | undefined

  private constructor(
    path: string,
    lock: FolderLock,
    made: string | undefined,
    results: ReadonlyMap<string, TrialResult>,
  ) {
    this.path = path
    this.#lock = lock
    this.#made = made
    this.#results = new Map(results)
  }

  /**
   * Makes the folder when it is missing, locks it and reads its results.
   *
   * @throws ExperimentLockedError when another run is using it
   * @throws ExperimentFolderError when it has results and `skipExisting` is not set, or cannot be written
   * @throws ExperimentFileError when its results are damaged
   */
  static async open(
    folder: string,
    { skipExisting }: { readonly skipExisting: boolean },
  ): Promise<RunFolder> {
    const path = resolve(folder)
    const made = await madeFolder(path)
    const lock = await lockFolder(path)
    try {
      const results = await readResults(path)
      if (results.size > 0 && !skipExisting) {
        throw new ExperimentFolderError(
          `${path} has ${results.size} results of an earlier run; continue there with skipExisting: true, or choose another folder.`,
        )
      }
      return new RunFolder(path, lock, made, results)
    } catch (cause) {
      // This error counts more than one of the lock.
      await lock.release().catch(() => undefined)
      throw isSystemError(cause) ? cannotWrite(path, cause) : cause
    }
  }

  /**
   * Writes the definition into the folder and opens the file of results, before the first trial.
   *
   * @throws ExperimentFolderError when they cannot be written
   */
  async begin({ definition }: CheckedExperiment): Promise<void> {
    try {
      this.#file = await ResultsFile.open(this.path)
      const note = { definition, version: packageJson.version, node: process.version }
      await replaceFile(join(this.path, 'experiment.json'), `${JSON.stringify(note, null, 2)}\n`)
    } catch (cause) {
      throw isSystemError(cause) ? cannotWrite(this.path, cause) : cause
    }
  }

  /** Returns the result of a trial, if it has one. */
  resultOf({ id }: Trial): TrialResult | undefined {
    return this.#results.get(id)
  }

  /** Returns true when the model of a trial is saved, or the trial is a part of a search that saves none. */
  async hasModel(trial: Trial): Promise<boolean> {
    if (!isFinal(trial)) return true
    try {
      await access(join(savedModelFolder(trial, this.path), 'model.json'))
      return true
    } catch {
      return false
    }
  }

  /** Records a result. @throws ExperimentFolderError when it cannot be written */
  async add(result: TrialResult): Promise<void> {
    try {
      await this.#file?.append(result)
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

  /**
   * Closes the files and unlocks the folder; one that was made for a run that never began is removed.
   *
   * @throws ExperimentFolderError when a file cannot be closed, or the lock not be read or removed
   */
  async close(): Promise<void> {
    try {
      try {
        await this.#file?.close()
      } finally {
        await this.#lock.release()
      }
    } catch (cause) {
      throw isSystemError(cause) ? cannotWrite(this.path, cause) : cause
    }
    if (!this.#file && this.#made !== undefined) await removeEmpty(this.path, this.#made)
  }
}

/** Makes a folder and those that it is in; returns the outermost one that was missing. */
async function madeFolder(path: string): Promise<string | undefined> {
  try {
    return await mkdir(path, { recursive: true })
  } catch (cause) {
    throw isSystemError(cause) ? cannotWrite(path, cause) : cause
  }
}

/** Removes empty folders, from an inner one to an outer one. One that something was put into stays. */
async function removeEmpty(inner: string, outer: string): Promise<void> {
  for (let path = inner; path.length >= outer.length; path = dirname(path)) {
    try {
      await rmdir(path)
    } catch {
      return
    }
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
