import {
  type Id,
  type IdMap,
  type InteractionTable,
  InvalidInteractionsError,
  parseOptions,
  rowCount,
  type Split,
  splitRows,
} from '@gnnrec/graph'
import * as z from 'zod'
import { tableOfCodes } from '../tables/table-of-codes.js'

/** The parts of a split that somebody else made, each as a table of its own. */
export interface GivenParts<User extends Id = Id, Item extends Id = Id> {
  /** The rows to train on. */
  train: InteractionTable<User, Item>
  /** The rows to validate on. Without it the validation part is empty. */
  validation?: InteractionTable<User, Item> | undefined
  /** The rows to test on. Without it the test part is empty. */
  test?: InteractionTable<User, Item> | undefined
}

const tableSchema = z.custom<InteractionTable>(
  (table) => (table as InteractionTable | undefined)?.userIndex instanceof Int32Array,
  { error: 'expected an InteractionTable' },
)

const schema = z.strictObject({
  train: tableSchema,
  validation: tableSchema.optional(),
  test: tableSchema.optional(),
})

/**
 * Joins tables that were read from different files into a split. Users and items are matched by their
 * ids.
 *
 * Ratings are kept when all parts have them, and timestamps likewise. {@link lintSplit} finds leaks
 * between the parts.
 *
 * @example
 * ```ts
 * import { givenSplit, readLightGcnLines } from '@gnnrec/data'
 *
 * const train = await readLightGcnLines({ text: '0 3 7\n1 3\n' })
 * const test = await readLightGcnLines({ text: '1 7\n' })
 * const split = givenSplit({ train, test })
 * console.log(split.train.items.ids, split.test.itemIndex)
 * ```
 *
 * @throws InvalidInteractionsError when ids are numbers in one part and strings in another, or the
 * training part is empty
 * @throws InvalidOptionsError
 */
export function givenSplit<User extends Id, Item extends Id>(
  parts: GivenParts<User, Item>,
): Split<User, Item> {
  const { train, validation, test } = parseOptions('givenSplit', schema, parts)
  const named = Object.entries({ train, validation, test }).flatMap(([name, table]) =>
    table && rowCount(table) > 0 ? [{ name, table }] : [],
  )
  const users = joinIds('users', named)
  const items = joinIds('items', named)
  const tables = named.map(({ table }) => table)
  const column = <Kind extends Float32Array | Float64Array>(
    Kind: new (length: number) => Kind,
    key: 'rating' | 'timestamp',
  ): Kind | undefined => {
    if (tables.length === 0 || tables.some((table) => table[key] === undefined)) return undefined
    const joined = new Kind(users.codes.length)
    let start = 0
    for (const table of tables) {
      joined.set(table[key]!, start)
      start += rowCount(table)
    }
    return joined
  }
  const joined = tableOfCodes({
    user: users,
    item: items,
    rating: column(Float32Array, 'rating'),
    timestamp: column(Float64Array, 'timestamp'),
  })
  let start = 0
  const rowsOf = (table: InteractionTable | undefined): Int32Array => {
    const from = start
    start += table ? rowCount(table) : 0
    return Int32Array.from({ length: start - from }, (_, row) => from + row)
  }
  return splitRows(
    joined,
    { train: rowsOf(train), validation: rowsOf(validation), test: rowsOf(test) },
    { name: 'given' },
  ) as Split<User, Item>
}

/** Collects the distinct ids of all parts and gives every row the code of its id. */
function joinIds(
  what: 'users' | 'items',
  parts: readonly { name: string; table: InteractionTable }[],
): { distinct: Id[]; codes: Int32Array } {
  const rows = parts.reduce((sum, { table }) => sum + rowCount(table), 0)
  const codes = new Int32Array(rows)
  const codeOf = new Map<Id, number>()
  let start = 0
  for (const { name, table } of parts) {
    const map: IdMap = table[what]
    const first = parts[0].table[what]
    if (map.type !== first.type) {
      throw new InvalidInteractionsError(
        `The ${what} of ${name} are ${map.type}s (${JSON.stringify(map.ids[0])}), those of ${parts[0].name} are ${first.type}s (${JSON.stringify(first.ids[0])}), so no ids would match. Read all parts with idType: 'string'.`,
      )
    }
    const own = Int32Array.from(map.ids, (id) => {
      let code = codeOf.get(id)
      if (code === undefined) {
        code = codeOf.size
        codeOf.set(id, code)
      }
      return code
    })
    const index = table[what === 'users' ? 'userIndex' : 'itemIndex']
    for (let row = 0; row < index.length; row++) codes[start + row] = own[index[row]]
    start += index.length
  }
  return { distinct: [...codeOf.keys()], codes }
}
