import type { NamedColumnsOptions } from '../readers/named-columns.js'
import type { CsvOptions } from '../readers/read-csv.js'

/** What a column of a file seems to be for. */
export type ColumnRole = 'user' | 'item' | 'rating' | 'timestamp'

/** A column as it was recognised. */
export interface InspectedColumn {
  /** 0-based position. */
  readonly position: number
  /** From the header, where there is one. */
  readonly name?: string
  /** Absent for a column that would not be read. */
  readonly role?: ColumnRole
  /** What all values seen are. `'integer'`: without leading zeros, so that they can be numeric ids. */
  readonly type: 'integer' | 'number' | 'time' | 'text'
  /** The first few values that differ. */
  readonly examples: readonly string[]
}

/** How a file would be read: the function to call, and what to pass it beside the source. */
export type SuggestedReader =
  | { readonly reader: 'readCsv'; readonly options: CsvOptions }
  | { readonly reader: 'readParquet' | 'readArrow'; readonly options: NamedColumnsOptions }
  | {
      readonly reader: 'readRecBole' | 'readGowallaCheckIns' | 'readLightGcnLines'
      readonly options: Record<string, never>
    }

/** What {@link inspectFile} recognised. */
export interface FileInspection {
  /** The path, or what stands for it. */
  readonly name: string
  readonly columns: readonly InspectedColumn[]
  /** Absent when no column of users or none of items was recognised; then name them yourself. */
  readonly suggestion?: SuggestedReader
  /** What may go wrong, in sentences. */
  readonly warnings: readonly string[]
  /** All of it for a person to read. */
  toString(): string
}
