import { FileFormatError } from '../errors.js'
import type { NamedColumns } from '../readers/named-columns.js'
import { nodeModule } from '../sources/node-files.js'
import type { IdType } from '../tables/id-type.js'
import {
  DuckDbError,
  type DuckDbTable,
  identifier,
  literal,
  type Session,
  type StoredIdType,
  sqlIdType,
} from './session.js'

/** A file as a source of SQL, with the expressions for its columns. */
interface Origin {
  readonly path: string
  /** The SQL after `FROM`. */
  readonly from: string
  readonly user: string
  readonly item: string
  readonly rating: string | undefined
  readonly timestamp: string | undefined
  readonly idType: { readonly user: IdType; readonly item: IdType }
  /** True when the columns of ids have types, as in Parquet. In CSV they are text. */
  readonly isTyped: boolean
}

/** Reads columns of a Parquet file, or of all files that match a pattern, into a table of DuckDB. */
export async function readParquetFile(
  session: Session,
  path: string,
  columns: NamedColumns,
  idType: { readonly user: IdType; readonly item: IdType },
): Promise<DuckDbTable> {
  const from = `read_parquet(${literal(path)})`
  const described = await session.rows(`DESCRIBE SELECT * FROM ${from}`)
  const types = new Map(described.map(([name, type]) => [name as string, type as string]))
  for (const wanted of Object.values(columns) as (string | undefined)[]) {
    if (wanted === undefined || types.has(wanted)) continue
    const found = [...types.keys()].map((name) => JSON.stringify(name)).join(', ')
    throw new FileFormatError(
      path,
      undefined,
      `no column ${JSON.stringify(wanted)}; the columns are ${found}.`,
    )
  }
  const { rating, timestamp } = columns
  const isTime = timestamp !== undefined && /^(DATE|TIMESTAMP)/.test(types.get(timestamp) ?? '')
  const time = timestamp && identifier(timestamp)
  return store(session, {
    path,
    from,
    idType,
    isTyped: true,
    user: identifier(columns.user),
    item: identifier(columns.item),
    rating: rating && singleOf(identifier(rating)),
    timestamp: time && (isTime ? `epoch(${time})` : `TRY_CAST(${time} AS DOUBLE)`),
  })
}

/** Returns SQL for a number in single precision, rounded from double as in memory, or NULL. */
function singleOf(value: string): string {
  return `TRY_CAST(TRY_CAST(${value} AS DOUBLE) AS FLOAT)`
}

async function store(session: Session, origin: Origin): Promise<DuckDbTable> {
  const { path, from, user, item, rating, timestamp } = origin
  const idTypes = await orFormatError(path, async () => ({
    user: await storedType(session, origin, 'user'),
    item: await storedType(session, origin, 'item'),
  }))
  const name = session.newName('table')
  const id = (value: string, type: StoredIdType): string =>
    `TRY_CAST(${value} AS ${sqlIdType(type)})`
  const columns = [
    `row_number() OVER () - 1 AS "row"`,
    `${id(user, idTypes.user)} AS "user"`,
    `${id(item, idTypes.item)} AS item`,
    ...(rating ? [`${rating} AS rating`] : []),
    ...(timestamp ? [`${timestamp} AS timestamp`] : []),
  ]
  await orFormatError(path, () =>
    session.run(`CREATE TABLE ${name} AS SELECT ${columns.join(', ')} FROM ${from}`),
  )
  const table: DuckDbTable = {
    name,
    idTypes,
    order: 'row',
    hasRating: rating !== undefined,
    hasTimestamp: timestamp !== undefined,
  }
  try {
    await rejectBroken(session, path, table)
  } catch (error) {
    await session.run(`DROP TABLE ${name}`)
    throw error
  }
  return table
}

/** Turns DuckDB's errors about the content of a file into format errors, without its list of settings. */
async function orFormatError<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (cause) {
    if (!(cause instanceof DuckDbError)) throw cause
    const isAboutFile = /csv|parquet|encod|unicode|gzip/i.test(cause.message)
    if (!isAboutFile) throw cause
    const [text] = cause.message.split(/\nPossible |\n\n/)
    throw new FileFormatError(path, undefined, text.replaceAll('\n', '; '))
  }
}

/**
 * Decides the type of a column of ids: numbers when all ids are canonical safe integers, else strings.
 *
 * @throws FileFormatError when numbers are wanted and an id is not one
 */
async function storedType(
  session: Session,
  { from, idType, isTyped, ...names }: Origin,
  what: 'user' | 'item',
): Promise<StoredIdType> {
  const wanted = idType[what]
  if (wanted === 'string') return 'string'
  const value = names[what]
  if (isTyped && wanted === 'auto') {
    const [type] = await session
      .row(`SELECT typeof(${value}) FROM ${from} LIMIT 1`)
      .then((row) => row ?? [''])
    if (!/INT|DOUBLE|FLOAT|DECIMAL/.test(String(type))) return 'string'
  }
  const text = `${value}::VARCHAR`
  const isCanonical = `regexp_full_match(${text}, '0|-?[1-9][0-9]*') AND abs(TRY_CAST(${text} AS HUGEINT)) <= ${Number.MAX_SAFE_INTEGER}`
  const [all, wrong] = await session.row(
    `SELECT coalesce(bool_and(coalesce(${isCanonical}, false)), false), any_value(${text}) FILTER (WHERE NOT (${isCanonical})) FROM ${from}`,
  )
  if (all) return 'number'
  if (wanted === 'auto') return 'string'
  throw new FileFormatError(
    names.path,
    undefined,
    `got the ${what} ${JSON.stringify(wrong)}, expected a safe integer without leading zeros. Pass idType: 'string' or 'auto' to keep such ids as strings.`,
  )
}

/**
 * Checks that a table has rows and that all their values are valid.
 *
 * @throws FileFormatError when a value is missing or not finite (the message names the first such row), or
 * there are no rows
 */
async function rejectBroken(session: Session, path: string, table: DuckDbTable): Promise<void> {
  const { name, hasRating, hasTimestamp, idTypes } = table
  const missing = (column: string, type: StoredIdType): string =>
    type === 'number' ? `${column} IS NULL` : `(${column} IS NULL OR ${column} = '')`
  const checks = [
    ['user', missing('"user"', idTypes.user)],
    ['item', missing('item', idTypes.item)],
    ...(hasRating ? [['rating', '(rating IS NULL OR NOT isfinite(rating))']] : []),
    ...(hasTimestamp ? [['timestamp', '(timestamp IS NULL OR NOT isfinite(timestamp))']] : []),
  ]
  const firsts = checks.map(([, condition]) => `min("row") FILTER (WHERE ${condition})`)
  const [rows, ...found] = await session.row(`SELECT count(*), ${firsts.join(', ')} FROM ${name}`)
  if (rows === 0) throw new FileFormatError(path, undefined, 'the file has no rows.')
  for (const [place, row] of found.entries()) {
    if (row === null) continue
    const [what] = checks[place]
    const expected = what === 'user' || what === 'item' ? 'an id' : 'a finite number'
    throw new FileFormatError(
      path,
      undefined,
      `row ${(row as number) + 1} has no valid ${what}, expected ${expected}.`,
    )
  }
}

/** Returns the path of a file that is given as a path or as a `file:` URL. */
export function pathOf(source: string | URL): string {
  return source instanceof URL ? nodeModule('node:url').fileURLToPath(source) : source
}
