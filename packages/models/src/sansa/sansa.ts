import { type BipartiteGraph, type Id, parseOptions, TimeSlice } from '@gnnrec/graph'
import { ItemSimilarityRecommender, type Recommender } from '@gnnrec/serving'
import * as z from 'zod/mini'
import { Baseline } from '../baseline.js'
import type { PrepareOptions } from '../model-contract.js'
import { ModelTooLargeError } from '../parameters/model-too-large-error.js'
import { choosePattern, gramEntries, popularFirst } from './factor-pattern.js'
import { inverseFactor } from './inverse-factor.js'
import { InverseRows } from './inverse-rows.js'
import { countPairs } from './joint-counts.js'
import { largestWeights } from './largest-weights.js'

/** Options of {@link Sansa}. */
export interface SansaOptions {
  /**
   * λ, finite, above 0, as in `Ease`.
   *
   * @defaultValue 500
   */
  l2Weight?: number
  /**
   * Most items that an item is predicted from in the factor, an integer from 1 up. Time grows with its third power.
   * On the validation part of ml-latest-small, 25, 50 and 100 entries had .93, .98 and .98 of the NDCG@20 of `Ease`;
   * on that of MovieTweetings, 25 had all of it.
   *
   * @defaultValue 100
   */
  factorEntries?: number
  /**
   * The mean number of weights that an item keeps, an integer from 1 up. The weights of largest magnitude of all
   * are kept, and an eighth as many of each item whatever their size.
   *
   * @defaultValue 200
   */
  neighbours?: number
  /**
   * Most bytes that fitting may take for its sparse matrices.
   *
   * @defaultValue 4 GiB
   */
  memoryLimitBytes?: number
}

const schema = /* @__PURE__ */ z.strictObject({
  l2Weight: z._default(z.number().check(z.gt(0)), 500),
  factorEntries: z._default(z.int().check(z.gte(1)), 100),
  neighbours: z._default(z.int().check(z.gte(1)), 200),
  memoryLimitBytes: z._default(z.number().check(z.gt(0)), 4 * 2 ** 30),
})

/** Bytes of an entry of the factor beside its count: its column and value, and its row and place by columns. */
const bytesPerFactorEntry = 20
/** Bytes of a weight, in the list of its row and in the matrix of all rows. */
const bytesPerWeight = 16
/** Bytes of the numbers that there are one of for each item. */
const bytesPerItem = 120

/**
 * SANSA, the weights of `Ease` from a sparse approximate factorization, for catalogues whose items × items matrix does
 * not fit into memory ([Spišák et al., RecSys 2023](https://doi.org/10.1145/3604915.3608827)).
 *
 * With a lower triangular sparse W that has ones on its diagonal, and a diagonal D,
 *
 * `P = Wᵀ D⁻¹ W ≈ (RᵀR + λ I)⁻¹`, `B_ij = -P_ij / P_jj` for i ≠ j
 *
 * and user u scores item j by `Σ_i R_ui B_ij`. R is 0 or 1, or the weight of an edge in a graph of weights. Row i of
 * W is the ridge regression of item i on `factorEntries` more popular items, those met most often together with it for
 * their popularity. This is the sparse W that is nearest to the inverse of the Cholesky factor (Kolotilina and Yeremin,
 * 1993). The paper drops entries from that factor and inverts it; on counts such as these, of which none is negative,
 * pivots then become negative, which cannot happen here. Of B the largest weights are kept, negative ones too.
 * Everything is computed in float64, weights are rounded once to float32.
 *
 * When `factorEntries` and `neighbours` reach the number of items, the weights are those of `Ease`. Time is
 * O(Σ_u d_u² + items · factorEntries³) for users with d_u items, and O(items²) for looking through the weights;
 * memory is O(items · (factorEntries + neighbours)) and the counts of pairs of items that others are predicted from.
 * The same graph gives the same bytes. Histories that are not in the graph are answered, too.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { Sansa } from '@gnnrec/models'
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'Alien' },
 *     { user: 'ann', item: 'Brazil' },
 *     { user: 'bob', item: 'Alien' },
 *     { user: 'bob', item: 'Brazil' },
 *     { user: 'eve', item: 'Alien' },
 *   ]),
 * )
 * const recommender = await new Sansa(graph, { l2Weight: 1 }).toRecommender()
 * console.log(recommender.recommend('eve', { k: 1 }).items)
 * ```
 */
export class Sansa<User extends Id = Id, Item extends Id = Id> extends Baseline<User, Item> {
  static override readonly architecture = 'sansa'
  static override readonly optionsSchema = schema

  readonly #settings: z.output<typeof schema>

  /** @throws InvalidOptionsError for a wrong or misspelt option */
  constructor(graph: BipartiteGraph<User, Item>, options: SansaOptions = {}) {
    const settings = parseOptions(Sansa.architecture, schema, options)
    const { l2Weight, factorEntries, neighbours } = settings
    super(graph, { l2Weight, factorEntries, neighbours })
    this.#settings = settings
  }

  /**
   * Computes the weights.
   *
   * @throws InvalidOptionsError when `l2Weight` is lost in rounding
   * @throws ModelTooLargeError when the matrices need more memory than `memoryLimitBytes`: before it takes any for the
   * factor and the weights, and before it takes more for the counts of pairs
   */
  protected override async compute({ signal }: PrepareOptions): Promise<Recommender<User, Item>> {
    const { graph } = this
    const { l2Weight, factorEntries, neighbours, memoryLimitBytes } = this.#settings
    const others = Math.max(1, graph.itemCount - 1)
    const most = Math.min(factorEntries, others)
    const kept = Math.min(neighbours, others)
    const mostBytes = memoryLimitBytes - this.#bytesOf(most, kept)
    if (mostBytes < 0) throw this.#tooLarge('factor and weights', memoryLimitBytes - mostBytes)
    const slice = new TimeSlice(signal)
    const order = popularFirst(graph)
    const pattern = await choosePattern(graph, order, { most, l2Weight }, slice)
    const refuse = () => {
      throw this.#tooLarge('factor, weights and counts of pairs', memoryLimitBytes + 1)
    }
    const counts = await countPairs(graph, order, pattern, { mostBytes, refuse }, slice)
    const factor = await inverseFactor(graph, order, pattern, counts, l2Weight, slice)
    const weights = await largestWeights(new InverseRows(factor), order, kept, slice)
    return new ItemSimilarityRecommender({ ...this.parts(), weights })
  }

  #bytesOf(factorEntries: number, neighbours: number): number {
    const perEntry = bytesPerFactorEntry + gramEntries(this.graph, 0).BYTES_PER_ELEMENT
    const perItem = perEntry * factorEntries + bytesPerWeight * neighbours + bytesPerItem
    return perItem * this.graph.itemCount + 8 * factorEntries ** 2
  }

  #tooLarge(parts: string, bytes: number): ModelTooLargeError {
    const { factorEntries, neighbours, memoryLimitBytes } = this.#settings
    return new ModelTooLargeError(
      `sansa needs at least ${bytes} bytes for the ${parts} of ${this.graph.itemCount} items with ${factorEntries} factorEntries and ${neighbours} neighbours; memoryLimitBytes is ${memoryLimitBytes}. Take less of either, keep fewer items (filterMinInteractions), take item-knn, which needs no factor, or raise the limit if there is the memory.`,
    )
  }
}
