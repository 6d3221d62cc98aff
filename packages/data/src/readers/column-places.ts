import { FileFormatError } from '../errors.js'
import type { ColumnPlaces } from './csv-table.js'

/** The columns to read, each by its name in the header or by its position from 0. */
export interface WantedColumns {
  readonly user: string | number
  readonly item: string | number
  readonly rating?: string | number | undefined
  readonly timestamp?: string | number | undefined
}

/**
 * Finds the position of every wanted column in the records; -1 stands for a column that is not wanted.
 *
 * @throws FileFormatError when a column is missing or its name occurs twice
 */
export function placesOf(
  columns: WantedColumns,
  first: readonly string[],
  header: boolean,
  file: string,
  line: number,
): ColumnPlaces {
  const found = header
    ? `the columns are ${first.map((name) => JSON.stringify(name)).join(', ')}`
    : `there are ${first.length} columns (0 to ${first.length - 1})`
  const place = (wanted: string | number | undefined): number => {
    if (wanted === undefined) return -1
    const position = typeof wanted === 'string' ? first.indexOf(wanted) : wanted
    if (position === -1 || position >= first.length) {
      throw new FileFormatError(file, line, `no column ${JSON.stringify(wanted)}; ${found}.`)
    }
    if (typeof wanted === 'string' && first.lastIndexOf(wanted) !== position) {
      throw new FileFormatError(
        file,
        line,
        `two columns have the name ${JSON.stringify(wanted)}; ${found}. Give the position instead.`,
      )
    }
    return position
  }
  return {
    user: place(columns.user),
    item: place(columns.item),
    rating: place(columns.rating),
    timestamp: place(columns.timestamp),
  }
}
