import { GnnRecError } from '@gnnrec/graph'

/** Something that this kind of model cannot answer, such as similar items of a popularity list. */
export class NotSupportedError extends GnnRecError<'NOT_SUPPORTED'> {
  constructor(message: string) {
    super('NOT_SUPPORTED', message)
  }
}
