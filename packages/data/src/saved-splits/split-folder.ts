import { InvalidOptionsError, isSplit } from '@gnnrec/graph'
import { nodeModule } from '../sources/node-files.js'

/**
 * Returns the path of the folder of a split.
 *
 * @throws InvalidOptionsError when the value is neither a path nor a `file:` URL
 */
export function folderPath(owner: string, folder: unknown): string {
  if (typeof folder === 'string' && folder !== '') return folder
  if (folder instanceof URL && folder.protocol === 'file:') {
    return nodeModule('node:url').fileURLToPath(folder)
  }
  throw new InvalidOptionsError(
    `${owner} got ${nameOf(folder)} as the folder, expected a path or a file: URL.`,
  )
}

/** @throws InvalidOptionsError when the value is not a split; the message says when the order is wrong */
export function checkSplit(owner: string, split: unknown, folder: unknown): void {
  if (isSplit(split)) return
  const advice = isSplit(folder)
    ? ` The split comes first: ${owner}(split, folder).`
    : ' Make one with a function such as temporalSplit or randomSplit.'
  throw new InvalidOptionsError(
    `${owner} got ${nameOf(split)} as the split, expected a Split.${advice}`,
  )
}

function nameOf(value: unknown): string {
  if (isSplit(value)) return 'a split'
  if (typeof value === 'string' || value instanceof URL) return JSON.stringify(value)
  const isTable = (value as { userIndex?: unknown } | null)?.userIndex instanceof Int32Array
  if (isTable) return 'an InteractionTable'
  return value === null || value === undefined ? String(value) : `a value of type ${typeof value}`
}
