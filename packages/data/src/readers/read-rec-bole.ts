import { type InteractionTable, parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import { FileFormatError } from '../errors.js'
import { type FileSource, openSource } from '../sources/file-source.js'
import { type IdType, type IdTypes, idTypesSchema } from '../tables/id-type.js'
import { placesOf } from './column-places.js'
import { readDelimited } from './read-delimited.js'
import type { ReaderOptions } from './reader-options.js'

/** Options of {@link readRecBole}. */
export interface RecBoleOptions extends ReaderOptions {
  /** RecBole's `USER_ID_FIELD`. Default `'user_id'`. */
  user?: string | undefined
  /** RecBole's `ITEM_ID_FIELD`. Default `'item_id'`. */
  item?: string | undefined
  /** RecBole's `RATING_FIELD`; it may be missing in the file. Default `'rating'`. */
  rating?: string | undefined
  /** RecBole's `TIME_FIELD`; it may be missing in the file. Default `'timestamp'`. */
  timestamp?: string | undefined
  /** RecBole's `field_separator`. Default `'\t'`. */
  delimiter?: string | undefined
  /** As in {@link CsvOptions.idType}. Default `'auto'`. */
  idType?: IdType | IdTypes | undefined
}

const name = z.string().min(1)

const schema = z.strictObject({
  user: name.default('user_id'),
  item: name.default('item_id'),
  rating: name.default('rating'),
  timestamp: name.default('timestamp'),
  delimiter: name.default('\t'),
  idType: idTypesSchema,
  signal: z.instanceof(AbortSignal).optional(),
})

/** What RecBole calls the types of its columns. */
const types = ['token', 'token_seq', 'float', 'float_seq']

/**
 * Reads an atomic file `.inter` of RecBole, whose header gives name and type of each column:
 * `user_id:token`, `item_id:token`, `rating:float`, `timestamp:float`.
 *
 * Ratings and timestamps are read where the file has them. Source:
 * https://recbole.io/docs/user_guide/data/atomic_files.html
 *
 * @throws FileFormatError when the header is of another form, and as {@link readCsv} does
 * @throws FileReadError, InvalidOptionsError
 */
export async function readRecBole(
  source: FileSource,
  options: RecBoleOptions = {},
): Promise<InteractionTable> {
  const { signal, delimiter, idType, ...wanted } = parseOptions('readRecBole', schema, options)
  const opened = await openSource(source, signal)
  const { name: file } = opened
  return readDelimited(opened, {
    delimiter,
    header: true,
    quotes: false,
    escape: '"',
    encoding: 'utf-8',
    idType,
    placesOf: (first, line) => {
      const columns = new Map(first.map((field) => columnOf(field, file, line)))
      const expected = { user: 'token', item: 'token', rating: 'float', timestamp: 'float' }
      const present: Record<string, string> = {}
      for (const key of ['user', 'item', 'rating', 'timestamp'] as const) {
        const type = columns.get(wanted[key])
        if (type === undefined && (key === 'rating' || key === 'timestamp')) continue
        if (type !== undefined && type !== expected[key]) {
          throw new FileFormatError(
            file,
            line,
            `the column ${JSON.stringify(wanted[key])} is of type ${type}, expected ${expected[key]}.`,
          )
        }
        present[key] = wanted[key]
      }
      const { user = wanted.user, item = wanted.item, ...rest } = present
      return placesOf({ user, item, ...rest }, [...columns.keys()], true, file, line)
    },
  })
}

function columnOf(field: string, file: string, line: number): [name: string, type: string] {
  const colon = field.lastIndexOf(':')
  const type = field.slice(colon + 1)
  if (colon > 0 && types.includes(type)) return [field.slice(0, colon), type]
  throw new FileFormatError(
    file,
    line,
    `got the column ${JSON.stringify(field)}, expected name:type with one of the types ${types.join(', ')}. Read a file of another form with readCsv.`,
  )
}
