import {
  createSplit,
  type Id,
  IdMap,
  type InteractionTable,
  parseOptions,
  rowCount,
  type Split,
} from '@gnnrec/graph'
import { Sha256 } from '@gnnrec/graph/files'
import { FileFormatError, FileReadError } from '../errors.js'
import { readCsv } from '../readers/read-csv.js'
import { type ReaderOptions, readerSchema } from '../readers/reader-options.js'
import { nodeModule } from '../sources/node-files.js'
import { piecesOfFile } from '../sources/read-pieces.js'
import { parseSplitJson, type SplitJson, splitFileName, splitFiles } from './split-json.js'

/**
 * Loads a split that {@link saveSplit} saved. It has the same rows, indices and hash as the original.
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
 * @throws FileFormatError when a file is damaged, belongs to another split or has a newer format; the
 * message names the file
 * @throws FileReadError when a file is missing
 * @throws InvalidOptionsError
 */
export async function loadSplit(folder: string, options: ReaderOptions = {}): Promise<Split> {
  const { signal } = parseOptions('loadSplit', readerSchema, options)
  const { join } = nodeModule('node:path')
  const file = join(folder, splitFileName)
  const saved = parseSplitJson(file, await readText(file))
  const users = await readIds(folder, 'users', saved)
  const items = await readIds(folder, 'items', saved)
  const part = (name: 'train' | 'validation' | 'test') =>
    readPart(folder, name, saved, { users, items }, signal)
  const split = createSplit({
    train: await part('train'),
    validation: await part('validation'),
    test: await part('test'),
    method: {
      name: saved.method.name,
      ...(saved.method.settings && { settings: saved.method.settings }),
    },
  })
  if (split.hash !== saved.hash) {
    throw new FileFormatError(
      file,
      undefined,
      `the file says that the hash of the split is ${saved.hash}, but the parts have ${split.hash}: they belong to another split.`,
    )
  }
  return split
}

async function readPart(
  folder: string,
  name: 'train' | 'validation' | 'test',
  saved: SplitJson,
  maps: { readonly users: IdMap; readonly items: IdMap },
  signal: AbortSignal | undefined,
): Promise<InteractionTable> {
  const file = nodeModule('node:path').join(folder, splitFiles[name])
  await checkDigest(file, saved.digests[name])
  const { rating, timestamp } = saved.columns
  if (saved.rows[name] === 0) {
    return {
      ...maps,
      userIndex: new Int32Array(0),
      itemIndex: new Int32Array(0),
      ...(rating && { rating: new Float32Array(0) }),
      ...(timestamp && { timestamp: new Float64Array(0) }),
    }
  }
  const { idTypes } = saved
  const table = await readCsv(file, {
    columns: {
      user: 'user',
      item: 'item',
      ...(rating && { rating: 'rating' }),
      ...(timestamp && { timestamp: 'timestamp' }),
    },
    idType: { user: idTypes.users, item: idTypes.items },
    signal,
  })
  if (rowCount(table) !== saved.rows[name]) {
    throw new FileFormatError(
      file,
      undefined,
      `got ${rowCount(table)} rows, expected ${saved.rows[name]}.`,
    )
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
      `got the id ${JSON.stringify(from.idOf(missing))}, which the file of ids does not have.`,
    )
  }
  for (let row = 0; row < column.length; row++) column[row] = indices[column[row]]
}

async function readIds(folder: string, what: 'users' | 'items', saved: SplitJson): Promise<IdMap> {
  const file = nodeModule('node:path').join(folder, splitFiles[what])
  await checkDigest(file, saved.digests[what])
  const ids: unknown = JSON.parse(await readText(file))
  const type = saved.idTypes[what]
  if (Array.isArray(ids) && ids.every((id) => typeof id === type)) return IdMap.from(ids as Id[])
  throw new FileFormatError(file, undefined, `expected a JSON array of ${type}s.`)
}

async function checkDigest(file: string, expected: string): Promise<void> {
  const hash = new Sha256()
  for await (const piece of piecesOfFile(file)) hash.update(piece)
  const found = hash.hex()
  if (found === expected) return
  throw new FileFormatError(
    file,
    undefined,
    `got the SHA-256 ${found}, expected ${expected} as ${splitFileName} says: the file was changed or damaged.`,
  )
}

async function readText(file: string): Promise<string> {
  try {
    return await nodeModule('node:fs/promises').readFile(file, 'utf8')
  } catch (cause) {
    throw new FileReadError(file, `Cannot read ${file}: ${(cause as Error).message}.`, { cause })
  }
}
