import { stat } from 'node:fs/promises'
import { type FileSource, readInteractions } from '@gnnrec/data'
import { machineMemory } from '@gnnrec/graph/kernels'
import { DataTooLargeError } from '../errors.js'
import type { EventColumns, ReadEvents, ReadEventsOptions } from './source.js'

/** Bytes of a file for each byte of its table, at the least: short numeric ids in lines of text. */
const tableShare = 0.5
/** Share of the memory of the machine that a table may take. */
const memoryShare = 0.5

/** Reads a file as `inspectFile` recognizes it, with the columns that are given. */
export async function readFile(
  source: FileSource,
  { columns, header, timestampFormat, maxMemory, signal }: ReadEventsOptions,
): Promise<ReadEvents> {
  await checkSize(source, maxMemory ?? machineMemory() * memoryShare)
  const { interactions, inspection } = await readInteractions(source, {
    columns,
    header,
    timestampFormat,
    signal,
  })
  const { name, suggestion, warnings } = inspection
  const read = (suggestion?.options as { columns?: EventColumns } | undefined)?.columns
  return { table: interactions, name, warnings, ...(read && { columns: read }) }
}

/** @throws DataTooLargeError for a file on the disk whose table would take more than the limit */
async function checkSize(source: FileSource, limit: number): Promise<void> {
  if (typeof source !== 'string' && !(source instanceof URL && source.protocol === 'file:')) return
  const size = await stat(source).then(
    (found) => (found.isFile() ? found.size : 0),
    // Reading says what is wrong.
    () => 0,
  )
  const needed = size * tableShare
  if (needed <= limit) return
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`
  throw new DataTooLargeError(
    `${source} has ${gigabytes(size)}; its table would take about ${gigabytes(needed)}, and at most ${gigabytes(limit)} may be used. Filter it in DuckDB and pass the rest: const database = await DuckDb.open({ memoryLimit: '4GB' }) of @gnnrec/data/duckdb, then train({ database, events: "SELECT user, item, ts FROM 'events.csv' WHERE …" }); or train in files with @gnnrec/out-of-core; or raise maxMemory (--memory).`,
  )
}
