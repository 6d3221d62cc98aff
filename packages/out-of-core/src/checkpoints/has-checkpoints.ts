import fs from 'node:fs'
import { onFiles } from '../files/folders.js'

/** Names of checkpoints as `@gnnrec/train` writes them: a number of at least six digits. */
const namePattern = /^checkpoint-\d{6,}$/

/**
 * Returns true when there is a checkpoint in a folder of checkpoints, which may not exist yet.
 *
 * @throws BlockFileError when the folder cannot be read
 */
export function hasCheckpoints(folder: string): boolean {
  const names = fs.existsSync(folder) ? onFiles('read', folder, () => fs.readdirSync(folder)) : []
  return names.some((name) => namePattern.test(name))
}
