import { type Id, parseOptions, ShapeMismatchError } from '@gnnrec/graph'
import * as z from 'zod/mini'
import type { AskedHistories } from './answer-people.js'
import { BaseRecommender } from './base-recommender.js'
import type { Askers } from './best-lists.js'
import { NotSupportedError } from './errors.js'
import { valuesAt } from './list-selection.js'
import { type RecommenderParts, recommenderPartsShape } from './recommender-parts.js'
import { checkFinite } from './rows.js'

/** Options of {@link PopularityRecommender}. */
export interface PopularityRecommenderOptions<UserId extends Id = Id, ItemId extends Id = Id>
  extends RecommenderParts<UserId, ItemId> {
  /** One finite number per item, higher is better: the number of users that met it, for instance. */
  scores: Float32Array
}

const optionsSchema = z.strictObject({
  ...recommenderPartsShape,
  scores: z.instanceof(Float32Array, { error: 'expected a Float32Array' }),
})

/**
 * A recommender that gives every user the same order of items, without those that the user has seen.
 *
 * @example
 * ```ts
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { PopularityRecommender } from '@gnnrec/serving'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ben', item: 'Alien' },
 *   { user: 'ben', item: 'Brazil' },
 * ])
 * const recommender = new PopularityRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   scores: Float32Array.of(2, 1),
 * })
 * console.log(recommender.recommend('ann', { k: 1 }).items) // ['Brazil']
 * ```
 */
export class PopularityRecommender<
  UserId extends Id = Id,
  ItemId extends Id = Id,
> extends BaseRecommender<UserId, ItemId> {
  readonly #scores: Float32Array

  /**
   * Checks the options and makes the recommender.
   *
   * @throws InvalidOptionsError for a wrong or misspelt option
   * @throws ShapeMismatchError when an array does not fit the ids
   * @throws NonFiniteError naming the first item whose score is NaN or infinite
   */
  constructor(options: PopularityRecommenderOptions<UserId, ItemId>) {
    const { scores } = parseOptions('PopularityRecommender', optionsSchema, options)
    super(options, 'popularity')
    if (scores.length !== this.itemCount) {
      throw new ShapeMismatchError(
        `scores has ${scores.length} numbers; there are ${this.itemCount} items.`,
      )
    }
    checkFinite('The score of item', scores, 1, this.items)
    this.#scores = scores.slice()
  }

  /** Returns this recommender, which knows as much of these users as of others. */
  override withColdStart(): this {
    return this
  }

  protected override scoreItems(
    users: Int32Array,
    items: Int32Array | undefined,
    out: Float32Array,
  ): void {
    const scores = items ? valuesAt(this.#scores, items) : this.#scores
    for (let user = 0; user < users.length; user++) out.set(scores, user * scores.length)
  }

  protected override askHistories(
    { users }: AskedHistories,
    excludeOf: (place: number) => Int32Array,
  ): Askers {
    return {
      count: users.length,
      excludeOf,
      score: (first, last, items, out) => this.scoreItems(users.subarray(first, last), items, out),
      rank: () => undefined,
    }
  }

  protected override contributions(): 'none' {
    return 'none'
  }

  protected override liftingItems(): undefined {
    return undefined
  }

  protected override similarities(side: 'users' | 'items'): never {
    throw new NotSupportedError(
      `A popularity model has no embeddings, so no similar ${side}; use a model such as BprMf or LightGcn.`,
    )
  }

  protected override toParts() {
    return {
      kind: 'popularity' as const,
      score: { similarity: 'dot' as const, scale: 1, itemBias: false },
      serving: new Map([['scores', { shape: [this.itemCount], data: this.#scores }]]),
    }
  }
}
