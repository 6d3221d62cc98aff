import type { Id, IdMap } from '@gnnrec/graph'
import { ascendingDistinct } from './list-selection.js'

/**
 * Items of a recommender that were looked up once, to be `candidates` or `exclude` of many lists; `selectItems` of
 * the recommender makes it.
 *
 * @example
 * ```ts
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { PopularityRecommender } from '@gnnrec/serving'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ben', item: 'Brazil' },
 * ])
 * const recommender = new PopularityRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   scores: Float32Array.of(2, 1),
 * })
 * const inStock = recommender.selectItems(['Brazil'])
 * console.log(inStock.size, recommender.recommend('ann', { candidates: inStock }).items)
 * ```
 */
export class ItemSelection<ItemId extends Id = Id> {
  /** The ids of the recommender's items. */
  readonly #items: IdMap<ItemId>
  readonly #indices: Int32Array

  /** @internal */
  constructor(items: IdMap<ItemId>, indices: Int32Array) {
    this.#items = items
    this.#indices = ascendingDistinct(indices, items.size)
  }

  /** Number of distinct items. */
  get size(): number {
    return this.#indices.length
  }

  /** Returns the ascending indices, or undefined when the items are those of another recommender. @internal */
  indicesIn(items: IdMap<Id>): Int32Array | undefined {
    return (items as IdMap<Id>) === (this.#items as IdMap<Id>) ? this.#indices : undefined
  }
}
