import { InvalidInteractionsError, ShapeMismatchError } from '../errors.js'
import { type Id, IdMap } from '../ids/id-map.js'
import { showValue } from '../show-value.js'
import { problemOf, RecordCheck } from './record-check.js'
import { invalidValueReason } from './value-limits.js'

/**
 * Interactions in columns. Row r says that user `userIndex[r]` met item `itemIndex[r]`.
 *
 * Indices refer to `users` and `items`. Ratings, timestamps (in seconds, or in the unit of the source) and
 * weights are there only if the source had them. Rows keep the order of the source.
 */
export interface InteractionTable<User extends Id = Id, Item extends Id = Id> {
  /** Ids and indices of users. */
  readonly users: IdMap<User>
  /** Ids and indices of items. */
  readonly items: IdMap<Item>
  /** The user of each row, as an index of `users`. */
  readonly userIndex: Int32Array
  /** The item of each row, as an index of `items`. */
  readonly itemIndex: Int32Array
  /** The rating of each row. */
  readonly rating?: Float32Array
  /** The time of each row. */
  readonly timestamp?: Float64Array
  /** The strength of each row, above 0, such as a number of plays or seconds watched. */
  readonly weight?: Float32Array
}

/** One interaction as an object, for {@link fromRecords}. */
export interface InteractionRecord<User extends Id | bigint = Id, Item extends Id | bigint = Id> {
  /** Id of the user. */
  user: User
  /** Id of the item. */
  item: Item
  /** A rating, below 3.4e38, the limit of single precision. */
  rating?: number | undefined
  /** A time in any unit, from -(2^53 - 1) to 2^53 - 1. */
  timestamp?: number | undefined
  /** A strength such as a number of plays, above 0 and below 3.4e38, the limit of single precision. */
  weight?: number | undefined
}

/** Interactions as parallel columns of equal length, for {@link fromColumns}. */
export interface InteractionColumns<User extends Id | bigint, Item extends Id | bigint> {
  /** Ids of users. */
  user: ArrayLike<User>
  /** Ids of items. */
  item: ArrayLike<Item>
  /** Ratings, below 3.4e38, the limit of single precision. */
  rating?: ArrayLike<number>
  /** Times in any unit, from -(2^53 - 1) to 2^53 - 1. */
  timestamp?: ArrayLike<number>
  /** Strengths such as numbers of plays, above 0 and below 3.4e38, the limit of single precision. */
  weight?: ArrayLike<number>
}

/** The type of ids in a table: `'ann'` becomes `string`, so that any string can be asked for later. */
type OwnId<T extends Id | bigint> = T extends string | bigint ? string : number

/**
 * Builds a table from objects `{user, item, rating?, timestamp?, weight?}`.
 *
 * Ids become indices in ascending order; bigint ids become strings. Either every record has a
 * rating (or timestamp, or weight), or none has. Other fields are left out, but a field that was probably
 * meant to be read is an error: one called nearly like a missing field (`ratting`, `timestamps`), or by
 * another name that data sets use for it (`score`, `date`, `plays`).
 *
 * @throws InvalidInteractionsError with the number of the first record that is broken
 * @example
 * ```ts
 * import { fromRecords, rowCount } from '@gnnrec/graph'
 *
 * const table = fromRecords([
 *   { user: 'bob', item: 10, rating: 4 },
 *   { user: 'ann', item: 12, rating: 5 },
 * ])
 * console.log(rowCount(table), table.users.ids, table.userIndex) // 2 [ 'ann', 'bob' ] [ 1, 0 ]
 * ```
 */
export function fromRecords<User extends Id | bigint, Item extends Id | bigint>(
  records: Iterable<InteractionRecord<User, Item>>,
): InteractionTable<OwnId<User>, OwnId<Item>> {
  const user: User[] = []
  const item: Item[] = []
  const rating: number[] = []
  const timestamp: number[] = []
  const weight: number[] = []
  const fields = new RecordCheck()
  for (const record of records) {
    fields.check(record, user.length)
    user.push(record.user)
    item.push(record.item)
    if (record.rating != null) rating.push(record.rating)
    if (record.timestamp != null) timestamp.push(record.timestamp)
    if (record.weight != null) weight.push(record.weight)
    checkComplete('rating', rating.length, user.length)
    checkComplete('timestamp', timestamp.length, user.length)
    checkComplete('weight', weight.length, user.length)
  }
  return fromColumns({
    user,
    item,
    ...(rating.length > 0 && { rating }),
    ...(timestamp.length > 0 && { timestamp }),
    ...(weight.length > 0 && { weight }),
  })
}

/**
 * Builds a table from parallel columns, as {@link fromRecords} does from objects.
 *
 * @throws ShapeMismatchError when the columns differ in length
 * @throws InvalidInteractionsError when a rating, timestamp or weight does not fit, ids mix types, two columns
 * are the same array, or a column would be lost, as in {@link fromRecords}
 * @example
 * ```ts
 * import { fromColumns } from '@gnnrec/graph'
 *
 * const table = fromColumns({ user: [3, 1, 3], item: ['jaws', 'jaws', 'alien'] })
 * console.log(table.users.ids, table.userIndex) // [ 1, 3 ] [ 1, 0, 1 ]
 * ```
 */
export function fromColumns<User extends Id | bigint, Item extends Id | bigint>(
  columns: InteractionColumns<User, Item>,
): InteractionTable<OwnId<User>, OwnId<Item>> {
  const rows = columns.user.length
  for (const [name, column] of Object.entries(columns) as [string, ArrayLike<unknown>][]) {
    if (column !== undefined && column.length !== rows) {
      throw new ShapeMismatchError(
        `Column '${name}' has ${column.length} rows, 'user' has ${rows}; columns must be equally long.`,
      )
    }
  }
  rejectShared(columns)
  rejectLost(columns)
  const users = indexColumn('user', columns.user)
  const items = indexColumn('item', columns.item)
  return {
    users: users.map as IdMap<OwnId<User>>,
    items: items.map as IdMap<OwnId<Item>>,
    userIndex: users.index,
    itemIndex: items.index,
    ...(columns.rating && { rating: numbers('rating', columns.rating, Float32Array) }),
    ...(columns.timestamp && { timestamp: numbers('timestamp', columns.timestamp, Float64Array) }),
    ...(columns.weight && { weight: numbers('weight', columns.weight, Float32Array) }),
  }
}

/**
 * Returns the number of rows of a table.
 *
 * @example
 * ```ts
 * import { fromRecords, rowCount } from '@gnnrec/graph'
 *
 * console.log(rowCount(fromRecords([{ user: 'ann', item: 'jaws' }]))) // 1
 * ```
 */
export function rowCount(table: InteractionTable): number {
  return table.userIndex.length
}

/**
 * Returns a table of the rows at the given positions, in the given order.
 *
 * With `reindex` the id maps shrink to the users and items that are left. Otherwise the result
 * shares the table's id maps, so that the indices of several parts mean the same.
 *
 * @throws InvalidInteractionsError when a position is not in 0..rows-1
 * @example
 * ```ts
 * import { fromRecords, selectRows } from '@gnnrec/graph'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'jaws' },
 *   { user: 'bob', item: 'alien' },
 * ])
 * console.log(selectRows(table, [1]).users.ids) // [ 'ann', 'bob' ]
 * console.log(selectRows(table, [1], { reindex: true }).users.ids) // [ 'bob' ]
 * ```
 */
export function selectRows<User extends Id, Item extends Id>(
  table: InteractionTable<User, Item>,
  rows: ArrayLike<number>,
  { reindex = false }: { reindex?: boolean } = {},
): InteractionTable<User, Item> {
  const count = rowCount(table)
  for (let i = 0; i < rows.length; i++) {
    if (!Number.isInteger(rows[i]) || rows[i] < 0 || rows[i] >= count) {
      throw new InvalidInteractionsError(
        `rows[${i}] is ${rows[i]}; expected the position of a row, in 0..${count - 1}.`,
      )
    }
  }
  const take = <Column extends Int32Array | Float32Array | Float64Array>(
    column: Column,
  ): Column => {
    const taken = new (column.constructor as new (n: number) => Column)(rows.length)
    for (let i = 0; i < rows.length; i++) taken[i] = column[rows[i]]
    return taken
  }
  const userIndex = take(table.userIndex)
  const itemIndex = take(table.itemIndex)
  return {
    users: reindex ? shrink(table.users, userIndex) : table.users,
    items: reindex ? shrink(table.items, itemIndex) : table.items,
    userIndex,
    itemIndex,
    ...(table.rating && { rating: take(table.rating) }),
    ...(table.timestamp && { timestamp: take(table.timestamp) }),
    ...(table.weight && { weight: take(table.weight) }),
  }
}

/** Renumbers `index` in place and returns the map of the ids that are left. */
function shrink<T extends Id>(map: IdMap<T>, index: Int32Array): IdMap<T> {
  const position = new Int32Array(map.size).fill(-1)
  for (let i = 0; i < index.length; i++) position[index[i]] = 0
  const kept: T[] = []
  for (let old = 0; old < map.size; old++) {
    if (position[old] === 0) position[old] = kept.push(map.idOf(old)) - 1
  }
  for (let i = 0; i < index.length; i++) index[i] = position[index[i]]
  return IdMap.from(kept)
}

function rejectLost(columns: object): void {
  const given = Object.keys(columns).filter(
    (name) => (columns as Record<string, unknown>)[name] !== undefined,
  )
  for (const name of given) {
    if (['user', 'item', 'rating', 'timestamp', 'weight'].includes(name)) continue
    const problem = problemOf(name, (role) => given.includes(role))
    if (problem !== undefined)
      throw new InvalidInteractionsError(`Got the column '${name}'. ${problem}`)
  }
}

function rejectShared(columns: object): void {
  const nameOf = new Map<unknown, string>()
  for (const [name, column] of Object.entries(columns)) {
    const other = nameOf.get(column)
    if (column !== undefined && other !== undefined) {
      throw new InvalidInteractionsError(
        `Columns '${other}' and '${name}' are the same array; expected an array for each. Pass a copy if their values are meant to be equal.`,
      )
    }
    nameOf.set(column, name)
  }
}

function indexColumn(
  name: string,
  column: ArrayLike<Id | bigint>,
): { map: IdMap; index: Int32Array } {
  const ids = Array.from(column, (id) => (typeof id === 'bigint' ? String(id) : id))
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row]
    if (typeof id !== 'string' && !Number.isSafeInteger(id)) {
      throw new InvalidInteractionsError(
        `Row ${row} has the ${name} id ${showValue(id)} (${typeof id}); ids are strings or safe integers. Turn larger integers into strings.`,
      )
    }
    if (typeof id !== typeof ids[0]) {
      throw new InvalidInteractionsError(
        `Row ${row} has the ${name} id ${showValue(id)} (${typeof id}), the rows before it have ${typeof ids[0]}s; use one type per column.`,
      )
    }
  }
  const map = IdMap.from(ids)
  const index = new Int32Array(ids.length)
  for (let row = 0; row < ids.length; row++) index[row] = map.findIndex(ids[row])
  return { map, index }
}

function checkComplete(name: string, have: number, rows: number): void {
  if (have === 0 || have === rows) return
  throw new InvalidInteractionsError(
    `Of the records up to number ${rows - 1}, ${have} have a ${name} and ${rows - have} have none; give one to every record or to none.`,
  )
}

function numbers<Column extends Float32Array | Float64Array>(
  name: 'rating' | 'timestamp' | 'weight',
  values: ArrayLike<number>,
  Column: new (n: number) => Column,
): Column {
  const column = new Column(values.length)
  for (let row = 0; row < values.length; row++) {
    const value = values[row]
    const reason = invalidValueReason(name, value)
    if (reason !== undefined) {
      throw new InvalidInteractionsError(
        `Row ${row} has the ${name} ${showValue(value)}; ${reason}.`,
      )
    }
    column[row] = value
  }
  return column
}
