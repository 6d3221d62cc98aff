import {
  createSplit,
  type Id,
  IdMap,
  type InteractionTable,
  parseOptions,
  rowCount,
  type Split,
} from '@gnnrec/graph'
import { RegularFile, readRegularFile, Sha256 } from '@gnnrec/graph/files'
import { showValue } from '@gnnrec/graph/kernels'
import { FileFormatError, FileReadError } from '../errors.js'
import { readCsv } from '../readers/read-csv.js'
import { type ReaderOptions, readerSchema } from '../readers/reader-options.js'
import { abortable } from '../sources/abortable.js'
import { nodeModule } from '../sources/node-files.js'
import { cannotRead } from '../sources/open-file.js'
import { piecesOfFile } from '../sources/read-pieces.js'
import { folderPath } from './split-folder.js'
import {
  largestJson,
  type PartName,
  parseJson,
  parseSplitJson,
  type SavedFile,
  type SplitJson,
  splitFileName,
} from './split-json.js'

/** The number of times that loading starts again because the split was replaced meanwhile. */
const mostAttempts = 20

/**
 * Loads a split that {@link saveSplit} saved. It has the same rows, indices and hash as the original.
 *
 * A split that is replaced while it is loaded is loaded again, so the result is the old or the new one.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { loadMovieTweetings, loadSplit, randomSplit, saveSplit } from '@gnnrec/data'
 *
 * const { interactions } = await loadMovieTweetings()
 * const folder = await mkdtemp(join(tmpdir(), 'split-'))
 * await saveSplit(randomSplit(interactions), folder)
 * const { train, method } = await loadSplit(folder)
 * console.log(method.name, train.userIndex.length)
 * ```
 *
 * @param folder - a path or a `file:` URL
 * @throws FileFormatError when a file is damaged, belongs to another split, is not a regular file or has
 * another format; the message names the file
 * @throws FileReadError when a file is missing
 * @throws InvalidOptionsError
 */
export async function loadSplit(folder: string | URL, options: ReaderOptions = {}): Promise<Split> {
  const { signal } = parseOptions('loadSplit', readerSchema, options)
  const path = folderPath('loadSplit', folder)
  const file = nodeModule('node:path').join(path, splitFileName)
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted()
    const text = await readSplitJson(file)
    try {
      return await loadFiles(path, file, parseSplitJson(file, text), signal)
    } catch (error) {
      const isGone = isMissing(error)
      if (!isGone || attempt === mostAttempts || (await readSplitJson(file)) === text) throw error
    }
  }
}

async function loadFiles(
  folder: string,
  file: string,
  saved: SplitJson,
  signal: AbortSignal | undefined,
): Promise<Split> {
  const maps = {
    users: await readIds(folder, 'users', saved, signal),
    items: await readIds(folder, 'items', saved, signal),
  }
  const part = (name: PartName) => readPart(folder, name, saved, maps, signal)
  const { name, settings } = saved.method
  const split = createSplit({
    train: await part('train'),
    validation: await part('validation'),
    test: await part('test'),
    method: { name, ...(settings && { settings }) },
  })
  if (split.hash === saved.hash) return split
  throw new FileFormatError(
    file,
    undefined,
    `the file says that the hash of the split is ${saved.hash}, but the parts have ${split.hash}: they belong to another split.`,
  )
}

async function readPart(
  folder: string,
  name: PartName,
  saved: SplitJson,
  maps: { readonly users: IdMap; readonly items: IdMap },
  signal: AbortSignal | undefined,
): Promise<InteractionTable> {
  const { rows, rating, timestamp, weight } = saved.parts[name]
  const file = await checkedFile(folder, saved.parts[name], signal)
  if (rows === 0) {
    return {
      ...maps,
      userIndex: new Int32Array(0),
      itemIndex: new Int32Array(0),
      ...(rating && { rating: new Float32Array(0) }),
      ...(timestamp && { timestamp: new Float64Array(0) }),
      ...(weight && { weight: new Float32Array(0) }),
    }
  }
  const table = await readCsv(file, {
    columns: {
      user: 'user',
      item: 'item',
      ...(rating && { rating: 'rating' }),
      ...(timestamp && { timestamp: 'timestamp' }),
      ...(weight && { weight: 'weight' }),
    },
    idType: { user: saved.ids.users.type, item: saved.ids.items.type },
    signal,
  })
  if (rowCount(table) !== rows) {
    throw new FileFormatError(file, undefined, `got ${rowCount(table)} rows, expected ${rows}.`)
  }
  reindex(file, table.userIndex, table.users, maps.users)
  reindex(file, table.itemIndex, table.items, maps.items)
  return { ...table, ...maps }
}

/** Replaces the indices of one id map by those of another, in place. */
function reindex(file: string, column: Int32Array, from: IdMap, to: IdMap): void {
  const indices = Int32Array.from(from.ids, (id) => to.findIndex(id))
  const missing = indices.indexOf(-1)
  if (missing >= 0) {
    throw new FileFormatError(
      file,
      undefined,
      `got the id ${showValue(from.idOf(missing))}, which the file of ids does not have.`,
    )
  }
  for (let row = 0; row < column.length; row++) column[row] = indices[column[row]]
}

async function readIds(
  folder: string,
  what: 'users' | 'items',
  saved: SplitJson,
  signal: AbortSignal | undefined,
): Promise<IdMap> {
  const { count, type } = saved.ids[what]
  const file = await checkedFile(folder, saved.ids[what], signal)
  const ids = parseJson(file, await readText(file, saved.ids[what].bytes, 'it has grown'))
  const reject = (problem: string): never => {
    throw new FileFormatError(file, undefined, `${problem}.`)
  }
  if (!Array.isArray(ids)) return reject('expected a JSON array of ids')
  if (ids.length !== count) return reject(`got ${ids.length} ids, expected ${count}`)
  for (let index = 0; index < count; index++) {
    const id: unknown = ids[index]
    if (typeof id !== type || (type === 'number' && !Number.isSafeInteger(id))) {
      const expected = type === 'number' ? 'a safe integer' : 'a string'
      return reject(`got the id ${showValue(id)}, expected ${expected}`)
    }
    // An id map sorts its ids, so that out of order every index would mean another id.
    if (index > 0 && !(ids[index - 1] < ids[index])) {
      return reject(`got the id ${showValue(id)}, expected ascending ids, each once`)
    }
  }
  return IdMap.from(ids as Id[])
}

/**
 * Checks size and digest of a file and returns its path.
 *
 * @throws FileFormatError when they differ from what `split.json` says, or it is not a regular file
 */
async function checkedFile(
  folder: string,
  { file: name, bytes, sha256 }: SavedFile,
  signal: AbortSignal | undefined,
): Promise<string> {
  const file = nodeModule('node:path').join(folder, name)
  const size = await sizeOf(file)
  if (size !== bytes) {
    throw new FileFormatError(
      file,
      undefined,
      `got ${size} bytes, expected ${bytes} as ${splitFileName} says: the file was changed or cut off.`,
    )
  }
  const hash = new Sha256()
  for await (const piece of abortable(piecesOfFile(file), signal)) hash.update(piece)
  const found = hash.hex()
  if (found === sha256) return file
  throw new FileFormatError(
    file,
    undefined,
    `got the SHA-256 ${found}, expected ${sha256} as ${splitFileName} says: the file was changed or damaged.`,
  )
}

async function readSplitJson(file: string): Promise<string> {
  return readText(file, largestJson, 'the file was not written by saveSplit')
}

/**
 * Returns the size of a file in bytes.
 *
 * @throws FileFormatError for a folder, a device or a pipe, which might never end
 */
async function sizeOf(file: string): Promise<number> {
  const opened = await RegularFile.open(file).catch(refusal(file))
  await opened.close()
  return opened.size
}

/** Reads text of at most so many bytes. @throws FileFormatError for a longer file, with the reason */
async function readText(file: string, mostBytes: number, reason: string): Promise<string> {
  try {
    const bytes = await readRegularFile(file, { mostBytes })
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  } catch (error) {
    const cause = error as NodeJS.ErrnoException
    if (cause.code !== 'FILE_TOO_LARGE') return refusal(file)(cause)
    throw new FileFormatError(file, undefined, `${cause.message}: ${reason}.`)
  }
}

/** Returns a function that throws the error of a file that is not regular, or cannot be read. */
function refusal(file: string): (cause: NodeJS.ErrnoException) => never {
  return (cause) => {
    if (cause.code !== 'NOT_A_REGULAR_FILE') return cannotRead(file)(cause)
    throw new FileFormatError(file, undefined, 'expected a regular file.')
  }
}

/** Returns true for the error of a file that is not there. */
function isMissing(error: unknown): boolean {
  const { cause } = error as { cause?: { code?: string } }
  return error instanceof FileReadError && cause?.code === 'ENOENT'
}
