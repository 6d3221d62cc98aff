import type { TableDescription } from '../tables/describe-table.js'
import { type DuckDbTable, identifier, rejectEmpty, type Session } from './session.js'

/** Computes the key figures of `describeTable` by SQL, which may spill to disk. */
export async function describeTable(
  session: Session,
  table: DuckDbTable,
): Promise<TableDescription> {
  await rejectEmpty(session, 'describeTable', table)
  const name = identifier(table.name)
  const groups = async (columns: string): Promise<number> => {
    const sql = `SELECT count(*) FROM (SELECT 1 FROM ${name} GROUP BY ${columns})`
    return (await session.row(sql))[0] as number
  }
  const average = (column: string, isPresent: boolean) =>
    isPresent ? `avg(${column}::DOUBLE)` : 'NULL'
  const [interactions, averageRating, averageWeight] = await session.row(
    `SELECT count(*), ${average('rating', table.hasRating)}, ${average('weight', table.hasWeight)} FROM ${name}`,
  )
  const users = await groups('"user"')
  const items = await groups('item')
  const pairs = await groups('"user", item')
  const rows = interactions as number
  return {
    interactions: rows,
    users,
    items,
    sparsity: 1 - pairs / (users * items),
    interactionsPerUser: rows / users,
    interactionsPerItem: rows / items,
    ...(table.hasRating && { averageRating: averageRating as number }),
    ...(table.hasWeight && { averageWeight: averageWeight as number }),
  }
}
