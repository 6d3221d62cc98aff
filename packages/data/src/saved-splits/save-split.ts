import { type Id, InvalidOptionsError, parseOptions, type Split } from '@gnnrec/graph'
import { isSystemError, replaceFile, sha256Hex, writeSynced } from '@gnnrec/graph/files'
import * as z from 'zod'
import { FileReadError } from '../errors.js'
import { nodeModule } from '../sources/node-files.js'
import { writePart } from './part-file.js'
import { splitFileName, splitFiles, splitJson } from './split-json.js'

/** Options of {@link saveSplit}. */
export interface SaveSplitOptions {
  /** Whether a split that is in the folder already is replaced; otherwise that is an error. Default `false`. */
  overwrite?: boolean | undefined
  /** Ends the writing early; the folder then holds no split. */
  signal?: AbortSignal | undefined
}

const schema = z.strictObject({
  overwrite: z.boolean().default(false),
  signal: z.instanceof(AbortSignal).optional(),
})

/**
 * Writes a split into a folder that others can read: `train.csv`, `validation.csv` and `test.csv` with
 * the users' own ids, `users.json` and `items.json` with all ids in index order, and `split.json` with
 * the method, the hash and the SHA-256 of each file.
 *
 * `split.json` is renamed into place last, so that a folder with one is whole. Beside the three parts
 * nothing is kept of {@link holdOutUsers} and {@link leaveOneOut}.
 *
 * Ratings and timestamps are kept where all parts have them.
 *
 * @throws InvalidOptionsError when the folder holds a split and `overwrite` is not set
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
    const isThere = await stat(target).then(
      () => true,
      () => false,
    )
    if (isThere && !overwrite) {
      throw new InvalidOptionsError(
        `${folder} holds a split already. Choose another folder, or pass overwrite: true.`,
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
      `Cannot write a split to ${folder}: ${cause.message}. Choose a folder that can be written.`,
      { cause },
    )
  }
}

/** Writes a text, waits until it is on the disk and returns its SHA-256. */
async function writeText(path: string, text: string): Promise<string> {
  await writeSynced(path, text)
  return sha256Hex(text)
}
