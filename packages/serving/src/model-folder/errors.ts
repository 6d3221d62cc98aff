import { GnnRecError } from '@gnnrec/graph'

/**
 * A model folder, or one of its files, that cannot be read or written; the message names the file.
 *
 * @example
 * ```ts
 * import { Recommender, SerializationError } from '@gnnrec/serving'
 *
 * try {
 *   await Recommender.load('no-such-folder')
 * } catch (error) {
 *   console.log(error instanceof SerializationError && error.message)
 * }
 * ```
 */
export class SerializationError extends GnnRecError<'SERIALIZATION'> {
  /** @param message - the file and what is wrong with it */
  constructor(message: string, options?: { cause?: unknown }) {
    super('SERIALIZATION', message, options)
  }
}
