import {
  type Id,
  type InteractionLists,
  InvalidOptionsError,
  parseOptions,
  type RankedRows,
  ShapeMismatchError,
} from '@gnnrec/graph'
import { byKernels } from '@gnnrec/graph/kernels'
import * as z from 'zod/mini'
import type { HostTensor } from '../model-folder/safetensors.js'
import { type ColdStart, coldStartSchema, type ItemChoice } from './cold-start.js'
import { NotSupportedError } from './errors.js'
import { HistoryRecommender } from './history-recommender.js'
import type { LiftingItems } from './lift-item.js'
import { type RecommenderParts, recommenderPartsShape } from './recommender-parts.js'
import { checkFinite } from './rows.js'
import { shiftOf } from './score-shift.js'
import { someHistories } from './some-histories.js'
import { type FilterData, filterData, transposedFilter } from './spectral/filter-data.js'
import { KernelFilter } from './spectral/kernel-filter.js'
import { PlainFilter } from './spectral/plain-filter.js'
import type { SpectralFilter } from './spectral/spectral-filter.js'
import { type IdealPart, type SpectralRule, spectralRuleShape } from './spectral/spectral-rule.js'

/** Options of {@link SpectralFilterRecommender}. */
export interface SpectralFilterRecommenderOptions<UserId extends Id = Id, ItemId extends Id = Id>
  extends RecommenderParts<UserId, ItemId> {
  /** The coefficients a_0, a_1, … of the polynomial that a history goes through, 1 to 257 finite numbers. */
  polynomial: readonly number[]
  /**
   * The coefficients b_0, b_1, … of the polynomial that its result goes through, 1 to 257 finite numbers.
   *
   * @defaultValue `[1]`, which changes nothing
   */
  sharpening?: readonly number[]
  /**
   * g, the power of the degrees of items around the filter, in 0..1.
   *
   * @defaultValue 0
   */
  degreeExponent?: number
  /**
   * The part of the singular vectors; it needs `vectors`.
   *
   * @defaultValue no such part
   */
  ideal?: IdealPart
  /** V, items × rank finite numbers, row-major, which are copied. */
  vectors?: Float32Array
  /**
   * The treatment of users and items without seen items or users, whose scores are zero. `'popularity'` answers for
   * them with the items that most users have seen, and marks these answers.
   *
   * @defaultValue `'popularity'`
   */
  coldStart?: ColdStart
}

const optionsSchema = z.strictObject({
  ...recommenderPartsShape,
  ...spectralRuleShape,
  sharpening: z._default(spectralRuleShape.sharpening, [1]),
  degreeExponent: z._default(spectralRuleShape.degreeExponent, 0),
  vectors: z.optional(z.instanceof(Float32Array, { error: 'expected a Float32Array' })),
  coldStart: coldStartSchema,
})

/**
 * A recommender by a filter of the item graph. With R̃ the matrix of seen items, each entry divided by the root of
 * the degrees of its user and its item, and G = R̃ᵀ R̃, it scores a history r, 1 for its items and 0 for others, by the
 * formula below. When seen items have weights, entries are these, degrees are their sums, and r has those of the history.
 *
 * `D^g (Σ_m b_m T_m(I - 2 G) y)` with `y = Σ_m a_m T_m(I - 2 G) D^-g r`
 *
 * where T_m are the Chebyshev polynomials and D the degrees of items. The part of the singular vectors,
 * `w D^h V Vᵀ D^-h D^-g r`, is added to y (`merge: 'early'`) or to the result (`'late'`), before D^g. Items without
 * edges have the score 0. Trained `SpectralFilter` models become recommenders of this kind.
 *
 * Scores are computed in float32 for up to 64 histories at a time; the number of threads and the other histories do
 * not change a byte. The recommender keeps the matrix of seen items and V.
 *
 * @example
 * ```ts
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { SpectralFilterRecommender } from '@gnnrec/serving'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ann', item: 'Brazil' },
 *   { user: 'ben', item: 'Brazil' },
 * ])
 * const recommender = new SpectralFilterRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   polynomial: [0.5, -0.5], // (I - (I - 2 G)) / 2 = G
 * })
 * console.log(recommender.recommend('ben', { k: 1 }).items) // ['Alien']
 * ```
 */
export class SpectralFilterRecommender<
  UserId extends Id = Id,
  ItemId extends Id = Id,
> extends HistoryRecommender<UserId, ItemId> {
  readonly #rule: SpectralRule
  readonly #vectors: Float32Array | undefined
  #filter: SpectralFilter | undefined

  /**
   * Checks the options and makes the recommender.
   *
   * @throws InvalidOptionsError for a wrong or misspelt option
   * @throws ShapeMismatchError when an array does not fit the ids
   * @throws NonFiniteError naming the first item with a vector that is NaN or infinite
   */
  constructor(options: SpectralFilterRecommenderOptions<UserId, ItemId>) {
    const settings = parseOptions('SpectralFilterRecommender', optionsSchema, options)
    const { polynomial, sharpening, degreeExponent, ideal, vectors, coldStart } = settings
    super(options, 'spectral-filter', coldStart)
    if (!ideal !== !vectors) {
      throw new InvalidOptionsError(
        `Got ${ideal ? "'ideal' without 'vectors'" : "'vectors' without 'ideal'"}; expected both or none.`,
      )
    }
    this.#rule = { polynomial, sharpening, degreeExponent, ideal }
    this.#vectors = vectors && this.#copyOf(vectors)
  }

  override withColdStart(coldStart: ColdStart): SpectralFilterRecommender<UserId, ItemId> {
    const { polynomial, sharpening, degreeExponent, ideal } = this.#rule
    return new SpectralFilterRecommender({
      ...this.common,
      polynomial,
      sharpening,
      degreeExponent,
      ...(ideal && this.#vectors && { ideal, vectors: this.#vectors }),
      coldStart,
    })
  }

  override dispose(): void {
    this.#filter?.free()
    this.#filter = undefined
  }

  protected override get isLinear(): boolean {
    return true
  }

  protected override scoreLists(
    histories: InteractionLists,
    items: Int32Array | undefined,
    out: Float32Array,
  ): void {
    if (!items) {
      this.#ready().score(histories, out)
      return
    }
    const all = new Float32Array(this.itemCount)
    for (let row = 0; row < histories.pointers.length - 1; row++) {
      this.#ready().score(someHistories(histories, row, row + 1), all)
      for (let place = 0; place < items.length; place++) {
        out[row * items.length + place] = all[items[place]]
      }
    }
  }

  protected override rankItems(
    users: Int32Array,
    k: number,
    excludeOf: (place: number) => Int32Array,
    choice: ItemChoice,
  ): RankedRows | undefined {
    return this.rankLists(this.historiesOf(users), k, excludeOf, choice)
  }

  protected override rankLists(
    histories: InteractionLists,
    k: number,
    excludeOf: (place: number) => Int32Array,
    choice: ItemChoice,
  ): RankedRows | undefined {
    return this.#ready().rank(histories, k, excludeOf, shiftOf(undefined, this.itemCount, choice))
  }

  /** Takes what having met each item adds to the score of one, by the transposed filter. */
  protected override liftingItems(item: number): LiftingItems | undefined {
    const transposed = transposedFilter(this.#data())
    if (!transposed) return super.liftingItems(item)
    const values = new Float32Array(this.itemCount)
    const alone = { pointers: Int32Array.of(0, 1), items: Int32Array.of(item) }
    new PlainFilter(transposed).score(alone, values)
    return { method: 'exact', values }
  }

  protected override similarities(side: 'users' | 'items', index: number): Float32Array {
    if (side === 'users') {
      throw new NotSupportedError(
        'This model knows similarities between items only, so no similar users; use a model such as BprMf or LightGcn.',
      )
    }
    const scores = new Float32Array(this.itemCount)
    this.#ready().score({ pointers: Int32Array.of(0, 1), items: Int32Array.of(index) }, scores)
    return scores
  }

  protected override servingWithoutUsers(): never {
    throw new NotSupportedError(
      'users: false is not possible: this recommender answers from the histories of all users, from which it computes its filter; compile() of SpectralFilter makes a recommender that does without them.',
    )
  }

  protected override toParts() {
    const { polynomial, sharpening, degreeExponent, ideal } = this.#rule
    const serving = new Map<string, HostTensor>()
    const vectors = this.#vectors
    if (vectors) {
      const rank = vectors.length / this.itemCount
      serving.set('vectors', { shape: [this.itemCount, rank], data: vectors })
    }
    return {
      kind: 'spectral-filter' as const,
      score: {
        similarity: 'dot' as const,
        scale: 1,
        itemBias: false,
        ...(this.coldStart === 'model' && { coldStart: this.coldStart }),
        filter: {
          polynomial: [...polynomial],
          sharpening: [...sharpening],
          degreeExponent,
          ...(ideal && { ideal }),
        },
      },
      serving,
    }
  }

  #copyOf(vectors: Float32Array): Float32Array {
    const rank = vectors.length / this.itemCount
    if (!Number.isInteger(rank) || rank < 1) {
      throw new ShapeMismatchError(
        `vectors has ${vectors.length} numbers; ${this.itemCount} items need a multiple of ${this.itemCount}, and at least one each.`,
      )
    }
    checkFinite('The vector of item', vectors, rank, this.items)
    return vectors.slice()
  }

  /** Returns the filter, which is laid out when it is asked for the first time. */
  #ready(): SpectralFilter {
    if (!this.#filter) {
      const data = this.#data()
      this.#filter = byKernels<SpectralFilter>(
        () => new KernelFilter(data),
        () => new PlainFilter(data),
      )
    }
    return this.#filter
  }

  #data(): FilterData {
    const vectors = this.#vectors
    return filterData(
      this.#rule,
      this.seen,
      this.itemCount,
      vectors && { rank: vectors.length / this.itemCount, vectors },
    )
  }
}
