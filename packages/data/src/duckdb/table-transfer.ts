import {
  createSplit,
  type Id,
  IdMap,
  type InteractionTable,
  rowCount,
  type Split,
  yieldToEventLoop,
} from '@gnnrec/graph'
import { GrowingColumn } from '../tables/growing-column.js'
import {
  type DuckDbTable,
  distinctIds,
  identifier,
  orderColumns,
  type Session,
  type StoredIdType,
} from './session.js'
import type { DuckDbSplit } from './splits.js'

/** Returns the SQL type of a column of ids. */
export function sqlIdType(type: StoredIdType): string {
  return type === 'number' ? 'BIGINT' : 'VARCHAR'
}

/** Copies a table into memory, with id maps of its own. */
export async function toTable(session: Session, table: DuckDbTable): Promise<InteractionTable> {
  const maps = await idMaps(session, table)
  try {
    return await rowsOf(session, table, maps)
  } finally {
    await maps.drop()
  }
}

/** Copies a split into memory. Its parts share the id maps of the table that was split. */
export async function toSplit(session: Session, split: DuckDbSplit): Promise<Split> {
  const maps = await idMaps(session, split.source)
  try {
    return createSplit({
      train: await rowsOf(session, split.train, maps),
      validation: await rowsOf(session, split.validation, maps),
      test: await rowsOf(session, split.test, maps),
      method: split.method,
    })
  } finally {
    await maps.drop()
  }
}

interface Maps {
  readonly users: IdMap
  readonly items: IdMap
  /** Names of the tables in DuckDB that map ids to indices. */
  readonly userCodes: string
  readonly itemCodes: string
  readonly drop: () => Promise<void>
}

/**
 * Makes the id maps, and tables of them for joins. DuckDB cannot number the ids itself, because it sorts
 * strings in another order.
 */
async function idMaps(session: Session, table: DuckDbTable): Promise<Maps> {
  const users = IdMap.from(await distinctIds(session, table, 'user'))
  const items = IdMap.from(await distinctIds(session, table, 'item'))
  const userCodes = await codeTable(session, users, table.idTypes.user)
  const itemCodes = await codeTable(session, items, table.idTypes.item)
  const drop = async (): Promise<void> => {
    await session.run(`DROP TABLE ${userCodes}`)
    await session.run(`DROP TABLE ${itemCodes}`)
  }
  return { users, items, userCodes, itemCodes, drop }
}

async function codeTable(session: Session, map: IdMap, type: StoredIdType): Promise<string> {
  const name = session.newName('codes')
  await session.run(`CREATE TABLE ${name} (id ${sqlIdType(type)}, code INTEGER)`)
  const appender = await session.connection.createAppender(name)
  for (let index = 0; index < map.size; index++) {
    const id = map.idOf(index)
    if (typeof id === 'number') appender.appendBigInt(BigInt(id))
    else appender.appendVarchar(id)
    appender.appendInteger(index)
    appender.endRow()
  }
  appender.closeSync()
  return name
}

async function rowsOf(
  session: Session,
  table: DuckDbTable,
  { users, items, userCodes, itemCodes }: Maps,
): Promise<InteractionTable> {
  const { hasRating, hasTimestamp } = table
  const userIndex = new GrowingColumn(Int32Array)
  const itemIndex = new GrowingColumn(Int32Array)
  const rating = new GrowingColumn(Float32Array)
  const timestamp = new GrowingColumn(Float64Array)
  const columns = [
    `${userCodes}.code`,
    `${itemCodes}.code`,
    ...(hasRating ? ['rating'] : []),
    ...(hasTimestamp ? ['timestamp'] : []),
  ]
  const sql = `SELECT ${columns.join(', ')} FROM ${identifier(table.name)}
    JOIN ${userCodes} ON ${userCodes}.id = "user" JOIN ${itemCodes} ON ${itemCodes}.id = item
    ORDER BY ${orderColumns(table)}`
  for await (const column of session.chunks(sql)) {
    let next = 0
    for (const index of column(next++) as number[]) userIndex.push(index)
    for (const index of column(next++) as number[]) itemIndex.push(index)
    if (hasRating) for (const value of column(next++) as number[]) rating.push(value)
    if (hasTimestamp) for (const value of column(next++) as number[]) timestamp.push(value)
  }
  return {
    users,
    items,
    userIndex: userIndex.take(),
    itemIndex: itemIndex.take(),
    ...(hasRating && { rating: rating.take() }),
    ...(hasTimestamp && { timestamp: timestamp.take() }),
  }
}

const rowsPerTurn = 1 << 14

/** Copies a table from memory into a table of DuckDB. */
export async function fromTable(session: Session, table: InteractionTable): Promise<DuckDbTable> {
  const { users, items, userIndex, itemIndex, rating, timestamp } = table
  const name = session.newName('table')
  const idTypes = { user: users.type, item: items.type }
  await session.run(
    `CREATE TABLE ${name} ("row" BIGINT, "user" ${sqlIdType(idTypes.user)}, item ${sqlIdType(idTypes.item)}${rating ? ', rating FLOAT' : ''}${timestamp ? ', timestamp DOUBLE' : ''})`,
  )
  const appender = await session.connection.createAppender(name)
  const append = (id: Id): void => {
    if (typeof id === 'number') appender.appendBigInt(BigInt(id))
    else appender.appendVarchar(id)
  }
  for (let row = 0; row < rowCount(table); row++) {
    appender.appendBigInt(BigInt(row))
    append(users.idOf(userIndex[row]))
    append(items.idOf(itemIndex[row]))
    if (rating) appender.appendFloat(rating[row])
    if (timestamp) appender.appendDouble(timestamp[row])
    appender.endRow()
    if (row % rowsPerTurn === rowsPerTurn - 1) await yieldToEventLoop()
  }
  appender.closeSync()
  return {
    name,
    idTypes,
    order: 'row',
    hasRating: rating !== undefined,
    hasTimestamp: timestamp !== undefined,
  }
}
