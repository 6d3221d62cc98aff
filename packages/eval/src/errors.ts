import { GnnRecError } from '@gnnrec/graph'

/** The part of the split that was to be ranked has no rows, so there is nothing to judge by. */
export class EmptySplitError extends GnnRecError<'EMPTY_SPLIT'> {
  constructor(message: string) {
    super('EMPTY_SPLIT', message)
  }
}

/** A list that no ranking of the candidates gives: an item is unknown, repeated or masked, or it is missing. */
export class InvalidRankingError extends GnnRecError<'INVALID_RANKING'> {
  constructor(message: string) {
    super('INVALID_RANKING', message)
  }
}
