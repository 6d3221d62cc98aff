import { type Id, parseOptions, ShapeMismatchError } from '@gnnrec/graph'
import * as z from 'zod/mini'
import { BaseRecommender, partsShape, type RecommenderParts } from './base-recommender.js'
import { NotSupportedError } from './errors.js'
import { checkFinite } from './rows.js'

/** What a {@link PopularityRecommender} is made from. The arrays are copied. */
export interface PopularityRecommenderOptions<User extends Id = Id, Item extends Id = Id>
  extends RecommenderParts<User, Item> {
  /** One finite number per item, higher is better: how many users met it, for instance. */
  scores: Float32Array
}

const optionsSchema = z.strictObject({
  ...partsShape,
  scores: z.instanceof(Float32Array, { error: 'expected a Float32Array' }),
})

/** Gives every user the same order of items, less what the user has seen. */
export class PopularityRecommender<
  User extends Id = Id,
  Item extends Id = Id,
> extends BaseRecommender<User, Item> {
  readonly #scores: Float32Array

  /**
   * @throws InvalidOptionsError for a wrong or misspelt option
   * @throws ShapeMismatchError when an array does not fit the ids
   * @throws NonFiniteError naming the first item whose score is NaN or infinite
   */
  constructor(options: PopularityRecommenderOptions<User, Item>) {
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

  protected override scoreItems(
    users: Int32Array,
    items: Int32Array | undefined,
    out: Float32Array,
  ): void {
    const scores = items ? Float32Array.from(items, (item) => this.#scores[item]) : this.#scores
    for (let user = 0; user < users.length; user++) out.set(scores, user * scores.length)
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
