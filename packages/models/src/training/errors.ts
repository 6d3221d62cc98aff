import { GnnRecError } from '@gnnrec/graph'

/** A preset that does not exist; the message lists those that do. */
export class UnknownPresetError extends GnnRecError<'UNKNOWN_PRESET'> {
  constructor(message: string) {
    super('UNKNOWN_PRESET', message)
  }
}
