import { GnnRecError } from '@gnnrec/graph'

/**
 * The part of the split that an evaluation asks for has no rows, or none of the users asked for has a
 * relevant item. Its `code` is `'EMPTY_SPLIT'`.
 *
 * @example
 * ```ts
 * import { EmptySplitError, evaluateLists } from '@gnnrec/eval'
 * import { fromRecords, splitRows } from '@gnnrec/graph'
 *
 * const table = fromRecords([{ user: 'ann', item: 'Alien' }])
 * const split = splitRows(table, { train: [0], validation: [], test: [] }, { name: 'given' })
 * try {
 *   evaluateLists([], { split, on: 'test', metrics: ['recall@1'] })
 * } catch (error) {
 *   console.log(error instanceof EmptySplitError) // true
 * }
 * ```
 */
export class EmptySplitError extends GnnRecError<'EMPTY_SPLIT'> {
  constructor(message: string) {
    super('EMPTY_SPLIT', message)
  }
}

/**
 * A list passed to `evaluateLists` is not a ranking of the user's candidates: an item is unknown,
 * repeated or masked, a user is unknown or has two lists, or a list is missing. Its `code` is
 * `'INVALID_RANKING'`.
 *
 * @example
 * ```ts
 * import { evaluateLists, InvalidRankingError } from '@gnnrec/eval'
 * import { fromRecords, splitRows } from '@gnnrec/graph'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ann', item: 'Brazil' },
 *   { user: 'bob', item: 'Brazil' },
 *   { user: 'bob', item: 'Casablanca' },
 * ])
 * const split = splitRows(table, { train: [0, 2], validation: [], test: [1, 3] }, { name: 'given' })
 * const lists = [{ user: 'ann', items: ['Brazil', 'Brazil'] }]
 * try {
 *   evaluateLists(lists, { split, on: 'test', metrics: ['recall@1'] })
 * } catch (error) {
 *   if (!(error instanceof InvalidRankingError)) throw error
 *   console.log(error.message) // The list of User "ann" holds "Brazil", twice; expected each item once.
 * }
 * ```
 */
export class InvalidRankingError extends GnnRecError<'INVALID_RANKING'> {
  constructor(message: string) {
    super('INVALID_RANKING', message)
  }
}
