import { stat } from 'node:fs/promises'
import {
  type FileInspection,
  type FileSource,
  inspectFile,
  readArrow,
  readCsv,
  readGowallaCheckIns,
  readLightGcnLines,
  readParquet,
  readRecBole,
} from '@gnnrec/data'
import { type InteractionTable, InvalidOptionsError } from '@gnnrec/graph'
import { machineMemory, nearestHint } from '@gnnrec/graph/kernels'
import { DataTooLargeError, UnrecognizedColumnsError } from '../errors.js'
import type { ReadEventsOptions } from './read-events.js'
import type { EventColumns, ReadEvents } from './source.js'

type Suggestion = NonNullable<FileInspection['suggestion']>

const readers: Record<
  Suggestion['reader'],
  (source: FileSource, options: never) => Promise<InteractionTable>
> = {
  readCsv,
  readParquet,
  readArrow,
  readRecBole,
  readGowallaCheckIns,
  readLightGcnLines,
}

/** Bytes of a file for each byte of its table, at the least: short numeric ids in lines of text. */
const tableShare = 0.5
/** Share of the memory of the machine that a table may take. */
const memoryShare = 0.5

/** Reads a file as `inspectFile` suggests, or with the columns that are given. */
export async function readFile(
  given: FileSource,
  { columns, maxMemory, signal }: ReadEventsOptions,
): Promise<ReadEvents> {
  await checkSize(given, maxMemory ?? machineMemory() * memoryShare)
  // A stream is kept, since it is looked at before it is read.
  const isStream = typeof given === 'object' && Symbol.asyncIterator in given
  const source = isStream ? await bytesOf(given) : given
  const inspection = await inspectFile(source, { signal })
  const { name, suggestion, warnings } = inspection
  const chosen = columns ? withColumns(inspection, columns) : suggestion
  if (!chosen) throw unrecognized(inspection)
  const options = { ...chosen.options, signal } as never
  const table = await readers[chosen.reader](source, options)
  const read = (chosen.options as { columns?: EventColumns }).columns
  return { table, name, warnings, ...(read && { columns: read }) }
}

/** Returns the suggestion with other columns. */
function withColumns(inspection: FileInspection, columns: EventColumns): Suggestion {
  const { columns: found, suggestion } = inspection
  const names = found.flatMap(({ name }) => (name === undefined ? [] : [name]))
  for (const [role, place] of Object.entries(columns)) {
    const isThere =
      typeof place === 'number' ? place >= 0 && place < found.length : names.includes(place)
    if (place === undefined || isThere) continue
    const known =
      names.length > 0
        ? names.map((name) => JSON.stringify(name)).join(', ')
        : `those without names from 0 to ${found.length - 1}`
    throw new InvalidOptionsError(
      `columns.${role}: got ${JSON.stringify(place)}${nearestHint(String(place), names)}; the columns of ${inspection.name} are ${known}.`,
    )
  }
  if (suggestion?.reader === 'readParquet' || suggestion?.reader === 'readArrow') {
    return { ...suggestion, options: { ...suggestion.options, columns } } as Suggestion
  }
  if (suggestion?.reader === 'readCsv') {
    const isIso = found.some(
      ({ name, position, type }) =>
        type === 'time' && (name === columns.timestamp || position === columns.timestamp),
    )
    const { timestampFormat: _format, ...form } = suggestion.options
    return {
      reader: 'readCsv',
      options: { ...form, columns, ...(isIso && { timestampFormat: 'iso' }) },
    }
  }
  throw unrecognized(inspection)
}

function unrecognized(inspection: FileInspection): UnrecognizedColumnsError {
  return new UnrecognizedColumnsError(
    `The columns of users and items were not recognized; name them, as in columns: { user: 'who', item: 'what' } (gnnrec train --user who --item what).\n${inspection}`,
  )
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

async function bytesOf(stream: AsyncIterable<Uint8Array | string>): Promise<Uint8Array> {
  const encoder = new TextEncoder()
  const pieces: Uint8Array[] = []
  // A piece may be valid only until the next one is asked for.
  for await (const piece of stream) {
    pieces.push(typeof piece === 'string' ? encoder.encode(piece) : piece.slice())
  }
  return Buffer.concat(pieces)
}
