import type { Id, InteractionLists, RankedRows } from '@gnnrec/graph'
import type { AskedHistories, Plan } from './answer-people.js'
import { BaseRecommender } from './base-recommender.js'
import type { Askers } from './best-lists.js'
import type { ItemChoice } from './cold-start.js'
import { someHistories } from './some-histories.js'

/**
 * A recommender whose scores follow from the items that somebody met, and from nothing else about them. It
 * answers for people who were not in training as it does for those who were.
 */
export abstract class HistoryRecommender<
  UserId extends Id,
  ItemId extends Id,
> extends BaseRecommender<UserId, ItemId> {
  /**
   * Writes the score of `items` (all items when undefined) for each of the histories, row-major. A score must not
   * depend on the other histories and items that are asked for with it.
   */
  protected abstract scoreLists(
    histories: InteractionLists,
    items: Int32Array | undefined,
    out: Float32Array,
  ): void

  protected override askHistories(
    histories: AskedHistories,
    excludeOf: (place: number) => Int32Array,
  ): Askers {
    return {
      count: histories.users.length,
      excludeOf,
      score: (first, last, items, out) =>
        this.scoreLists(someHistories(histories, first, last), items, out),
      rank: (k, choice) => this.rankLists?.(histories, k, excludeOf, choice),
    }
  }

  /** Finds the best items of histories as `rankItems` does, in the kinds that can. */
  protected rankLists?(
    histories: InteractionLists,
    k: number,
    excludeOf: (place: number) => Int32Array,
    choice: ItemChoice,
  ): RankedRows | undefined

  /** True when the score of a history is the sum of those of its items, times their weights. */
  protected get isLinear(): boolean {
    return false
  }

  protected override contributions({ history }: Plan, item: number): Float64Array | undefined {
    if (!this.isLinear) return undefined
    const { items, weights } = history
    const scores = new Float32Array(items.length)
    const pointers = Int32Array.from({ length: items.length + 1 }, (_, place) => place)
    this.scoreLists({ pointers, items, ...(weights && { weights }) }, Int32Array.of(item), scores)
    return Float64Array.from(scores)
  }

  protected override scoreItems(
    users: Int32Array,
    items: Int32Array | undefined,
    out: Float32Array,
  ): void {
    this.scoreLists(this.historiesOf(users), items, out)
  }

  /** Returns the training items of users, in the order of the users. */
  protected historiesOf(users: Int32Array): InteractionLists {
    const { pointers: starts, items: all, weights: allWeights } = this.seen
    const pointers = new Int32Array(users.length + 1)
    users.forEach((user, place) => {
      pointers[place + 1] = pointers[place] + starts[user + 1] - starts[user]
    })
    const items = new Int32Array(pointers[users.length])
    const weights = allWeights && new Float32Array(items.length)
    users.forEach((user, place) => {
      const [start, end] = [starts[user], starts[user + 1]]
      items.set(all.subarray(start, end), pointers[place])
      if (allWeights) weights?.set(allWeights.subarray(start, end), pointers[place])
    })
    return { pointers, items, ...(weights && { weights }) }
  }
}
