import { type Id, parseOptions, Rng } from '@gnnrec/graph'
import * as z from 'zod/mini'
import type { AskedHistories } from './answer-people.js'
import { BaseRecommender } from './base-recommender.js'
import type { Askers } from './best-lists.js'
import { NotSupportedError } from './errors.js'
import { type RecommenderParts, recommenderPartsShape } from './recommender-parts.js'

/** Options of {@link RandomRecommender}. */
export interface RandomRecommenderOptions<UserId extends Id = Id, ItemId extends Id = Id>
  extends RecommenderParts<UserId, ItemId> {
  /**
   * The stream of random numbers whose value at (user, item) is their score. Numbers that were drawn
   * from it before make no difference.
   */
  rng: Rng
}

const optionsSchema = z.strictObject({
  ...recommenderPartsShape,
  rng: z.custom<Rng>((value) => value instanceof Rng, { error: 'expected an Rng' }),
})

/**
 * A recommender by random numbers: every pair of a user and an item has a score of its own, uniform in
 * [0, 1], which is always the same for the same stream. A model that is no better has learned nothing.
 *
 * @example
 * ```ts
 * import { fromRecords, interactionLists, Rng } from '@gnnrec/graph'
 * import { RandomRecommender } from '@gnnrec/serving'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ben', item: 'Brazil' },
 * ])
 * const recommender = new RandomRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   rng: Rng.fromSeed(7),
 * })
 * console.log(recommender.recommend('ann', { k: 2, excludeSeen: false }).items)
 * ```
 */
export class RandomRecommender<
  UserId extends Id = Id,
  ItemId extends Id = Id,
> extends BaseRecommender<UserId, ItemId> {
  readonly #rng: Rng

  /**
   * Checks the options and makes the recommender.
   *
   * @throws InvalidOptionsError for a wrong or misspelt option
   * @throws ShapeMismatchError when the seen items do not fit the ids
   */
  constructor(options: RandomRecommenderOptions<UserId, ItemId>) {
    const { rng } = parseOptions('RandomRecommender', optionsSchema, options)
    super(options, 'random')
    this.#rng = rng
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
    this.#draw(this.#rng, users, items, out)
  }

  /** Draws by the number of the items' indices, so that the same history has the same numbers again. */
  protected override askHistories(
    { pointers, items: met }: AskedHistories,
    excludeOf: (place: number) => Int32Array,
  ): Askers {
    const count = pointers.length - 1
    const rows = Int32Array.from({ length: count }, (_, row) =>
      numberOf(met.subarray(pointers[row], pointers[row + 1])),
    )
    const rng = this.#rng.fork('histories')
    return {
      count,
      excludeOf,
      score: (first, last, items, out) => this.#draw(rng, rows.subarray(first, last), items, out),
      rank: () => undefined,
    }
  }

  #draw(rng: Rng, rows: Int32Array, items: Int32Array | undefined, out: Float32Array): void {
    const width = items ? items.length : this.itemCount
    for (let row = 0; row < rows.length; row++) {
      for (let place = 0; place < width; place++) {
        const item = items ? items[place] : place
        out[row * width + place] = rng.uniformAt(rows[row], item)
      }
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

/** Returns a number from 0 up of a list of indices, as FNV-1a hashes them. */
function numberOf(indices: Int32Array): number {
  let hash = 0x811c9dc5
  for (const index of indices) hash = Math.imul(hash ^ index, 0x01000193)
  return hash >>> 1
}
