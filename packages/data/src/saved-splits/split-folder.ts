import { InvalidOptionsError } from '@gnnrec/graph'
import { nodeModule } from '../sources/node-files.js'
import { nameOfValue } from '../splits/check-split.js'

/**
 * Returns the path of the folder of a split.
 *
 * @throws InvalidOptionsError when the value is neither a path nor a `file:` URL
 */
export function folderPath(owner: string, folder: unknown): string {
  if (typeof folder === 'string' && folder !== '' && !folder.includes('\0')) return folder
  const isLocal = folder instanceof URL && folder.protocol === 'file:' && folder.host === ''
  if (isLocal) return nodeModule('node:url').fileURLToPath(folder)
  throw new InvalidOptionsError(
    `${owner} got ${nameOfValue(folder)} as the folder, expected a path or a file: URL.`,
  )
}
