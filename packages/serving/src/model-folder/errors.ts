import { GnnRecError } from '@gnnrec/graph'

/** A model folder or one of its files that cannot be read or written; the message names the file. */
export class SerializationError extends GnnRecError<'SERIALIZATION'> {
  constructor(message: string, options?: { cause?: unknown }) {
    super('SERIALIZATION', message, options)
  }
}
