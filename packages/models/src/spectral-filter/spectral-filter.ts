import { type BipartiteGraph, type Id, truncatedSvd } from '@gnnrec/graph'
import { type ItemSimilarityRecommender, SpectralFilterRecommender } from '@gnnrec/serving'
import { Baseline } from '../baseline.js'
import type { PrepareOptions } from '../model-contract.js'
import { ModelTooLargeError } from '../parameters/model-too-large-error.js'
import {
  type CompileFilterOptions,
  compileFilter,
  resolveCompileOptions,
} from './compile-filter.js'
import { filterRule } from './filter-rule.js'
import { publishedFilters } from './published-filters.js'
import {
  resolveSpectralFilterOptions,
  type SpectralFilterOptions,
  type SpectralFilterSettings,
  spectralFilterSchema,
} from './spectral-filter-options.js'

type WithVectors = Exclude<SpectralFilterSettings, { filter: 'linear' }>

/**
 * A filter of the graph of items, which is computed without training. Nothing about users is learnt, so histories
 * that are not in the graph are answered exactly.
 *
 * With R̃ = D_u^-½ R D_i^-½, the matrix of users and items over the roots of their degrees, G = R̃ᵀ R̃, and V the
 * leading right singular vectors of R̃, a history r, 1 for its items, scores all items by one of
 *
 * - `linear`: `G r`
 * - `gf-cf`: `G r + α D_i^½ V Vᵀ D_i^-½ r` ([Shen et al., CIKM 2021](https://arxiv.org/abs/2108.07567))
 * - `bspm`: `y = G r`, then dy/dt = -G y for a time; `α D_i^½ V Vᵀ D_i^-½ r` is added before or afterwards
 *   ([Choi et al., SIGIR 2023](https://arxiv.org/abs/2211.09324))
 * - `chebyshev`: `D_i^β (Σ_m c_m T_m(I - 2 G) + α V Vᵀ) D_i^-β r` with Chebyshev polynomials T_m that interpolate a
 *   plateau between two slopes (ChebyCF, Kim et al., SIGIR 2025)
 *
 * with α = `idealWeight`. The settings of the papers for data sets are in {@link published}; settings do not carry
 * over from one data set to another, so choose among them on a validation part.
 *
 * V is computed in float64, scores are computed in float32 for 64 histories at a time. The same graph and seed give
 * the same bytes, for any number of threads.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { SpectralFilter } from '@gnnrec/models'
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
 * const model = new SpectralFilter(graph, { filter: 'gf-cf', vectors: 1 })
 * const recommender = await model.toRecommender()
 * console.log(recommender.recommend('eve', { k: 1 }).items)
 * ```
 */
export class SpectralFilter<User extends Id = Id, Item extends Id = Id> extends Baseline<
  User,
  Item
> {
  static override readonly architecture = 'spectral-filter'
  static override readonly optionsSchema = spectralFilterSchema
  static override readonly capabilities = { ...Baseline.capabilities, isSeeded: true }
  /** Settings of the papers, by data set and filter. */
  static readonly published = publishedFilters

  readonly #settings: SpectralFilterSettings
  readonly #memoryLimitBytes: number

  /** @throws InvalidOptionsError for a wrong or misspelt option, or one that the filter does not read */
  constructor(graph: BipartiteGraph<User, Item>, options: SpectralFilterOptions = {}) {
    const settings = resolveSpectralFilterOptions(options)
    const { memoryLimitBytes, ...kept } = settings
    super(graph, kept)
    this.#settings = settings
    this.#memoryLimitBytes = memoryLimitBytes
  }

  /**
   * Returns a recommender by weights between items, which answers much faster and not quite the same: row j holds the
   * `neighbours` largest scores above 0 that a history of item j alone gives the other items. The part of the lists
   * that it keeps is measured on users of the graph and stored as the option `compiled` of its origin: `overlap` is
   * the mean share of the 20 best items that are in both lists. A model made with the options of that origin would be
   * the filter without compiled weights, so they are refused because of `compiled`; leave it out and compile again.
   *
   * @throws InvalidOptionsError for a wrong or misspelt option
   * @throws ModelTooLargeError when the weights need more memory than `memoryLimitBytes`
   * @throws the reason of `signal` once it is aborted
   */
  async compile(
    options: CompileFilterOptions = {},
  ): Promise<ItemSimilarityRecommender<User, Item>> {
    const settings = resolveCompileOptions(options)
    await this.prepare({ signal: settings.signal })
    const exact = (await this.toRecommender()) as SpectralFilterRecommender<User, Item>
    const parts = { ...this.parts(), memoryLimitBytes: this.#memoryLimitBytes }
    return compileFilter(exact, parts, settings)
  }

  /**
   * Computes the singular vectors.
   *
   * @throws ModelTooLargeError, before it takes any, when they need more memory than `memoryLimitBytes`
   * @throws NotConvergedError when the vectors are not found to the tolerance
   */
  protected override async compute({
    signal,
  }: PrepareOptions): Promise<SpectralFilterRecommender<User, Item>> {
    const settings = this.#settings
    const { polynomial, sharpening, degreeExponent, ideal } = filterRule(settings)
    const vectors =
      settings.filter === 'linear' || !ideal ? undefined : await this.#vectors(settings, signal)
    return new SpectralFilterRecommender({
      ...this.parts(),
      polynomial,
      sharpening,
      degreeExponent,
      ...(ideal && vectors && vectors.length > 0 && { ideal, vectors }),
    })
  }

  async #vectors(
    { vectors, tolerance, seed }: WithVectors,
    signal: AbortSignal | undefined,
  ): Promise<Float32Array> {
    const { graph } = this
    const rank = Math.min(vectors, graph.userCount, graph.itemCount)
    this.#checkMemory(rank)
    const matrix = graph.biadjacency({ normalization: 'symmetric' })
    const { v } = await truncatedSvd(matrix, { rank, allowFewer: true, tolerance, seed, signal })
    return v
  }

  #checkMemory(rank: number): void {
    const { userCount, itemCount } = this.graph
    const [shorter, longer] = [userCount, itemCount].sort((a, b) => a - b) as [number, number]
    const columns = 8 * Math.ceil((rank + Math.max(10, rank / 4)) / 8)
    // Two bases of float64 on the shorter side and one on the longer, both vectors in float32, and V once more.
    const bytes = 8 * columns * (2 * shorter + longer) + 4 * rank * (shorter + 3 * longer)
    const limit = this.#memoryLimitBytes
    if (bytes <= limit) return
    throw new ModelTooLargeError(
      `spectral-filter needs ${bytes} bytes for ${rank} singular vectors of ${userCount} users and ${itemCount} items; memoryLimitBytes is ${limit}. Take fewer vectors, idealWeight 0, which needs none, or raise the limit if there is the memory.`,
    )
  }
}
