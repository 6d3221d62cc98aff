import type { NamedColumnsOptions } from '../readers/named-columns.js'
import type { CsvOptions } from '../readers/read-csv.js'

/** The role of a column in a table of interactions. */
export type ColumnRole = 'user' | 'item' | 'rating' | 'timestamp' | 'weight'

/** A column of an inspected file. */
export interface InspectedColumn {
  /** The position, from 0. */
  readonly position: number
  /** The name in the header. Absent when the file has no header. */
  readonly name?: string
  /** The role of the column. Absent for a column that would not be read. */
  readonly role?: ColumnRole
  /**
   * The type of the values that were seen. `'integer'` means integers without leading zeros, which can be
   * numeric ids.
   */
  readonly type: 'integer' | 'number' | 'time' | 'text'
  /** The first few different values. */
  readonly examples: readonly string[]
}

/** The function that would read a file, and the options to pass to it. */
export type SuggestedReader =
  | { readonly reader: 'readCsv'; readonly options: CsvOptions }
  | { readonly reader: 'readParquet' | 'readArrow'; readonly options: NamedColumnsOptions }
  | {
      readonly reader: 'readRecBole' | 'readGowallaCheckIns' | 'readLightGcnLines'
      readonly options: Record<string, never>
    }

/** The result of {@link inspectFile}. */
export interface FileInspection {
  /** The path of the file, or a description of a source without a path. */
  readonly name: string
  /** The columns of the file, with the role and type of each. */
  readonly columns: readonly InspectedColumn[]
  /**
   * The function and options that would read the file. Absent when the column of users or of items was
   * not recognized; then name the columns yourself.
   */
  readonly suggestion?: SuggestedReader
  /** Sentences about possible problems. */
  readonly warnings: readonly string[]
  /** Returns the inspection as readable text. */
  toString(): string
}
