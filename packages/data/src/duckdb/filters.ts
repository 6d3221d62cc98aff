import { InvalidInteractionsError } from '@gnnrec/graph'
import type * as z from 'zod'
import type { dropDuplicatesSchema } from '../filters/drop-duplicates.js'
import {
  type DuckDbTable,
  identifier,
  optionalColumns,
  orderColumns,
  rejectEmpty,
  rejectTimeless,
  type Session,
  valueColumns,
} from './session.js'

/**
 * Keeps one row of every pair, by a single aggregation that may spill to disk.
 *
 * @throws InvalidInteractionsError when the weights of a pair add up to more than single precision holds
 */
export async function dropDuplicates(
  session: Session,
  table: DuckDbTable,
  { keep, weight }: z.output<typeof dropDuplicatesSchema>,
): Promise<DuckDbTable> {
  const owner = 'dropDuplicates'
  if (keep === 'earliest' || keep === 'latest') rejectTimeless(owner, table)
  await rejectEmpty(session, owner, table)
  const isLast = keep === 'last' || keep === 'latest'
  const byTime = keep === 'earliest' || keep === 'latest' || table.order === 'time'
  const key = byTime && table.hasTimestamp ? '(timestamp, "row")' : '"row"'
  const pick = isLast ? 'arg_max' : 'arg_min'
  const isSummed = weight === 'sum'
  const picked = [
    '"row"',
    ...optionalColumns({ ...table, hasWeight: table.hasWeight && !isSummed }),
  ]
  const columns = picked.map((column) => `${pick}(${column}, ${key}) AS ${column}`)
  if (isSummed) {
    // In the order of rows, as in memory, because sums of rounded numbers depend on it.
    const sum = table.hasWeight ? `sum(weight::DOUBLE ORDER BY ${orderColumns(table)})` : 'count(*)'
    columns.push(`TRY_CAST(${sum} AS FLOAT) AS weight`)
  }
  const name = session.newName('distinct')
  await session.run(
    `CREATE TABLE ${name} AS SELECT ${columns.join(', ')}, "user", item FROM ${identifier(table.name)} GROUP BY "user", item`,
  )
  if (!isSummed) return { ...table, name }
  const [large] = await session.rows(
    `SELECT "user", item FROM ${name} WHERE weight IS NULL OR NOT isfinite(weight) ORDER BY "row" LIMIT 1`,
  )
  if (large === undefined) return { ...table, name, hasWeight: true }
  await session.run(`DROP TABLE ${name}`)
  const [user, item] = large.map((id) => JSON.stringify(id))
  throw new InvalidInteractionsError(
    `The weights of user ${user} and item ${item} add up to more than 3.4e38, the limit of single precision.`,
  )
}

/** Keeps the rows with a rating of at least a threshold, and those with the rating that stands for none. */
export async function filterRating(
  session: Session,
  table: DuckDbTable,
  { atLeast, implicitRating }: { atLeast: number; implicitRating?: number | undefined },
): Promise<DuckDbTable> {
  await rejectEmpty(session, 'filterRating', table)
  if (!table.hasRating) {
    throw new InvalidInteractionsError(
      'filterRating got a table without ratings. Read the column of ratings too, or leave out the filter.',
    )
  }
  const implicit = implicitRating === undefined ? '' : ` OR rating = ${single(implicitRating)}`
  return keepRows(
    session,
    table,
    `rating >= ${single(atLeast)}${implicit}`,
    `no row has a rating of ${atLeast} or more. Lower atLeast.`,
  )
}

/** Finds the k-core, or makes one pass towards it, by deleting rows from a copy. */
export async function filterMinInteractions(
  session: Session,
  table: DuckDbTable,
  { minPerUser, minPerItem, iterate }: { minPerUser: number; minPerItem: number; iterate: boolean },
): Promise<DuckDbTable> {
  await rejectEmpty(session, 'filterMinInteractions', table)
  const name = session.newName('core')
  await session.run(`CREATE TABLE ${name} AS SELECT * FROM ${identifier(table.name)}`)
  const dropRare = (column: string, min: number): Promise<number> =>
    session.run(
      `DELETE FROM ${name} WHERE ${column} IN (SELECT ${column} FROM ${name} GROUP BY ${column} HAVING count(*) < ${min})`,
    )
  let dropped: number
  do {
    dropped = await dropRare('"user"', minPerUser)
    dropped += await dropRare('item', minPerItem)
  } while (iterate && dropped > 0)
  const core = { ...table, name }
  const [first] = await session.rows(`SELECT 1 FROM ${name} LIMIT 1`)
  if (first) return core
  await session.run(`DROP TABLE ${name}`)
  throw new InvalidInteractionsError(
    `No interactions are left: no row has a user with ${minPerUser} rows and an item with ${minPerItem} rows. Lower minPerUser or minPerItem.`,
  )
}

async function keepRows(
  session: Session,
  table: DuckDbTable,
  condition: string,
  emptyMessage: string,
): Promise<DuckDbTable> {
  const name = session.newName('kept')
  await session.run(
    `CREATE TABLE ${name} AS SELECT "row", ${valueColumns(table)} FROM ${identifier(table.name)} WHERE ${condition}`,
  )
  const [first] = await session.rows(`SELECT 1 FROM ${name} LIMIT 1`)
  if (first) return { ...table, name }
  await session.run(`DROP TABLE ${name}`)
  throw new InvalidInteractionsError(`No interactions are left: ${emptyMessage}`)
}

/** Returns a number in single precision for SQL, because ratings are stored in single precision. */
function single(value: number): string {
  return `${Math.fround(value)}::FLOAT`
}
