import type { DuckDBInstance } from '@duckdb/node-api'
import { type InteractionTable, InvalidOptionsError, parseOptions, type Split } from '@gnnrec/graph'
import * as z from 'zod'
import { type DropDuplicatesOptions, dropDuplicatesSchema } from '../filters/drop-duplicates.js'
import {
  type FilterMinInteractionsOptions,
  filterMinInteractionsSchema,
} from '../filters/filter-min-interactions.js'
import { type FilterRatingOptions, filterRatingSchema } from '../filters/filter-rating.js'
import { type NamedColumnsOptions, namedColumnsSchema } from '../readers/named-columns.js'
import { type CsvOptions, csvSchema, rejectNames } from '../readers/read-csv.js'
import { importOptional } from '../sources/import-optional.js'
import { nodeModule } from '../sources/node-files.js'
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
import { pathOf, readCsvFile, readParquetFile } from './read-files.js'
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
   * What DuckDB may hold in memory before it spills to disk, as it writes it: `'400MB'`, `'2GB'`. The
   * process has its own memory beside it. Default `'1GB'`.
   */
  memoryLimit?: string | undefined
  /** Threads of DuckDB, 1 and up; fewer need less memory. Default 2. */
  threads?: number | undefined
  /** The folder in which a folder for tables and what is spilled is made. Default: the system's. */
  folder?: string | undefined
  /** Interrupts what is running, and all that comes after. */
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

/**
 * Tables of interactions that need not fit into memory: what the functions of `@gnnrec/data` do, as SQL
 * in DuckDB, which spills to disk. The results are the same row for row.
 *
 * Needs the package `@duckdb/node-api`, an optional peer. Tables live in a file of a temporary folder
 * until {@link DuckDb.close}; what an operation is given stays as it is. Random splits are for memory:
 * their draws come from a seeded stream that SQL does not have.
 */
export class DuckDb {
  readonly #instance: DuckDBInstance
  readonly #session: Session
  readonly #folder: string

  private constructor(instance: DuckDBInstance, session: Session, folder: string) {
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
    const { DuckDBInstance } = await importOptional(
      'DuckDb.open',
      '@duckdb/node-api',
      () => import('@duckdb/node-api'),
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
      // Gives freed memory back at once: without it half as much again stays resident.
      allocator_background_threads: 'true',
      allocator_flush_threshold: '16MB',
      // Whatever is not built in would be fetched from the network.
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
   * Reads a delimited file, plain or gzip-compressed; see `readCsv`.
   *
   * @throws FileFormatError naming the row of a value that is missing or broken
   * @throws FileReadError, DuckDbError, InvalidOptionsError
   */
  async readCsv(file: string | URL, options: Omit<CsvOptions, 'signal'>): Promise<DuckDbTable> {
    const { signal: _, ...form } = parseOptions('DuckDb.readCsv', csvSchema, options)
    if (!form.header) rejectNames(form.columns)
    if (form.delimiter.length > 4) {
      throw new InvalidOptionsError(
        `DuckDb.readCsv got the delimiter ${JSON.stringify(form.delimiter)}; DuckDB takes up to 4 characters. Use readCsv of @gnnrec/data.`,
      )
    }
    return readCsvFile(this.#session, pathOf(file), form)
  }

  /**
   * Reads columns of a Parquet file, or of all that a pattern such as `part-*.parquet` names; see
   * `readParquet`.
   *
   * @throws FileFormatError for a missing column, or naming the row of a value that is missing or broken
   * @throws DuckDbError, InvalidOptionsError
   */
  async readParquet(
    file: string | URL,
    options: Omit<NamedColumnsOptions, 'signal'>,
  ): Promise<DuckDbTable> {
    const { columns, idType } = parseOptions('DuckDb.readParquet', namedColumnsSchema, options)
    return readParquetFile(this.#session, pathOf(file), columns, idType)
  }

  /** Copies a table from memory. */
  fromTable(table: InteractionTable): Promise<DuckDbTable> {
    return fromTable(this.#session, table)
  }

  /** One row of every (user, item) pair; see `dropDuplicates`. */
  async dropDuplicates(
    table: DuckDbTable,
    options: DropDuplicatesOptions = {},
  ): Promise<DuckDbTable> {
    const { keep } = parseOptions('DuckDb.dropDuplicates', dropDuplicatesSchema, options)
    return dropDuplicates(this.#session, table, keep)
  }

  /** Rows with a rating from a threshold; see `filterRating`. */
  async filterRating(table: DuckDbTable, options: FilterRatingOptions): Promise<DuckDbTable> {
    const parsed = parseOptions('DuckDb.filterRating', filterRatingSchema, options)
    return filterRating(this.#session, table, parsed)
  }

  /** The k-core, or one pass; see `filterMinInteractions`. */
  async filterMinInteractions(
    table: DuckDbTable,
    options: FilterMinInteractionsOptions,
  ): Promise<DuckDbTable> {
    const owner = 'DuckDb.filterMinInteractions'
    const parsed = parseOptions(owner, filterMinInteractionsSchema, options)
    return filterMinInteractions(this.#session, table, parsed)
  }

  /** The numbers of a table; see `describeTable`. */
  describeTable(table: DuckDbTable): Promise<TableDescription> {
    return describeTable(this.#session, table)
  }

  /** Trains on what came first; see `temporalSplit`. */
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

  /** Tests on every user's last row; see `leaveLastOut`. */
  async leaveLastOut(table: DuckDbTable, options: LeaveLastOutOptions = {}): Promise<DuckDbSplit> {
    const owner = 'DuckDb.leaveLastOut'
    const { validation } = parseOptions(owner, leaveLastOutSchema, options)
    const method = { name: 'leave-last-out', settings: { validation } }
    return splitUsersByTime(this.#session, owner, table, leaveLastOutCuts(validation), method)
  }

  /** A table in memory, 20 bytes a row. */
  toTable(table: DuckDbTable): Promise<InteractionTable> {
    return toTable(this.#session, table)
  }

  /** A split in memory, with the hash that the same split has when it is made there. */
  toSplit(split: DuckDbSplit): Promise<Split> {
    return toSplit(this.#session, split)
  }

  /** Writes the rows, in their order, with the columns `user`, `item`, `rating` and `timestamp`. */
  async writeParquet(table: DuckDbTable, file: string | URL): Promise<void> {
    await this.#session.run(
      `COPY (SELECT ${valueColumns(table)} FROM ${identifier(table.name)} ORDER BY ${orderColumns(table)}) TO ${literal(pathOf(file))} (FORMAT parquet)`,
    )
  }

  /** Removes a table that is no longer needed, to free its place on disk. */
  async drop(table: DuckDbTable): Promise<void> {
    await this.#session.run(`DROP TABLE ${identifier(table.name)}`)
  }

  /** The rows of a query of your own, for small results. */
  query(sql: string): Promise<(number | string | boolean | null)[][]> {
    return this.#session.rows(sql)
  }
}
