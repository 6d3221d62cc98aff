import { InvalidInteractionsError, type SplitMethod } from '@gnnrec/graph'
import {
  type DuckDbTable,
  identifier,
  rejectEmpty,
  rejectTimeless,
  type Session,
  valueColumns,
} from './session.js'

/** A split of a table in DuckDB. */
export interface DuckDbSplit {
  /** The table that was split. The parts share its ids. */
  readonly source: DuckDbTable
  readonly train: DuckDbTable
  readonly validation: DuckDbTable
  readonly test: DuckDbTable
  readonly method: SplitMethod
}

/** A function that returns the ends of training and of validation among n rows. */
export type Cut = (rows: number) => readonly [number, number]

/**
 * Splits every user's history by time. The cuts come from the same function as in memory, for each
 * number of rows that a user has.
 */
export async function splitUsersByTime(
  session: Session,
  owner: string,
  table: DuckDbTable,
  cut: Cut,
  method: SplitMethod,
): Promise<DuckDbSplit> {
  rejectTimeless(owner, table)
  await rejectEmpty(session, owner, table)
  const source = identifier(table.name)
  const lengths = await session.rows(
    `SELECT DISTINCT n FROM (SELECT count(*) AS n FROM ${source} GROUP BY "user")`,
  )
  const cuts = session.newName('cuts')
  await session.run(`CREATE TABLE ${cuts} (n BIGINT, trainEnd BIGINT, validationEnd BIGINT)`)
  const values = lengths.map(([n]) => `(${n}, ${cut(n as number).join(', ')})`)
  await session.run(`INSERT INTO ${cuts} VALUES ${values.join(', ')}`)
  const name = session.newName('split')
  const byTime = 'PARTITION BY "user" ORDER BY timestamp, "row"'
  // Both windows have one order, so that one pass over the partitions gives place and count.
  await session.run(`CREATE TABLE ${name} AS
    SELECT "row", ${valueColumns(table)},
      (CASE WHEN place <= trainEnd THEN 0 WHEN place <= validationEnd THEN 1 ELSE 2 END)::TINYINT AS part
    FROM (SELECT *, row_number() OVER (${byTime}) AS place,
      count(*) OVER (${byTime} ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS n
      FROM ${source}) AS placed
    JOIN ${cuts} ON ${cuts}.n = placed.n`)
  await session.run(`DROP TABLE ${cuts}`)
  return partsOf(session, table, name, 'row', method)
}

/** Splits all rows by time, at given positions or moments. */
export async function splitAllByTime(
  session: Session,
  owner: string,
  table: DuckDbTable,
  at: Cut | readonly [number, number],
  method: SplitMethod,
): Promise<DuckDbSplit> {
  rejectTimeless(owner, table)
  await rejectEmpty(session, owner, table)
  const source = identifier(table.name)
  const name = session.newName('split')
  const columns = `"row", ${valueColumns(table)}`
  const partBy = (first: string, second: string): string =>
    `(CASE WHEN ${first} THEN 0 WHEN ${second} THEN 1 ELSE 2 END)::TINYINT AS part`
  if (typeof at === 'function') {
    const [count] = await session.row(`SELECT count(*) FROM ${source}`)
    const [trainEnd, validationEnd] = at(count as number)
    // The rowid of a sorted table is the position in the order. A sort spills; a window over all rows would not.
    const sorted = session.newName('sorted')
    await session.run(
      `CREATE TABLE ${sorted} AS SELECT ${columns} FROM ${source} ORDER BY timestamp, "row"`,
    )
    await session.run(
      `CREATE TABLE ${name} AS SELECT ${columns}, ${partBy(`rowid < ${trainEnd}`, `rowid < ${validationEnd}`)} FROM ${sorted}`,
    )
    await session.run(`DROP TABLE ${sorted}`)
  } else {
    const [first, second] = at.map((moment) => `timestamp < ${moment}::DOUBLE`)
    await session.run(
      `CREATE TABLE ${name} AS SELECT ${columns}, ${partBy(first, second)} FROM ${source}`,
    )
  }
  return partsOf(session, table, name, 'time', method)
}

async function partsOf(
  session: Session,
  source: DuckDbTable,
  name: string,
  order: DuckDbTable['order'],
  method: SplitMethod,
): Promise<DuckDbSplit> {
  const [inTraining] = await session.rows(`SELECT 1 FROM ${name} WHERE part = 0 LIMIT 1`)
  if (!inTraining) {
    throw new InvalidInteractionsError('The train part is empty; there is nothing to learn from.')
  }
  const part = async (suffix: string, mark: number): Promise<DuckDbTable> => {
    const view = `${name}_${suffix}`
    await session.run(
      `CREATE VIEW ${view} AS SELECT "row", ${valueColumns(source)} FROM ${name} WHERE part = ${mark}`,
    )
    return { ...source, name: view, order }
  }
  return {
    source,
    train: await part('train', 0),
    validation: await part('validation', 1),
    test: await part('test', 2),
    method,
  }
}
