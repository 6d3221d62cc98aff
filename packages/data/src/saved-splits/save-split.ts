import { type Id, InvalidOptionsError, parseOptions, type Split } from '@gnnrec/graph'
import { isSystemError, replaceFile, sha256Hex, writeSynced } from '@gnnrec/graph/files'
import * as z from 'zod'
import { FileReadError } from '../errors.js'
import { nodeModule } from '../sources/node-files.js'
import { writePart } from './part-file.js'
import { splitFileName, splitFiles, splitJson } from './split-json.js'

/** Options of {@link saveSplit}. */
export interface SaveSplitOptions {
  /**
   * True when a split that is already in the folder may be replaced. Otherwise such a split is an error.
   *
   * @defaultValue `false`
   */
  overwrite?: boolean | undefined
  /** A signal that stops the writing early. The folder then holds no split. */
  signal?: AbortSignal | undefined
}

const schema = z.strictObject({
  overwrite: z.boolean().default(false),
  signal: z.instanceof(AbortSignal).optional(),
})

/**
 * Saves a split in a folder of files that any program can read: `train.csv`, `validation.csv` and
 * `test.csv` with your own ids, `users.json` and `items.json` with all ids in index order, and
 * `split.json` with the method, the hash and the SHA-256 of each file.
 *
 * `split.json` is renamed into place last, so a folder that has it is complete. Ratings and timestamps
 * are saved when all three parts have them. The histories of {@link holdOutUsers} and the negatives of
 * {@link leaveOneOut} are not saved.
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
 * @throws InvalidOptionsError when the folder holds a split and `overwrite` is not true
 * @throws FileReadError when the folder cannot be written
 */
export async function saveSplit<User extends Id, Item extends Id>(
  split: Split<User, Item>,
  folder: string,
  options: SaveSplitOptions = {},
): Promise<void> {
  const { overwrite, signal } = parseOptions('saveSplit', schema, options)
  const { mkdir, rm, stat } = nodeModule('node:fs/promises')
  const { join } = nodeModule('node:path')
  const target = join(folder, splitFileName)
  try {
    await mkdir(folder, { recursive: true })
    const isPresent = await stat(target).then(
      () => true,
      () => false,
    )
    if (isPresent && !overwrite) {
      throw new InvalidOptionsError(
        `${folder} already holds a split. Choose another folder, or pass overwrite: true.`,
      )
    }
    await rm(target, { force: true })
    const { users, items } = split.train
    const parts = [split.train, split.validation, split.test]
    const columns = {
      rating: parts.every((part) => part.rating !== undefined),
      timestamp: parts.every((part) => part.timestamp !== undefined),
    }
    const write = (name: 'train' | 'validation' | 'test') =>
      writePart(join(folder, splitFiles[name]), split[name], columns, signal)
    const digests = {
      train: await write('train'),
      validation: await write('validation'),
      test: await write('test'),
      users: await writeText(join(folder, splitFiles.users), JSON.stringify(users.ids)),
      items: await writeText(join(folder, splitFiles.items), JSON.stringify(items.ids)),
    }
    await replaceFile(target, splitJson(split, digests, columns))
  } catch (cause) {
    if (!isSystemError(cause)) throw cause
    throw new FileReadError(
      folder,
      `Cannot write a split to ${folder}: ${cause.message}. Choose a writable folder.`,
      { cause },
    )
  }
}

/** Writes a text to disk and returns its SHA-256 in hexadecimal digits. */
async function writeText(path: string, text: string): Promise<string> {
  await writeSynced(path, text)
  return sha256Hex(text)
}
