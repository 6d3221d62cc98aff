import { GnnRecError } from '@gnnrec/graph'

/** The part of the split that was to be ranked has no rows, so there is nothing to judge by. */
export class EmptySplitError extends GnnRecError<'EMPTY_SPLIT'> {
  constructor(message: string) {
    super('EMPTY_SPLIT', message)
  }
}
