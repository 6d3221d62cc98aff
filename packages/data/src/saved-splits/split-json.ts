import { describeMistakes, isDeeperThan } from '@gnnrec/graph/files'
import { showValue } from '@gnnrec/graph/kernels'
import * as z from 'zod'
import { FileFormatError } from '../errors.js'

export const splitFileName = 'split.json'

const splitFormat = 'gnnrec-split'
const splitFormatVersion = 2

/** The largest `split.json`, in bytes. */
export const largestJson = 1 << 24

/** The most levels of lists and objects in a file; no split needs more than a few. */
export const mostLevels = 64

/** The parts of a split, each a file of rows. */
export const partNames = ['train', 'validation', 'test'] as const

export type PartName = (typeof partNames)[number]

/** The endings of the files beside `split.json`. */
const endings = {
  train: 'csv',
  validation: 'csv',
  test: 'csv',
  users: 'json',
  items: 'json',
} as const

/** Returns the name of a file. It has the start of its digest, so files of two splits never share a name. */
export function dataFileName(name: keyof typeof endings, sha256: string): string {
  return `${name}-${sha256.slice(0, 16)}.${endings[name]}`
}

/** Returns the name that a file has in the folder before its digest is known. */
export function plainFileName(name: keyof typeof endings): string {
  return `${name}.${endings[name]}`
}

/** Returns true for a file that a save may have left in a folder, finished or not. */
export function isOwnFile(file: string): boolean {
  const isData = /^((train|validation|test)-[0-9a-f]{16}\.csv|(users|items)-[0-9a-f]{16}\.json)$/
  const isDraft = /^((train|validation|test)\.csv|(users|items|split)\.json)\.[\w-]+\.tmp$/
  return isData.test(file) || isDraft.test(file)
}

const count = z.int().nonnegative()

function fileOf(name: keyof typeof endings) {
  return {
    file: z.string().regex(new RegExp(`^${name}-[0-9a-f]{16}\\.${endings[name]}$`)),
    bytes: count,
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }
}

function partOf(name: PartName) {
  const rows = name === 'train' ? z.int().min(1) : count
  return z.strictObject({
    ...fileOf(name),
    rows,
    rating: z.boolean(),
    timestamp: z.boolean(),
    /** Absent in splits without weights, whose files are those of versions that knew none. */
    weight: z.literal(true).optional(),
  })
}

function idsOf(name: 'users' | 'items') {
  return z.strictObject({ ...fileOf(name), count, type: z.enum(['number', 'string']) })
}

const schema = z.strictObject({
  format: z.literal(splitFormat),
  formatVersion: z.literal(splitFormatVersion),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  method: z.strictObject({
    name: z.string(),
    settings: z.record(z.string(), z.unknown()).optional(),
  }),
  parts: z.strictObject({
    train: partOf('train'),
    validation: partOf('validation'),
    test: partOf('test'),
  }),
  ids: z.strictObject({ users: idsOf('users'), items: idsOf('items') }),
})

/** The content of `split.json`, which describes a split and the files beside it. */
export type SplitJson = z.infer<typeof schema>

/** A file beside `split.json`, with its size and digest. */
export type SavedFile = Pick<SplitJson['ids']['users'], 'file' | 'bytes' | 'sha256'>

/** Returns the text of `split.json`. */
export function splitJson(content: Omit<SplitJson, 'format' | 'formatVersion'>): string {
  const { hash, method, parts, ids } = content
  const all: SplitJson = {
    format: splitFormat,
    formatVersion: splitFormatVersion,
    hash,
    method,
    parts,
    ids,
  }
  return `${JSON.stringify(all, undefined, 2)}\n`
}

/**
 * Parses the text of `split.json`.
 *
 * @throws FileFormatError when it does not describe a saved split, has another format or is damaged
 */
export function parseSplitJson(file: string, text: string): SplitJson {
  const value = parseJson(file, text)
  const { format, formatVersion } = (value ?? {}) as Partial<SplitJson>
  if (format !== splitFormat) {
    throw new FileFormatError(
      file,
      undefined,
      `got the format ${showValue(format)}, expected "${splitFormat}": the file was not written by saveSplit.`,
    )
  }
  if (typeof formatVersion === 'number' && formatVersion !== splitFormatVersion) {
    const advice = formatVersion > splitFormatVersion ? 'Upgrade @gnnrec/data' : 'Save it again'
    throw new FileFormatError(
      file,
      undefined,
      `got format version ${formatVersion}, expected ${splitFormatVersion}. ${advice}.`,
    )
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const problem = `the file is damaged: ${describeMistakes(result.error)}.`
  throw new FileFormatError(file, undefined, problem)
}

/**
 * Parses JSON.
 *
 * @throws FileFormatError when a text is not JSON, or has lists and objects inside each other too deeply for
 * functions that visit each level, such as `JSON.stringify`
 */
export function parseJson(file: string, text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new FileFormatError(file, undefined, `expected JSON: ${(error as Error).message}.`)
  }
  if (!isDeeperThan(value, mostLevels)) return value
  const problem = `got more than ${mostLevels} levels of lists and objects, expected fewer.`
  throw new FileFormatError(file, undefined, problem)
}
