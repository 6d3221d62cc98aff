import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readFile } from './read-file.js'
import type { DuckDbEvents, ReadEvents, ReadEventsOptions } from './source.js'

/** Reads a table or the result of a query of DuckDB; the latter goes through a file, so that its types stay. */
export async function readDuckDb(
  { database, events }: DuckDbEvents,
  options: ReadEventsOptions,
): Promise<ReadEvents> {
  if (typeof events !== 'string') {
    return { table: await database.toTable(events), name: 'the table of DuckDB', warnings: [] }
  }
  const folder = await mkdtemp(join(tmpdir(), 'gnnrec-query-'))
  try {
    const file = join(folder, 'events.parquet')
    const select = events.trim().replace(/;$/, '')
    await database.query(`COPY (${select}) TO '${file.replaceAll("'", "''")}' (FORMAT parquet)`)
    return { ...(await readFile(file, options)), name: 'the query' }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}
