import type { NamedColumnsOptions } from '../readers/named-columns.js'
import type { CsvOptions } from '../readers/read-csv.js'
import type { JsonOptions } from '../readers/read-json.js'
import type { RecBoleOptions } from '../readers/read-rec-bole.js'

/** The role of a column in a table of interactions. */
export type ColumnRole = 'user' | 'item' | 'rating' | 'timestamp' | 'weight'

/** The unit of timestamps that are numbers. */
export type TimeUnit = 'seconds' | 'milliseconds' | 'microseconds' | 'nanoseconds'

/** A column of an inspected file. */
export interface InspectedColumn {
  /** The position, from 0. */
  readonly position: number
  /** The name in the header. Absent when the file has no header. */
  readonly name?: string
  /** The role of the column. Absent for a column that would not be read. */
  readonly role?: ColumnRole
  /** The confidence in the role, from 0 to 1. It is 1 for a column that the options name. */
  readonly confidence?: number
  /**
   * The type of the values that were seen. `'integer'` means integers without leading zeros, which can be
   * numeric ids; `'row number'` integers that count the rows.
   */
  readonly type: 'integer' | 'number' | 'time' | 'text' | 'row number'
  /** The unit of a column of times that are numbers, by their size. */
  readonly timeUnit?: TimeUnit
  /** The first few different values. */
  readonly examples: readonly string[]
  /** The number of different values among the rows that were seen. */
  readonly distinct: number
  /** The number of rows that were seen without a value. */
  readonly missing: number
}

/** A column that may be the answer to a question. */
export interface ColumnCandidate {
  /** The position, from 0. */
  readonly position: number
  /** The name in the header. Absent when the file has no header. */
  readonly name?: string
  /** The confidence that it is the right one, from 0 to 1. */
  readonly confidence: number
  /** The reason why it may be the right one. */
  readonly reason: string
}

/** A question about a file that its content does not answer well enough. */
export interface InspectionQuestion {
  /** The role whose column is uncertain, or `'header'` when the first line may be names or values. */
  readonly about: ColumnRole | 'header'
  /** True when the file cannot be read without an answer. Otherwise it is read without the column. */
  readonly isRequired: boolean
  /** The possible columns, the most likely first. */
  readonly candidates: readonly ColumnCandidate[]
  /** The question in words, with the option that answers it. */
  readonly message: string
}

/** The function that would read a file, and the options to pass to it. */
export type SuggestedReader =
  | { readonly reader: 'readCsv'; readonly options: CsvOptions }
  | { readonly reader: 'readJson'; readonly options: JsonOptions }
  | { readonly reader: 'readParquet' | 'readArrow'; readonly options: NamedColumnsOptions }
  | { readonly reader: 'readRecBole'; readonly options: RecBoleOptions }
  | {
      readonly reader: 'readGowallaCheckIns' | 'readLightGcnLines'
      readonly options: Record<string, never>
    }

/** The result of {@link inspectFile}. */
export interface FileInspection {
  /** The path of the file, or a description of a source without a path. */
  readonly name: string
  /** The form of the content, whatever the name of the file says. */
  readonly format:
    | 'delimited text'
    | 'JSON'
    | 'Parquet'
    | 'Arrow'
    | 'RecBole'
    | 'Gowalla check-ins'
    | 'LightGCN lines'
  /** The columns of the file, with the role and type of each. */
  readonly columns: readonly InspectedColumn[]
  /** The first few rows as texts, one for each column. A missing value is an empty text. */
  readonly preview: readonly (readonly string[])[]
  /** The number of rows that were looked at. */
  readonly seenRows: number
  /** True when these were all rows of the file. */
  readonly isWhole: boolean
  /** The number of rows of the file, estimated by its size. Absent when the size tells nothing. */
  readonly estimatedRows?: number
  /** The questions that have to be answered by options, and those that may be. */
  readonly questions: readonly InspectionQuestion[]
  /** The function and options that would read the file. Absent while a required question is open. */
  readonly suggestion?: SuggestedReader
  /** Sentences about possible problems. */
  readonly warnings: readonly string[]
  /** Returns the inspection as readable text. */
  toString(): string
}
