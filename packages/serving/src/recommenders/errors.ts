import { GnnRecError } from '@gnnrec/graph'

/**
 * A question that this kind of model cannot answer, such as similar items of a popularity list.
 *
 * @example
 * ```ts
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { NotSupportedError, PopularityRecommender } from '@gnnrec/serving'
 *
 * const table = fromRecords([{ user: 'ann', item: 'Alien' }])
 * const recommender = new PopularityRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   scores: Float32Array.of(1),
 * })
 * try {
 *   recommender.similarItems('Alien')
 * } catch (error) {
 *   console.log(error instanceof NotSupportedError && error.message)
 * }
 * ```
 */
export class NotSupportedError extends GnnRecError<'NOT_SUPPORTED'> {
  /** @param message - the question and the models that answer it */
  constructor(message: string) {
    super('NOT_SUPPORTED', message)
  }
}
