import type { EventColumns, EventSource } from '../reading/source.js'

/** Options of the columns of a file. */
export interface ColumnFlags {
  readonly user?: string | number
  readonly item?: string | number
  readonly rating?: string | number | boolean
  readonly timestamp?: string | number | boolean
  readonly weight?: string | number | boolean
  readonly header?: 'yes' | 'no'
  readonly dates?: 'day-first' | 'month-first'
}

/** Returns the source of events that an argument names. */
export function eventSource(argument: string): EventSource {
  return argument === '-' ? process.stdin : argument
}

/** Returns the options of reading that flags of the command line stand for. */
export function readingOptions(flags: ColumnFlags): {
  columns?: EventColumns
  header?: boolean
  timestampFormat?: 'day-first' | 'month-first'
} {
  const { user, item, rating, timestamp, weight, header, dates } = flags
  const given = { user, item, rating, timestamp, weight }
  const columns = Object.fromEntries(
    Object.entries(given).flatMap(([role, place]) =>
      // `--no-rating` and its like say that a column is not to be read; without a flag, commander has true or nothing.
      place === undefined || place === true ? [] : [[role, place]],
    ),
  )
  return {
    ...(Object.keys(columns).length > 0 && { columns }),
    ...(header !== undefined && { header: header === 'yes' }),
    ...(dates !== undefined && { timestampFormat: dates }),
  }
}
