import { type Id, parseOptions, Rng } from '@gnnrec/graph'
import * as z from 'zod/mini'
import { BaseRecommender, partsShape, type RecommenderParts } from './base-recommender.js'
import { NotSupportedError } from './errors.js'

/** What a {@link RandomRecommender} is made from. */
export interface RandomRecommenderOptions<User extends Id = Id, Item extends Id = Id>
  extends RecommenderParts<User, Item> {
  /** The stream whose draws at (user, item) are the scores; what was drawn from it plays no part. */
  rng: Rng
}

const optionsSchema = z.strictObject({
  ...partsShape,
  rng: z.custom<Rng>((value) => value instanceof Rng, { error: 'expected an Rng' }),
})

/** Gives every pair of user and item a score of its own, uniform in [0, 1], always the same one. */
export class RandomRecommender<User extends Id = Id, Item extends Id = Id> extends BaseRecommender<
  User,
  Item
> {
  readonly #rng: Rng

  /**
   * @throws InvalidOptionsError for a wrong or misspelt option
   * @throws ShapeMismatchError when the seen items do not fit the ids
   */
  constructor(options: RandomRecommenderOptions<User, Item>) {
    const { rng } = parseOptions('RandomRecommender', optionsSchema, options)
    super(options, 'random')
    this.#rng = rng
  }

  protected override scoreItems(
    users: Int32Array,
    items: Int32Array | undefined,
    out: Float32Array,
  ): void {
    const width = items ? items.length : this.itemCount
    for (let row = 0; row < users.length; row++) {
      for (let place = 0; place < width; place++) {
        const item = items ? items[place] : place
        out[row * width + place] = this.#rng.uniformAt(users[row], item)
      }
    }
  }

  protected override similarities(side: 'users' | 'items'): never {
    throw new NotSupportedError(
      `A random model has no similar ${side}; use a model such as BprMf or LightGcn.`,
    )
  }

  protected override toParts() {
    return {
      kind: 'random' as const,
      score: { similarity: 'dot' as const, scale: 1, itemBias: false },
      serving: new Map([['key', { shape: [2], data: Int32Array.from(this.#rng.key) }]]),
    }
  }
}
