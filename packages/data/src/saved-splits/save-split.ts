import {
  checkInteractions,
  type Id,
  type InteractionTable,
  InvalidOptionsError,
  parseOptions,
  rowCount,
  type Split,
} from '@gnnrec/graph'
import { FolderLock, isDeeperThan, isSystemError, replaceFile } from '@gnnrec/graph/files'
import * as z from 'zod'
import { FileReadError } from '../errors.js'
import { nodeModule } from '../sources/node-files.js'
import { checkSplit } from '../splits/check-split.js'
import { folderPath } from './split-folder.js'
import {
  isOwnFile,
  largestJson,
  mostLevels,
  type PartName,
  partNames,
  type SplitJson,
  splitFileName,
  splitJson,
} from './split-json.js'
import { writeIds, writePart } from './write-files.js'

/** Options of {@link saveSplit}. */
export interface SaveSplitOptions {
  /**
   * True when a split that is already in the folder may be replaced. Otherwise such a split is an error.
   *
   * @defaultValue `false`
   */
  overwrite?: boolean | undefined
  /** A signal that stops the writing early. What the folder held before stays. */
  signal?: AbortSignal | undefined
}

/** The most bytes of the method in `split.json`, beside which it describes five files. */
const mostMethodBytes = largestJson - (1 << 14)

const schema = z.strictObject({
  overwrite: z.boolean().default(false),
  signal: z.instanceof(AbortSignal).optional(),
})

/**
 * Saves a split in a folder of files that any program can read: a CSV file for each of train, validation
 * and test with your own ids, a JSON array of all user ids and one of all item ids in index order, and
 * `split.json`, which has the method, the hash, and the name, size and SHA-256 of each file.
 *
 * A reader, a crash or a full disk at any moment finds the old split or the new one: the names of the
 * other files contain their digests (`train-0a1b2c3d4e5f6789.csv`), and `split.json` is renamed into place
 * last. Then the files of the split before it are removed. A lock keeps a second process from saving to
 * the folder at the same time.
 *
 * The histories of {@link holdOutUsers} and the negatives of {@link leaveOneOut} are not saved.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { loadMovieTweetings, loadSplit, saveSplit, temporalSplit } from '@gnnrec/data'
 *
 * const { interactions } = await loadMovieTweetings()
 * const split = temporalSplit(interactions)
 * const folder = await mkdtemp(join(tmpdir(), 'split-'))
 * await saveSplit(split, folder)
 * console.log((await loadSplit(folder)).hash === split.hash)
 * ```
 *
 * @param folder - a path or a `file:` URL; the folder is created when it is missing
 * @throws InvalidOptionsError when the folder holds a split and `overwrite` is not true, and when an
 * argument is not what it should be
 * @throws InvalidInteractionsError when an id, rating, timestamp or weight cannot be saved
 * @throws FolderLockedError when another process saves to the folder
 * @throws FileReadError when the folder cannot be written
 */
export async function saveSplit<User extends Id, Item extends Id>(
  split: Split<User, Item>,
  folder: string | URL,
  options: SaveSplitOptions = {},
): Promise<void> {
  const { overwrite, signal } = parseOptions('saveSplit', schema, options)
  checkSplit('saveSplit', split, folder)
  const path = folderPath('saveSplit', folder)
  // The settings stand on the third level of the file.
  if (isDeeperThan(split.method.settings, mostLevels - 2)) {
    throw new InvalidOptionsError(
      `saveSplit: the settings of the split's method have more than ${mostLevels - 2} levels of lists and objects, or hold themselves; expected fewer.`,
    )
  }
  const method = JSON.stringify({ method: split.method }, undefined, 2)
  if (new TextEncoder().encode(method).length > mostMethodBytes) {
    throw new InvalidOptionsError(
      `saveSplit: the name and the settings of the split's method take more than ${mostMethodBytes} bytes in ${splitFileName}; expected fewer.`,
    )
  }
  for (const name of partNames) checkInteractions(split[name], `the ${name} part`)
  signal?.throwIfAborted()
  try {
    const lock = await FolderLock.acquire(path, { name: 'split.lock' })
    try {
      await saveLocked(split as unknown as Split, path, overwrite, signal)
    } finally {
      await lock.release()
    }
  } catch (cause) {
    if (!isSystemError(cause)) throw cause
    throw new FileReadError(
      path,
      `Cannot write a split to ${path}: ${cause.message}. Choose a writable folder.`,
      { cause },
    )
  }
}

async function saveLocked(
  split: Split,
  folder: string,
  overwrite: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { readdir, rm } = nodeModule('node:fs/promises')
  const { join } = nodeModule('node:path')
  const before = await readdir(folder)
  if (before.includes(splitFileName) && !overwrite) {
    throw new InvalidOptionsError(
      `${folder} already holds a split. Choose another folder, or pass overwrite: true.`,
    )
  }
  const isNew = (name: string): boolean => isOwnFile(name) && !before.includes(name)
  let parts: SplitJson['parts']
  let ids: SplitJson['ids']
  try {
    const part = async (name: PartName) => ({
      ...(await writePart(folder, name, split[name], signal)),
      ...columnsOf(split[name]),
    })
    const idsOf = async (name: 'users' | 'items') => ({
      ...(await writeIds(folder, name, split.train[name].ids, signal)),
      count: split.train[name].size,
      type: split.train[name].type,
    })
    parts = {
      train: await part('train'),
      validation: await part('validation'),
      test: await part('test'),
    }
    ids = { users: await idsOf('users'), items: await idsOf('items') }
  } catch (error) {
    const left = (await readdir(folder).catch(() => [])).filter(isNew)
    await Promise.allSettled(left.map((name) => rm(join(folder, name), { force: true })))
    throw error
  }
  const { hash, method } = split
  const settings = method.settings && { settings: { ...method.settings } }
  await replaceFile(
    join(folder, splitFileName),
    splitJson({ hash, method: { name: method.name, ...settings }, parts, ids }),
  )
  const named = new Set([...Object.values(parts), ...Object.values(ids)].map(({ file }) => file))
  const stale = (await readdir(folder)).filter((name) => isOwnFile(name) && !named.has(name))
  await Promise.allSettled(stale.map((name) => rm(join(folder, name), { force: true })))
}

function columnsOf(table: InteractionTable) {
  return {
    rows: rowCount(table),
    rating: table.rating !== undefined,
    timestamp: table.timestamp !== undefined,
    ...(table.weight && { weight: true as const }),
  }
}
