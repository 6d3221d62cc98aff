import * as z from 'zod'

/** Options of readers that know their form. */
export interface ReaderOptions {
  /** Ends the reading early. */
  signal?: AbortSignal | undefined
}

export const readerSchema = z.strictObject({ signal: z.instanceof(AbortSignal).optional() })
