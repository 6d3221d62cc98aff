import type { Id, InteractionLists } from '@gnnrec/graph'
import { BaseRecommender } from './base-recommender.js'
import { checkHistories } from './check-histories.js'

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

  /**
   * Writes the scores of all items for histories of anybody, which need not be in the training data. The items of a
   * history are scored like all others.
   *
   * @param histories - ascending, distinct item indices of each history, as `interactionLists` makes them; their
   * weights count in models of weights, where each item without one counts 1
   * @param out - room for histories × items scores, row-major
   * @throws ShapeMismatchError when `out` is too short or a history is not in the form expected
   */
  scoreHistories(histories: InteractionLists, out: Float32Array): void {
    checkHistories(histories, this.itemCount, out)
    this.scoreLists(histories, undefined, out)
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
