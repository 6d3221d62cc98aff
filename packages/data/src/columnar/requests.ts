import type { Id, InteractionTable } from '@gnnrec/graph'
import type { IdType } from '../tables/id-type.js'
import type { TypedColumn } from './column-kinds.js'

/** The formats that are decoded in a thread of their own. */
export type ColumnarFormat = 'Parquet' | 'Arrow'

/** The settings with which columns become a table. */
export interface TableSettings {
  readonly columns: {
    readonly user: string
    readonly item: string
    readonly rating?: string | undefined
    readonly timestamp?: string | undefined
    readonly weight?: string | undefined
  }
  readonly idType: { readonly user: IdType; readonly item: IdType }
  /** The largest number of rows. Absent when the size of the file decides. */
  readonly maxRows?: number | undefined
}

/** A request to the decoding thread. */
export interface DecodeRequest {
  readonly format: ColumnarFormat
  /** The source. Absent for a stream, whose pieces are asked for one by one. */
  readonly source?: unknown
  /** The settings of a table. Absent to get the columns of the file and the first rows. */
  readonly table?: TableSettings | undefined
  /** The place of the package `lz4-napi`. Absent when it is not installed. */
  readonly lz4?: string | undefined
}

/** The columns of a file and its first rows. */
export interface ColumnSample {
  readonly columns: readonly TypedColumn[]
  /** The first values of each column as texts. A missing one is `undefined`. Absent for columns that were not decoded. */
  readonly values: readonly (readonly (string | undefined)[] | undefined)[]
  /** The number of rows of the file. Absent when only reading it all would tell. */
  readonly rows?: number | undefined
}

/** The result of a request: a table, or the columns of a file. */
export type Decoded = { readonly table: InteractionTable } | { readonly sample: ColumnSample }

/** A table as it is sent between threads. */
export interface SentTable {
  readonly users: readonly Id[]
  readonly items: readonly Id[]
  readonly userIndex: Int32Array
  readonly itemIndex: Int32Array
  readonly rating?: Float32Array | undefined
  readonly timestamp?: Float64Array | undefined
  readonly weight?: Float32Array | undefined
}

/** An error as it is sent between threads. */
export interface SentError {
  readonly code?: string | undefined
  readonly message: string
  readonly file?: string | undefined
  readonly dependency?: string | undefined
  /** The system's error that caused it. */
  readonly cause?: SentSystemError | undefined
}

/** An error of the system as it is sent between threads, which keep no more of an error than its message. */
export interface SentSystemError {
  readonly message: string
  readonly code?: string | undefined
  readonly errno?: number | undefined
  readonly syscall?: string | undefined
  readonly path?: string | undefined
}

/** A message to the decoding thread: a request, or the next piece of a stream, which is absent at its end. */
export type ThreadMessage =
  | { readonly request: DecodeRequest }
  | { readonly piece: Uint8Array | undefined }

/** A message of the decoding thread. */
export type ThreadReply =
  | 'alive'
  | 'next piece'
  | { readonly sample: ColumnSample }
  | { readonly table: SentTable }
  | { readonly error: SentError }
