import fs from 'node:fs'
import { fileError } from './system-error.js'

/**
 * Makes a folder, unless it is there.
 *
 * @throws DiskFullError when there is no room
 * @throws BlockFileError when it cannot be made
 */
export function makeFolder(path: string): void {
  onFiles('make', path, () => fs.mkdirSync(path, { recursive: true }))
}

/**
 * Removes a folder with everything in it; does nothing when there is none.
 *
 * @throws BlockFileError when it cannot be removed
 */
export function removeFolder(path: string): void {
  onFiles('remove', path, () => fs.rmSync(path, { recursive: true, force: true }))
}

/**
 * Makes an empty folder in the place of one that an earlier run may have left.
 *
 * @throws DiskFullError when there is no room
 * @throws BlockFileError when the folder cannot be made or emptied
 */
export function makeEmptyFolder(path: string): void {
  removeFolder(path)
  makeFolder(path)
}

/**
 * Makes a call of the file system, and turns its error into one of this package.
 *
 * @param action - a verb for the message of the error
 * @throws DiskFullError when there is no room
 * @throws BlockFileError when the call fails
 */
export function onFiles<Result>(action: string, path: string, call: () => Result): Result {
  try {
    return call()
  } catch (cause) {
    throw fileError(action, path, cause)
  }
}
