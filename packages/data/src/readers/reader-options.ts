import * as z from 'zod'

/** Options of every function that reads a file of a known form. */
export interface ReaderOptions {
  /** A signal that stops the reading early. */
  signal?: AbortSignal | undefined
}

export const readerSchema = z.strictObject({ signal: z.instanceof(AbortSignal).optional() })
