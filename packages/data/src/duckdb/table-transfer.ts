import {
  checkInteractions,
  createSplit,
  IdMap,
  type InteractionTable,
  InvalidInteractionsError,
  rowCount,
  type Split,
  yieldToEventLoop,
} from '@gnnrec/graph'
import { hasHalfPair } from '../tables/broken-text.js'
import { GrowingColumn } from '../tables/growing-column.js'
import { RowWriter } from './row-writer.js'
import {
  type DuckDbTable,
  distinctIds,
  identifier,
  optionalColumns,
  orderColumns,
  type Session,
  type StoredIdType,
  sqlIdType,
} from './session.js'
import type { DuckDbSplit } from './splits.js'

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
  const { hasRating, hasTimestamp, hasWeight } = table
  const userIndex = new GrowingColumn(Int32Array)
  const itemIndex = new GrowingColumn(Int32Array)
  const rating = new GrowingColumn(Float32Array)
  const timestamp = new GrowingColumn(Float64Array)
  const weight = new GrowingColumn(Float32Array)
  const columns = [`${userCodes}.code`, `${itemCodes}.code`, ...optionalColumns(table)]
  const sql = `SELECT ${columns.join(', ')} FROM ${identifier(table.name)}
    JOIN ${userCodes} ON ${userCodes}.id = "user" JOIN ${itemCodes} ON ${itemCodes}.id = item
    ORDER BY ${orderColumns(table)}`
  for await (const column of session.chunks(sql)) {
    let next = 0
    for (const index of column(next++) as number[]) userIndex.push(index)
    for (const index of column(next++) as number[]) itemIndex.push(index)
    if (hasRating) for (const value of column(next++) as number[]) rating.push(value)
    if (hasTimestamp) for (const value of column(next++) as number[]) timestamp.push(value)
    if (hasWeight) for (const value of column(next++) as number[]) weight.push(value)
  }
  return {
    users,
    items,
    userIndex: userIndex.take(),
    itemIndex: itemIndex.take(),
    ...(hasRating && { rating: rating.take() }),
    ...(hasTimestamp && { timestamp: timestamp.take() }),
    ...(hasWeight && { weight: weight.take() }),
  }
}

const rowsPerTurn = 1 << 14

/**
 * Copies a table from memory into a table of DuckDB.
 *
 * @throws InvalidInteractionsError for an id that is not well-formed Unicode, which DuckDB cannot store
 */
export async function fromTable(session: Session, table: InteractionTable): Promise<DuckDbTable> {
  checkInteractions(table)
  const { users, items, userIndex, itemIndex, rating, timestamp, weight } = table
  rejectBrokenText('user', users)
  rejectBrokenText('item', items)
  const writer = new RowWriter(session, {
    hasRating: rating !== undefined,
    hasTimestamp: timestamp !== undefined,
    hasWeight: weight !== undefined,
    idTypes: { user: users.type, item: items.type },
  })
  for (let row = 0; row < rowCount(table); row++) {
    writer.add({
      user: users.idOf(userIndex[row]),
      item: items.idOf(itemIndex[row]),
      rating: rating?.[row],
      timestamp: timestamp?.[row],
      weight: weight?.[row],
    })
    if (row % rowsPerTurn === rowsPerTurn - 1) {
      await writer.flush()
      await yieldToEventLoop()
    }
  }
  return writer.finish()
}

/** Checks that ids survive UTF-8, in which two different halves of surrogate pairs become one character. */
function rejectBrokenText(what: 'user' | 'item', { ids }: IdMap): void {
  const broken = ids.find((id) => typeof id === 'string' && hasHalfPair(id))
  if (broken === undefined) return
  throw new InvalidInteractionsError(
    `DuckDb.fromTable got the ${what} ${JSON.stringify(broken)}, which has half of a surrogate pair; expected well-formed Unicode.`,
  )
}
