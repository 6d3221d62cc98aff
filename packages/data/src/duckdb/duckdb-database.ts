import type * as DuckDbPackage from '@duckdb/node-api'
import { type InteractionTable, parseOptions, type Split } from '@gnnrec/graph'
import * as z from 'zod'
import { FileReadError } from '../errors.js'
import { type DropDuplicatesOptions, dropDuplicatesSchema } from '../filters/drop-duplicates.js'
import {
  type FilterMinInteractionsOptions,
  filterMinInteractionsSchema,
} from '../filters/filter-min-interactions.js'
import { type FilterRatingOptions, filterRatingSchema } from '../filters/filter-rating.js'
import { type NamedColumnsOptions, namedColumnsSchema } from '../readers/named-columns.js'
import type { CsvOptions } from '../readers/read-csv.js'
import type { FileSource } from '../sources/file-source.js'
import { importNative } from '../sources/import-optional.js'
import { nodeModule } from '../sources/node-files.js'
import { isRegularFile } from '../sources/open-file.js'
import {
  type LeaveLastOutOptions,
  leaveLastOutCuts,
  leaveLastOutSchema,
} from '../splits/leave-last-out.js'
import { cutPoints, defaultRatios, userCutPoints } from '../splits/split-ratios.js'
import { type TemporalSplitOptions, temporalSplitSchema } from '../splits/temporal-split.js'
import type { TableDescription } from '../tables/describe-table.js'
import { describeTable } from './describe.js'
import { dropDuplicates, filterMinInteractions, filterRating } from './filters.js'
import { readCsvFile } from './read-csv-file.js'
import { pathOf, readParquetFile } from './read-parquet-files.js'
import {
  type DuckDbTable,
  identifier,
  literal,
  orderColumns,
  Session,
  valueColumns,
} from './session.js'
import { type DuckDbSplit, splitAllByTime, splitUsersByTime } from './splits.js'
import { fromTable, toSplit, toTable } from './table-transfer.js'

/** Options of {@link DuckDb.open}. */
export interface DuckDbOptions {
  /**
   * The memory that DuckDB may use before it spills to disk, such as `'400MB'` or `'2GB'`. The memory of
   * the process itself comes on top.
   *
   * @defaultValue `'1GB'`
   */
  memoryLimit?: string | undefined
  /**
   * The number of threads of DuckDB, 1 or more. Fewer threads need less memory.
   *
   * @defaultValue `2`
   */
  threads?: number | undefined
  /**
   * The folder in which a temporary folder for the database is created.
   *
   * @defaultValue the system's folder for temporary files
   */
  folder?: string | undefined
  /** A signal that interrupts the running operation and all later ones. */
  signal?: AbortSignal | undefined
}

const schema = z.strictObject({
  memoryLimit: z
    .string()
    .regex(/^\d+(\.\d+)?\s*(KB|MB|GB|TB|KiB|MiB|GiB|TiB)$/, {
      error: "expected a number and a unit, such as '400MB'",
    })
    .default('1GB'),
  threads: z.int().min(1).default(2),
  folder: z.string().min(1).optional(),
  signal: z.instanceof(AbortSignal).optional(),
})

const parquetSchema = namedColumnsSchema.pick({ columns: true, idType: true })

/**
 * A database for tables of interactions that may be larger than memory. Its methods do the same as the
 * functions of `@gnnrec/data`, by SQL in DuckDB, which spills to disk. The results are the same row for
 * row.
 *
 * It needs the package `@duckdb/node-api`, an optional peer dependency. The tables are in a temporary
 * folder until {@link DuckDb.close}. A method never changes the table that it is given. There are no
 * random splits, because SQL cannot draw the same random numbers.
 *
 * @example
 * ```ts
 * import { loadMovieTweetings } from '@gnnrec/data'
 * import { DuckDb } from '@gnnrec/data/duckdb'
 *
 * const { interactions } = await loadMovieTweetings()
 * const db = await DuckDb.open({ memoryLimit: '400MB' })
 * const core = await db.filterMinInteractions(await db.fromTable(interactions), { minPerUser: 20 })
 * const split = await db.toSplit(await db.temporalSplit(core))
 * await db.close()
 * console.log(split.train.userIndex.length)
 * ```
 */
export class DuckDb {
  readonly #instance: DuckDbPackage.DuckDBInstance
  readonly #session: Session
  readonly #folder: string

  private constructor(instance: DuckDbPackage.DuckDBInstance, session: Session, folder: string) {
    this.#instance = instance
    this.#session = session
    this.#folder = folder
  }

  /**
   * Opens an empty database.
   *
   * @throws MissingDependencyError, InvalidOptionsError
   */
  static async open(options: DuckDbOptions = {}): Promise<DuckDb> {
    const { memoryLimit, threads, folder, signal } = parseOptions('DuckDb.open', schema, options)
    const { DuckDBInstance } = await importNative<typeof DuckDbPackage>(
      'DuckDb.open',
      '@duckdb/node-api',
    )
    const { mkdtemp } = nodeModule('node:fs/promises')
    const { join } = nodeModule('node:path')
    const parent = folder ?? nodeModule('node:os').tmpdir()
    const own = await mkdtemp(join(parent, 'gnnrec-duckdb-'))
    const instance = await DuckDBInstance.create(join(own, 'tables.duckdb'), {
      memory_limit: memoryLimit,
      threads: String(threads),
      temp_directory: join(own, 'spilled'),
      preserve_insertion_order: 'true',
      // Freed memory is given back at once. Otherwise half as much again stays resident.
      allocator_background_threads: 'true',
      allocator_flush_threshold: '16MB',
      // Extensions that are not built in would be downloaded.
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    })
    return new DuckDb(instance, new Session(await instance.connect(), signal), own)
  }

  /** Closes the database and removes its files. */
  async close(): Promise<void> {
    this.#session.connection.closeSync()
    this.#instance.closeSync()
    await nodeModule('node:fs/promises').rm(this.#folder, { recursive: true, force: true })
  }

  /**
   * Reads a delimited file, plain or compressed, like `readCsv`: by the same code, one piece at a time.
   *
   * @throws FileFormatError for the reasons given at `readCsv`; the message names the file and the line
   * @throws FileReadError, DuckDbError, InvalidOptionsError
   */
  readCsv(source: FileSource, options: Omit<CsvOptions, 'signal'>): Promise<DuckDbTable> {
    return readCsvFile(this.#session, source, options)
  }

  /**
   * Reads columns of a Parquet file, or of all files that match a pattern such as `part-*.parquet`, like
   * `readParquet`.
   *
   * @throws FileFormatError for a missing column, and for a value that is missing or wrong; the message
   * names the row
   * @throws DuckDbError, InvalidOptionsError
   */
  async readParquet(
    file: string | URL,
    options: Pick<NamedColumnsOptions, 'columns' | 'idType'>,
  ): Promise<DuckDbTable> {
    const { columns, idType } = parseOptions('DuckDb.readParquet', parquetSchema, options)
    const path = pathOf(file)
    // DuckDB would read a device without end, and wait for the writer of a pipe for ever.
    if (!(await isRegularFile(path))) {
      throw new FileReadError(
        path,
        `Cannot read ${path}: it is not a regular file. Copy it to one.`,
      )
    }
    return readParquetFile(this.#session, path, columns, idType)
  }

  /**
   * Copies a table from memory into the database.
   *
   * @throws InvalidInteractionsError when the table was put together by hand and a row does not fit
   */
  fromTable(table: InteractionTable): Promise<DuckDbTable> {
    return fromTable(this.#session, table)
  }

  /** Keeps one row of every (user, item) pair, like `dropDuplicates`. */
  async dropDuplicates(
    table: DuckDbTable,
    options: DropDuplicatesOptions = {},
  ): Promise<DuckDbTable> {
    const parsed = parseOptions('DuckDb.dropDuplicates', dropDuplicatesSchema, options)
    return dropDuplicates(this.#session, table, parsed)
  }

  /** Keeps the rows with a rating of at least a threshold, like `filterRating`. */
  async filterRating(table: DuckDbTable, options: FilterRatingOptions): Promise<DuckDbTable> {
    const parsed = parseOptions('DuckDb.filterRating', filterRatingSchema, options)
    return filterRating(this.#session, table, parsed)
  }

  /** Drops users and items with too few rows, like `filterMinInteractions`. */
  async filterMinInteractions(
    table: DuckDbTable,
    options: FilterMinInteractionsOptions,
  ): Promise<DuckDbTable> {
    const owner = 'DuckDb.filterMinInteractions'
    const parsed = parseOptions(owner, filterMinInteractionsSchema, options)
    return filterMinInteractions(this.#session, table, parsed)
  }

  /** Computes the key figures of a table, like `describeTable`. */
  describeTable(table: DuckDbTable): Promise<TableDescription> {
    return describeTable(this.#session, table)
  }

  /** Splits rows by time, like `temporalSplit`. */
  async temporalSplit(
    table: DuckDbTable,
    options: TemporalSplitOptions = {},
  ): Promise<DuckDbSplit> {
    const owner = 'DuckDb.temporalSplit'
    const parsed = parseOptions(owner, temporalSplitSchema, options)
    const { ratios = defaultRatios, rounding, scope, at } = parsed
    const method = {
      name: 'temporal',
      settings: { scope, ...(at ? { at } : { ratios, rounding }) },
    }
    if (scope === 'global') {
      const cut = at ?? ((rows: number) => cutPoints(rows, ratios, rounding))
      return splitAllByTime(this.#session, owner, table, cut, method)
    }
    const cut = (rows: number) => userCutPoints(rows, ratios, rounding)
    return splitUsersByTime(this.#session, owner, table, cut, method)
  }

  /** Splits a table so that every user's last row is for testing, like `leaveLastOut`. */
  async leaveLastOut(table: DuckDbTable, options: LeaveLastOutOptions = {}): Promise<DuckDbSplit> {
    const owner = 'DuckDb.leaveLastOut'
    const { validation } = parseOptions(owner, leaveLastOutSchema, options)
    const method = { name: 'leave-last-out', settings: { validation } }
    return splitUsersByTime(this.#session, owner, table, leaveLastOutCuts(validation), method)
  }

  /** Copies a table into memory, where it takes 20 to 24 bytes a row. */
  toTable(table: DuckDbTable): Promise<InteractionTable> {
    return toTable(this.#session, table)
  }

  /** Copies a split into memory. It has the same hash as if it had been made in memory. */
  toSplit(split: DuckDbSplit): Promise<Split> {
    return toSplit(this.#session, split)
  }

  /** Writes the rows in order to a Parquet file with the columns `user`, `item`, `rating`, `timestamp` and `weight`. */
  async writeParquet(table: DuckDbTable, file: string | URL): Promise<void> {
    await this.#session.run(
      `COPY (SELECT ${valueColumns(table)} FROM ${identifier(table.name)} ORDER BY ${orderColumns(table)}) TO ${literal(pathOf(file))} (FORMAT parquet)`,
    )
  }

  /** Removes a table to free its space on disk. */
  async drop(table: DuckDbTable): Promise<void> {
    await this.#session.run(`DROP TABLE ${identifier(table.name)}`)
  }

  /** Runs an SQL query of your own and returns its rows. The result has to fit into memory. */
  query(sql: string): Promise<(number | string | boolean | null)[][]> {
    return this.#session.rows(sql)
  }
}
