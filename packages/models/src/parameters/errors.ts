import { GnnRecError } from '@gnnrec/graph'

/** A model was used before the arrays that it computes once were there; `prepare()` makes them. */
export class NotPreparedError extends GnnRecError<'NOT_PREPARED'> {
  constructor(message: string) {
    super('NOT_PREPARED', message)
  }
}
