import { type InteractionTable, parseOptions } from '@gnnrec/graph'
import { meantRole } from '@gnnrec/graph/files'
import * as z from 'zod'
import { FileFormatError } from '../errors.js'
import { type FileSource, openSource } from '../sources/file-source.js'
import { type IdType, type IdTypes, idTypesSchema } from '../tables/id-type.js'
import { checkDistinct, placesOf } from './column-places.js'
import { readDelimited } from './read-delimited.js'
import type { ReaderOptions } from './reader-options.js'

/** Options of {@link readRecBole}. */
export interface RecBoleOptions extends ReaderOptions {
  /**
   * The name of the column of users, which RecBole calls `USER_ID_FIELD`.
   *
   * @defaultValue `'user_id'`
   */
  user?: string | undefined
  /**
   * The name of the column of items, which RecBole calls `ITEM_ID_FIELD`.
   *
   * @defaultValue `'item_id'`
   */
  item?: string | undefined
  /**
   * The name of the column of ratings, which RecBole calls `RATING_FIELD`. With `false` the table has no
   * ratings.
   *
   * @defaultValue `'rating'` if the file has such a column
   */
  rating?: string | false | undefined
  /**
   * The name of the column of times, which RecBole calls `TIME_FIELD`. With `false` the table has no
   * timestamps.
   *
   * @defaultValue `'timestamp'` if the file has such a column
   */
  timestamp?: string | false | undefined
  /**
   * The name of the column of weights, which are above 0. With `false` the table has no weights.
   *
   * @defaultValue `'weight'` if the file has such a column
   */
  weight?: string | false | undefined
  /**
   * The text between two fields, which RecBole calls `field_separator`.
   *
   * @defaultValue `'\t'`
   */
  delimiter?: string | undefined
  /**
   * The type of the ids; {@link CsvOptions.idType} explains the values.
   *
   * @defaultValue `'auto'`
   */
  idType?: IdType | IdTypes | undefined
}

const name = z.string().min(1)

const schema = z
  .strictObject({
    user: name.default('user_id'),
    item: name.default('item_id'),
    rating: z.union([name, z.literal(false)]).optional(),
    timestamp: z.union([name, z.literal(false)]).optional(),
    weight: z.union([name, z.literal(false)]).optional(),
    delimiter: name.default('\t'),
    idType: idTypesSchema,
    signal: z.instanceof(AbortSignal).optional(),
  })
  .superRefine(checkDistinct)

/** RecBole's names for the types of columns. */
const types = ['token', 'token_seq', 'float', 'float_seq']

/**
 * Reads an atomic file `.inter` of RecBole. Its header gives the name and type of each column, such as
 * `user_id:token`, `item_id:token`, `rating:float` and `timestamp:float`.
 *
 * Ratings, timestamps and weights are read when the file has them. A file without a column of their name that has
 * a column of numbers with a similar name, such as `ratings:float`, `plays:float` or `time:float`, is an
 * error, so that they are not lost by mistake: name the column, or pass `false`. The format is described at
 * https://recbole.io/docs/user_guide/data/atomic_files.html
 *
 * @example
 * ```ts
 * import { readRecBole } from '@gnnrec/data'
 *
 * const text = 'user_id:token\titem_id:token\trating:float\nana\tlamp\t4\n'
 * const table = await readRecBole({ text })
 * console.log(table.users.ids, table.rating)
 * ```
 *
 * @throws FileFormatError when the header has another form, and for the reasons given at {@link readCsv}
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
      const columns = first.map((field) => columnOf(field, file, line))
      const names = columns.map(({ name }) => name)
      /** Returns the column of a role: the given one, or the one of that name if there is one. */
      const optional = (role: 'rating' | 'timestamp' | 'weight') => {
        const column = wanted[role] ?? (names.includes(role) ? role : false)
        return column === false ? undefined : column
      }
      const present = {
        user: wanted.user,
        item: wanted.item,
        rating: optional('rating'),
        timestamp: optional('timestamp'),
        weight: optional('weight'),
      }
      for (const { name, type } of columns) {
        if (type !== 'float' || Object.values(present).includes(name)) continue
        const isSettled = (role: keyof typeof present): boolean =>
          present[role] !== undefined || wanted[role] === false
        const role = meantRole(name, isSettled)
        if (role === undefined) continue
        const column = JSON.stringify(name)
        throw new FileFormatError(
          file,
          line,
          `the column ${column} is not read; is it the ${role}? Pass ${role}: ${column} to read it, or ${role}: false to leave it out.`,
        )
      }
      const places = placesOf(present, names, true, file, line)
      for (const [role, place] of Object.entries(places)) {
        const expected = role === 'user' || role === 'item' ? 'token' : 'float'
        if (place < 0 || columns[place].type === expected) continue
        throw new FileFormatError(
          file,
          line,
          `the column ${JSON.stringify(names[place])} has the type ${columns[place].type}, expected ${expected}.`,
        )
      }
      return places
    },
  })
}

function columnOf(field: string, file: string, line: number): { name: string; type: string } {
  const colon = field.lastIndexOf(':')
  const type = field.slice(colon + 1)
  if (colon > 0 && types.includes(type)) return { name: field.slice(0, colon), type }
  throw new FileFormatError(
    file,
    line,
    `got the column ${JSON.stringify(field)}, expected name:type with one of the types ${types.join(', ')}. Read a file of another form with readCsv.`,
  )
}
