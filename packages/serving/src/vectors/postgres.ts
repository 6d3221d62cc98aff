import { type Id, InvalidOptionsError, parseOptions, TimeSlice } from '@gnnrec/graph'
import * as z from 'zod/mini'
import { SerializationError } from '../model-folder/errors.js'
import { show } from '../recommenders/make-recommendation.js'
import { floatText } from '../writers/encoder.js'
import { checkMetric, type VectorMetric, vectorMetrics } from './metrics.js'
import type { VectorTable } from './vector-table.js'

/** A connection to PostgreSQL: a client or pool of the package pg, or a PGlite. */
export interface PostgresClient {
  /** Runs one statement whose parameters `$1`, `$2`, … have these values. */
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>
}

/** Options of {@link writeToPostgres}. */
export interface PostgresOptions {
  /** Name of the table: up to 48 letters, digits and underscores, no digit first. */
  table: string
  /**
   * Name of the table's schema, which must exist.
   *
   * @defaultValue the first one of the connection's search path
   */
  schema?: string
  /**
   * The type of the column `embedding`: float32, or half as many bytes in float16.
   *
   * @defaultValue `'vector'`
   */
  type?: 'vector' | 'halfvec'
  /**
   * The index to make on `embedding`; `'none'` for exact search.
   *
   * @defaultValue `'hnsw'`
   */
  index?: 'hnsw' | 'ivfflat' | 'none'
  /**
   * The metric of the index: `'dot'` is the operator `<#>`, `'cosine'` is `<=>`, `'l2'` is `<->`.
   *
   * @defaultValue `'dot'`
   */
  metric?: VectorMetric
  /** Stops the work between two batches; the error is then the signal's reason. */
  signal?: AbortSignal | undefined
}

/** Facts about what {@link writeToPostgres} wrote. */
export interface PostgresResult {
  /** Number of rows. */
  readonly rows: number
  /** The name of the table as SQL writes it. */
  readonly table: string
}

const isName = (name: string) => /^[A-Za-z_][A-Za-z0-9_]{0,47}$/.test(name)
const nameSchema = z.string({ error: 'expected a name' }).check(
  z.refine(isName, {
    error: 'expected up to 48 letters, digits and underscores, no digit first',
  }),
)
const optionsSchema = z.strictObject({
  table: nameSchema,
  schema: z.optional(nameSchema),
  type: z._default(
    z.enum(['vector', 'halfvec'], { error: "expected 'vector' or 'halfvec'" }),
    'vector',
  ),
  index: z._default(
    z.enum(['hnsw', 'ivfflat', 'none'], { error: "expected 'hnsw', 'ivfflat' or 'none'" }),
    'hnsw',
  ),
  metric: z._default(z.enum(vectorMetrics, { error: "expected 'dot', 'cosine' or 'l2'" }), 'dot'),
  signal: z.optional(z.instanceof(AbortSignal, { error: 'expected an AbortSignal' })),
})

/** Comment on tables that may be replaced, as they hold nothing else. */
const mark = 'Vectors written by gnnrec; replaced as a whole.'
/** Numbers that one statement brings: about 500 kB of text. */
const numbersPerStatement = 1 << 16
/** Largest number that a halfvec holds. */
const largestHalf = 65504
const operators = { dot: 'ip', cosine: 'cosine', l2: 'l2' } as const
/** Longest vectors that pgvector has an index for. */
const mostIndexed = { vector: 2000, halfvec: 4000 } as const

/**
 * Writes ids and vectors into a table of PostgreSQL with the extension pgvector, in the columns `id` (text or bigint, the
 * primary key), `embedding` and, where there are biases, `bias`, and makes an index on `embedding`.
 *
 * All of it goes into a new table that takes the place of the old one in one step: other connections see all of the
 * old rows or all of the new ones, never two models mixed. A table that this function has not written is never replaced. Only
 * one call for a table may run at a time.
 *
 * The best items of a user are those of `SELECT id FROM items ORDER BY embedding <#> $1 LIMIT 20`, where `$1` is the
 * text `JSON.stringify(Array.from(vector))`. With biases and `index: 'none'`, order by `(embedding <#> $1) - bias`.
 *
 * @throws InvalidOptionsError for a wrong option, a metric that orders the rows otherwise than their scores, a number
 * too large for a halfvec, or a table that is there and was not written by this function
 * @throws SerializationError when the database refuses; what the table held before is unchanged
 *
 * @example
 * ```ts no-run
 * import { Recommender } from '@gnnrec/serving'
 * import { type PostgresClient, vectorsOf, writeToPostgres } from '@gnnrec/serving/vectors'
 *
 * declare const client: PostgresClient // new Client() of the package pg
 * const recommender = await Recommender.load('model')
 * const { users, items } = vectorsOf(recommender)
 * await writeToPostgres(client, items, { table: 'items' })
 * await writeToPostgres(client, users, { table: 'users', index: 'none' })
 * ```
 */
export async function writeToPostgres<RowId extends Id>(
  client: PostgresClient,
  table: VectorTable<RowId>,
  options: PostgresOptions,
): Promise<PostgresResult> {
  if (typeof client?.query !== 'function') {
    throw new InvalidOptionsError(
      'client: got no method query; expected a Client or Pool of the package pg, or a PGlite.',
    )
  }
  const asked = parseOptions('writeToPostgres', optionsSchema, options)
  const { type, index, metric, signal } = asked
  if (index !== 'none') checkIndexed(table, type, metric)
  if (type === 'halfvec') checkHalves(table)
  const place = (name: string) => (asked.schema ? `"${asked.schema}"."${name}"` : `"${name}"`)
  const target = place(asked.table)
  const draft = place(`${asked.table}_new`)
  const run = async (text: string, values?: unknown[]) => {
    try {
      return (await client.query(text, values)).rows
    } catch (cause) {
      const { message } = cause as Error
      throw new SerializationError(
        `Could not write the table ${target}: ${message}. What it held before is unchanged.`,
        { cause },
      )
    }
  }
  const slice = new TimeSlice(signal)
  const installed = await run("SELECT 1 FROM pg_extension WHERE extname = 'vector'")
  if (installed.length === 0) await run('CREATE EXTENSION vector')
  await checkReplaceable(run, [target, draft])
  const idType = typeof table.ids[0] === 'number' ? 'bigint' : 'text'
  await run(`DROP TABLE IF EXISTS ${draft}`)
  try {
    const bias = table.bias ? ', bias real NOT NULL' : ''
    await run(
      `CREATE TABLE ${draft} (id ${idType} PRIMARY KEY, embedding ${type}(${table.dim}) NOT NULL${bias})`,
    )
    await run(`COMMENT ON TABLE ${draft} IS '${mark}'`)
    const columns = `id, embedding${table.bias ? ', bias' : ''}`
    const insert = `INSERT INTO ${draft} (${columns}) SELECT id, embedding::${type}${table.bias ? ', bias' : ''} FROM json_to_recordset($1::json) AS r(id ${idType}, embedding text, bias real)`
    const step = Math.max(1, Math.floor(numbersPerStatement / table.dim))
    for (let first = 0; first < table.size; first += step) {
      if (first > 0) await slice.next()
      await run(insert, [rowsAsJson(table, first, Math.min(table.size, first + step))])
    }
    if (index !== 'none') {
      await run(
        `CREATE INDEX ON ${draft} USING ${index} (embedding ${type}_${operators[metric]}_ops)`,
      )
    }
    await slice.next()
    // A block is one statement, so that both take effect or neither.
    await run(
      `DO $swap$ BEGIN DROP TABLE IF EXISTS ${target}; ALTER TABLE ${draft} RENAME TO "${asked.table}"; END $swap$`,
    )
  } catch (error) {
    // The caller must see the first error, not one of clearing up.
    await client.query(`DROP TABLE IF EXISTS ${draft}`).catch(() => undefined)
    throw error
  }
  return { rows: table.size, table: target }
}

async function checkReplaceable(
  run: (text: string, values?: unknown[]) => Promise<readonly unknown[]>,
  names: readonly string[],
): Promise<void> {
  for (const name of names) {
    const rows = await run(
      "SELECT obj_description(to_regclass($1), 'pg_class') AS comment WHERE to_regclass($1) IS NOT NULL",
      [name],
    )
    const found = rows[0] as { readonly comment: string | null } | undefined
    if (!found || found.comment === mark) continue
    throw new InvalidOptionsError(
      `table: ${name} is there and was not written by writeToPostgres, so it is kept. Choose another name, or drop it first.`,
    )
  }
}

/** Returns rows as the text of a JSON array, in which a vector is a text that pgvector reads. */
function rowsAsJson(table: VectorTable, first: number, last: number): string {
  const { ids, bias } = table
  const rows = ids.slice(first, last).map((id, at) => ({
    id,
    embedding: `[${Array.from(table.vectorAt(first + at), floatText).join()}]`,
    ...(bias && { bias: floatText(bias[first + at]) }),
  }))
  return JSON.stringify(rows)
}

function checkIndexed(table: VectorTable, type: 'vector' | 'halfvec', metric: VectorMetric): void {
  checkMetric(table, metric)
  if (table.dim <= mostIndexed[type]) return
  throw new InvalidOptionsError(
    `index: got vectors of ${table.dim} numbers; pgvector has an index for a ${type} of up to ${mostIndexed[type]}. Pass index: 'none'.`,
  )
}

function checkHalves({ vectors, ids, dim }: VectorTable): void {
  const at = vectors.findIndex((value) => Math.abs(value) > largestHalf)
  if (at === -1) return
  throw new InvalidOptionsError(
    `type: got ${vectors[at]} in the vector of ${show(ids[Math.floor(at / dim)])}; a halfvec holds numbers up to ${largestHalf}. Pass type: 'vector'.`,
  )
}
