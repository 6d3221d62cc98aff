import { ColumnBatches } from '../columnar/column-batches.js'
import {
  type ColumnKind,
  decimalOf,
  findColumns,
  type Role,
  type TypedColumn,
  textOrBytes,
} from '../columnar/column-kinds.js'
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

/** A column of a Parquet file with its name and type in SQL. */
interface SqlColumn extends TypedColumn {
  /** The name in SQL. DuckDB renames a column whose name another one has, in any case of letters. */
  readonly sqlName: string
  readonly sqlType: string
}

/** A Parquet file, or several, as a source of SQL. */
interface Origin {
  readonly path: string
  /** The SQL after `FROM`. */
  readonly from: string
  readonly columns: ReadonlyMap<Role, SqlColumn>
  readonly wanted: NamedColumns
  readonly idType: { readonly user: IdType; readonly item: IdType }
}

/**
 * Reads columns of a Parquet file, or of all files that match a pattern, into a table of DuckDB. SQL finds
 * the first row that cannot be read, and the code of `readParquet` says what is wrong with it.
 *
 * @throws FileFormatError, DuckDbError
 */
export async function readParquetFile(
  session: Session,
  path: string,
  wanted: NamedColumns,
  idType: { readonly user: IdType; readonly item: IdType },
): Promise<DuckDbTable> {
  const from = `read_parquet(${literal(path)})`
  const described = await orFormatError(path, () => session.rows(`DESCRIBE SELECT * FROM ${from}`))
  const names = await orFormatError(path, () => columnNames(session, path))
  const found = described.map(([sqlName, sqlType], place) => ({
    name: names[place] ?? (sqlName as string),
    kind: kindOf(sqlType as string),
    sqlName: sqlName as string,
    sqlType: sqlType as string,
  }))
  const columns = findColumns(path, wanted, found)
  await rejectLongDecimals(session, path, columns)
  return orFormatError(path, () => store(session, { path, from, columns, wanted, idType }))
}

/** Returns the names of all columns as they are in a file, or in the first one that matches a pattern. */
async function columnNames(session: Session, path: string): Promise<string[]> {
  const entries = await session.rows(
    `SELECT name, coalesce(num_children, 0), file_name FROM parquet_schema(${literal(path)})`,
  )
  const names: string[] = []
  // The schema is a tree in depth-first order, and its root is a structure of all columns.
  let inside = 0
  for (const [name, children, file] of entries.slice(1) as [string, number, string][]) {
    if (file !== entries[0][2]) break
    if (inside === 0) names.push(name)
    else inside--
    inside += children
  }
  return names
}

/**
 * Checks that no wanted column has decimal numbers of more than 38 digits, which DuckDB reads as other
 * numbers.
 *
 * @throws FileFormatError when there is one
 */
async function rejectLongDecimals(
  session: Session,
  path: string,
  columns: Origin['columns'],
): Promise<void> {
  const rows = await session.rows(
    `SELECT DISTINCT name FROM parquet_schema(${literal(path)}) WHERE precision > 38`,
  )
  const long = new Set(rows.map(([name]) => name))
  for (const { name } of columns.values()) {
    if (!long.has(name)) continue
    throw new FileFormatError(
      path,
      undefined,
      `the column ${JSON.stringify(name)} has decimal numbers of more than 38 digits, which DuckDB cannot read. Use readParquet of @gnnrec/data, or write them as DOUBLE.`,
    )
  }
}

function kindOf(sqlType: string): ColumnKind {
  if (/\]$|^(STRUCT|MAP|UNION)\(/.test(sqlType)) return 'list or structure'
  if (/^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/.test(sqlType)) return 'integer'
  if (/^(FLOAT|DOUBLE)$/.test(sqlType)) return 'float'
  if (sqlType.startsWith('DECIMAL(')) return 'decimal'
  if (/^(VARCHAR|UUID)$|^ENUM\(/.test(sqlType)) return 'text'
  if (sqlType === 'BLOB') return 'bytes'
  if (sqlType === 'DATE') return 'date'
  if (sqlType.startsWith('TIMESTAMP')) return 'timestamp'
  if (sqlType.startsWith('TIME')) return 'time of day'
  if (sqlType === 'INTERVAL') return 'duration'
  return sqlType === 'BOOLEAN' ? 'boolean' : 'other'
}

async function store(session: Session, origin: Origin): Promise<DuckDbTable> {
  const { from, columns } = origin
  const user = columns.get('user') as SqlColumn
  const item = columns.get('item') as SqlColumn
  const rating = columns.get('rating')
  const timestamp = columns.get('timestamp')
  const weight = columns.get('weight')
  const idTypes = {
    user: await storedType(session, origin, 'user', user),
    item: await storedType(session, origin, 'item', item),
  }
  const name = session.newName('table')
  const selected = [
    'row_number() OVER () - 1 AS "row"',
    `${storedId(user, idTypes.user)} AS "user"`,
    `${storedId(item, idTypes.item)} AS item`,
    ...(rating ? [`TRY_CAST(${numberOf(rating)} AS FLOAT) AS rating`] : []),
    ...(timestamp ? [`${numberOf(timestamp)} AS timestamp`] : []),
    ...(weight ? [`TRY_CAST(${numberOf(weight)} AS FLOAT) AS weight`] : []),
  ]
  await session.run(`CREATE TABLE ${name} AS SELECT ${selected.join(', ')} FROM ${from}`)
  const table: DuckDbTable = {
    name,
    idTypes,
    order: 'row',
    hasRating: rating !== undefined,
    hasTimestamp: timestamp !== undefined,
    hasWeight: weight !== undefined,
  }
  try {
    await rejectBroken(session, origin, table)
  } catch (error) {
    await session.run(`DROP TABLE ${name}`)
    throw error
  }
  return table
}

/** Returns SQL for the number in a column, as a double. Dates and times become seconds since 1970. */
function numberOf({ sqlName, kind, sqlType }: SqlColumn): string {
  const value = identifier(sqlName)
  if (kind === 'date') return `epoch(${value})`
  if (kind !== 'timestamp') return `TRY_CAST(${value} AS DOUBLE)`
  if (sqlType !== 'TIMESTAMP_NS') return `epoch_us(${value})::DOUBLE / 1e6`
  const count = `epoch_ns(${value})`
  return `CASE WHEN ${count} % 1000 = 0 THEN (${count} // 1000)::DOUBLE / 1e6 ELSE ${count}::DOUBLE / 1e9 END`
}

const isText = ({ kind }: SqlColumn): boolean => kind === 'text' || kind === 'bytes'

const safe = Number.MAX_SAFE_INTEGER

/** Returns SQL for an id as a text or an integer, or NULL for a value that is neither. */
function idOf(column: SqlColumn): string {
  const value = identifier(column.sqlName)
  if (column.kind === 'bytes') return `TRY(decode(${value}))`
  if (column.kind === 'text') return `${value}::VARCHAR`
  if (column.kind === 'integer') return `${value}::HUGEINT`
  const isInteger = `${value} = trunc(${value})`
  return column.kind === 'decimal'
    ? `CASE WHEN ${isInteger} THEN ${value}::HUGEINT END`
    : `CASE WHEN ${isInteger} AND abs(${value}) <= ${safe} THEN ${value}::HUGEINT END`
}

/** Returns SQL for an id in the type in which it is stored, or NULL for a value that is no such id. */
function storedId(column: SqlColumn, type: StoredIdType): string {
  const id = idOf(column)
  if (type === 'string') return `nullif(${id}::VARCHAR, '')`
  const isNumber = isText(column)
    ? `regexp_full_match(${id}, '0|-?[1-9][0-9]*') AND TRY_CAST(${id} AS HUGEINT) BETWEEN -${safe} AND ${safe}`
    : `${id} BETWEEN -${safe} AND ${safe}`
  return `CASE WHEN ${isNumber} THEN TRY_CAST(${id} AS ${sqlIdType(type)}) END`
}

/** Decides the type of a column of ids like `TypedTable`: integers stay numbers when all of them are safe. */
async function storedType(
  session: Session,
  { from, idType }: Origin,
  what: 'user' | 'item',
  column: SqlColumn,
): Promise<StoredIdType> {
  const wanted = idType[what]
  if (wanted !== 'auto') return wanted
  if (isText(column)) return 'string'
  const id = idOf(column)
  const [large] = await session.row(
    `SELECT bool_or(${id} NOT BETWEEN -${safe} AND ${safe}) FROM ${from}`,
  )
  return large === true ? 'string' : 'number'
}

/**
 * Checks that a table has rows and that all their values are valid.
 *
 * @throws FileFormatError when a value is missing or wrong (the message names the first such row), or there
 * are no rows
 */
async function rejectBroken(
  session: Session,
  { path, from, columns, wanted, idType }: Origin,
  { name, hasRating, hasTimestamp, hasWeight }: DuckDbTable,
): Promise<void> {
  const broken = [
    '"user" IS NULL',
    'item IS NULL',
    ...(hasRating ? ['rating IS NULL', 'NOT isfinite(rating)'] : []),
    ...(hasTimestamp
      ? ['timestamp IS NULL', 'NOT isfinite(timestamp)', `abs(timestamp) > ${safe}`]
      : []),
    ...(hasWeight ? ['weight IS NULL', 'NOT isfinite(weight)', 'weight <= 0'] : []),
  ]
  const [rows, row] = await session.row(
    `SELECT count(*), min("row") FILTER (WHERE ${broken.join(' OR ')}) FROM ${name}`,
  )
  if (rows === 0) throw new FileFormatError(path, undefined, 'the file has no rows.')
  if (row === null) return
  const first = row as number
  const values = await valuesOf(session, from, columns, first)
  const batches = new ColumnBatches(path, wanted, idType, first)
  await batches.add((column) => ({ length: 1, at: () => values.get(column) }))
  throw new FileFormatError(path, undefined, `row ${first + 1} cannot be read.`)
}

/** Returns the values of one row by column, as `readParquet` has them. */
async function valuesOf(
  session: Session,
  from: string,
  columns: Origin['columns'],
  row: number,
): Promise<Map<string, unknown>> {
  const wanted = [...columns.values()]
  const place = identifier(unusedName(wanted.map(({ sqlName }) => sqlName)))
  const [values] = await session.values(
    `SELECT ${wanted.map(storedValue).join(', ')} FROM (SELECT *, row_number() OVER () - 1 AS ${place} FROM ${from}) WHERE ${place} = ${row}`,
  )
  return new Map(wanted.map(({ name }, column) => [name, plainValue(values[column])]))
}

function storedValue(column: SqlColumn): string {
  if (column.kind === 'text') return `${identifier(column.sqlName)}::VARCHAR`
  const isTime = column.kind === 'timestamp' || column.kind === 'date'
  return isTime ? numberOf(column) : identifier(column.sqlName)
}

function plainValue(value: unknown): unknown {
  if (value instanceof Object && 'scale' in value && 'value' in value) {
    return decimalOf(value.value as bigint, value.scale as number)
  }
  return value instanceof Object && 'bytes' in value
    ? textOrBytes(value.bytes as Uint8Array)
    : value
}

/** Returns a name for a column that none of the given columns has. */
function unusedName(names: readonly string[]): string {
  return 'r'.repeat(names.reduce((most, { length }) => Math.max(most, length), 0) + 1)
}

/** Turns Parquet errors of DuckDB into format errors. */
async function orFormatError<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (cause) {
    if (!(cause instanceof DuckDbError)) throw cause
    if (!/parquet|unicode|utf8/i.test(cause.message)) throw cause
    throw new FileFormatError(path, undefined, cause.message.replaceAll('\n', '; '))
  }
}

/** Returns the path of a file that is given as a path or as a `file:` URL. */
export function pathOf(source: string | URL): string {
  return source instanceof URL ? nodeModule('node:url').fileURLToPath(source) : source
}
