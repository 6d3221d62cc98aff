import type { Split } from '@gnnrec/graph'
import * as z from 'zod'
import { FileFormatError } from '../errors.js'

export const splitFileName = 'split.json'

const splitFormat = 'gnnrec-split'
const splitFormatVersion = 1

/** The files of a saved split beside `split.json`. */
export const splitFiles = {
  train: 'train.csv',
  validation: 'validation.csv',
  test: 'test.csv',
  users: 'users.json',
  items: 'items.json',
} as const

const digest = z.string().regex(/^[0-9a-f]{64}$/)
const idType = z.enum(['number', 'string'])

const schema = z.object({
  format: z.literal(splitFormat),
  formatVersion: z.literal(splitFormatVersion),
  hash: digest,
  method: z.object({ name: z.string(), settings: z.record(z.string(), z.unknown()).optional() }),
  idTypes: z.object({ users: idType, items: idType }),
  columns: z.object({ rating: z.boolean(), timestamp: z.boolean() }),
  rows: z.object({ train: z.int(), validation: z.int(), test: z.int() }),
  digests: z.object({
    train: digest,
    validation: digest,
    test: digest,
    users: digest,
    items: digest,
  }),
})

/** The content of `split.json`, which describes a split and the files beside it. */
export type SplitJson = z.infer<typeof schema>

/** Returns the text of `split.json`. */
export function splitJson(
  split: Split,
  digests: SplitJson['digests'],
  columns: SplitJson['columns'],
): string {
  const { train, validation, test, method, hash } = split
  const content: SplitJson = {
    format: splitFormat,
    formatVersion: splitFormatVersion,
    hash,
    method: method as SplitJson['method'],
    idTypes: { users: train.users.type, items: train.items.type },
    columns,
    rows: {
      train: train.userIndex.length,
      validation: validation.userIndex.length,
      test: test.userIndex.length,
    },
    digests,
  }
  return `${JSON.stringify(content, undefined, 2)}\n`
}

/**
 * Parses the text of `split.json`.
 *
 * @throws FileFormatError when it does not describe a saved split, has a newer format or is damaged
 */
export function parseSplitJson(file: string, text: string): SplitJson {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new FileFormatError(file, undefined, `expected JSON: ${(error as Error).message}.`)
  }
  const { format, formatVersion } = (value ?? {}) as Partial<SplitJson>
  if (format !== splitFormat) {
    throw new FileFormatError(
      file,
      undefined,
      `got the format ${JSON.stringify(format)}, expected ${JSON.stringify(splitFormat)}: the file was not written by saveSplit.`,
    )
  }
  if (typeof formatVersion === 'number' && formatVersion > splitFormatVersion) {
    throw new FileFormatError(
      file,
      undefined,
      `got format version ${formatVersion}; this version of @gnnrec/data reads up to ${splitFormatVersion}. Upgrade @gnnrec/data.`,
    )
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new FileFormatError(
    file,
    undefined,
    `the file is damaged: ${z.prettifyError(result.error)}.`,
  )
}
