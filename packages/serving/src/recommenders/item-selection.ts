import type { Id, IdMap } from '@gnnrec/graph'
import { ascendingDistinct } from './list-selection.js'

/** Items of a recommender that were looked up once, to be `candidates` or `exclude` of many lists. */
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
