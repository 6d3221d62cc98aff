import { GnnRecError } from '@gnnrec/graph'

/**
 * A preset that does not exist; the message lists those that do.
 *
 * @example
 * ```ts
 * import { models, UnknownPresetError } from '@gnnrec/models'
 *
 * try {
 *   models.preset('layer-gcn', 'paper')
 * } catch (error) {
 *   if (error instanceof UnknownPresetError) console.log(error.message)
 * }
 * ```
 */
export class UnknownPresetError extends GnnRecError<'UNKNOWN_PRESET'> {
  constructor(message: string) {
    super('UNKNOWN_PRESET', message)
  }
}
