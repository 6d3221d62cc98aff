import { type BipartiteGraph, type Id, parseOptions, TimeSlice } from '@gnnrec/graph'
import { ItemSimilarityRecommender, type Recommender } from '@gnnrec/serving'
import * as z from 'zod/mini'
import { Baseline } from '../baseline.js'
import type { PrepareOptions } from '../model-contract.js'
import { ProductRows } from '../neighbours/product-rows.js'
import { ModelTooLargeError } from '../parameters/model-too-large-error.js'
import { invertGram, tileSize } from './invert-gram.js'

/** Options of {@link Ease}. */
export interface EaseOptions {
  /**
   * λ, finite, above 0. The paper's best are 500 on MovieLens-20M, 1000 on Netflix and 200 on the
   * Million Song Dataset.
   *
   * @defaultValue 500
   */
  l2Weight?: number
  /**
   * Most bytes that fitting may take for its items × items matrices, 12 · items² in all, of which
   * 4 · items² stay with the recommender.
   *
   * @defaultValue 4 GiB, enough for 18,916 items
   */
  memoryLimitBytes?: number
}

const defaultMemoryLimit = 4 * 2 ** 30

const schema = /* @__PURE__ */ z.strictObject({
  l2Weight: z._default(z.number().check(z.gt(0)), 500),
  memoryLimitBytes: z._default(z.number().check(z.gt(0)), defaultMemoryLimit),
})

/** The float64 matrix that is inverted, and the float32 weights. */
const bytesPerPair = 8 + 4

/**
 * EASEᴿ, a linear autoencoder without hidden layer: a baseline hard to beat
 * ([Steck, WWW 2019](https://arxiv.org/abs/1905.03375)).
 *
 * The weights B, items × items, minimize `‖R - R B‖² + λ ‖B‖²` under `diag(B) = 0`, which has the
 * closed form
 *
 * `P = (RᵀR + λ I)⁻¹`, `B_ij = -P_ij / P_jj` for i ≠ j
 *
 * and user u scores item j by `Σ_i R_ui B_ij`. R is 0 or 1, or the weight of an edge in a graph of weights. Computed
 * in float64, rounded once to float32; all entries are kept, negative ones too.
 *
 * Time is O(items³) and memory 12 · items² bytes: for data with few thousand items. The same graph gives
 * the same bytes.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { Ease } from '@gnnrec/models'
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
 * const recommender = await new Ease(graph, { l2Weight: 1 }).toRecommender()
 * console.log(recommender.recommend('eve', { k: 1 }).items)
 * ```
 */
export class Ease<User extends Id = Id, Item extends Id = Id> extends Baseline<User, Item> {
  static override readonly architecture = 'ease'
  static override readonly optionsSchema = schema

  readonly #settings: z.output<typeof schema>

  /** @throws InvalidOptionsError for a wrong or misspelt option */
  constructor(graph: BipartiteGraph<User, Item>, options: EaseOptions = {}) {
    const settings = parseOptions(Ease.architecture, schema, options)
    super(graph, { l2Weight: settings.l2Weight })
    this.#settings = settings
  }

  /**
   * Returns true when the matrices of a number of items fit into a limit of memory; `Sansa` is for more items.
   *
   * @param memoryLimitBytes - the option of the constructor, with the same default
   */
  static fits(itemCount: number, memoryLimitBytes: number = defaultMemoryLimit): boolean {
    return bytesPerPair * orderOf(itemCount) ** 2 <= memoryLimitBytes
  }

  /**
   * Solves for the weights.
   *
   * @throws InvalidOptionsError when `l2Weight` is lost in rounding
   * @throws ModelTooLargeError, before it takes any, when the matrices need more memory than
   * `memoryLimitBytes`; also when the system refuses to give so much
   */
  protected override async compute({ signal }: PrepareOptions): Promise<Recommender<User, Item>> {
    const { graph } = this
    const { l2Weight, memoryLimitBytes } = this.#settings
    const order = orderOf(graph.itemCount)
    const bytes = bytesPerPair * order ** 2
    if (!Ease.fits(graph.itemCount, memoryLimitBytes)) {
      throw tooLarge(graph.itemCount, bytes, memoryLimitBytes)
    }
    const slice = new TimeSlice(signal)
    const matrix = allocate(order, graph.itemCount, bytes)
    await fillGram(matrix, order, graph, l2Weight, slice)
    await invertGram(matrix, order, l2Weight, slice)
    const weights = await weightsInPlace(matrix, order, graph.itemCount, slice)
    return new ItemSimilarityRecommender({ ...this.parts(), weights })
  }
}

/** Returns the number of rows of the matrices, which are made of whole tiles. */
function orderOf(itemCount: number): number {
  return Math.ceil(itemCount / tileSize) * tileSize
}

function tooLarge(items: number, bytes: number, limit: number): ModelTooLargeError {
  return new ModelTooLargeError(
    `ease needs ${bytes} bytes (${gibibytes(bytes)}) for its matrices of ${items} × ${items} items; the limit is ${limit} bytes (${gibibytes(limit)}). ${wayOut}, or raise memoryLimitBytes if there is the memory.`,
  )
}

const wayOut =
  'Keep fewer items (filterMinInteractions), take sansa or item-knn, which need no such matrix'

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`
}

function allocate(order: number, items: number, bytes: number): Float64Array {
  try {
    return new Float64Array(order * order)
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new ModelTooLargeError(
      `ease needs ${bytes} bytes (${gibibytes(bytes)}) for its matrices of ${items} × ${items} items, which the system does not give. ${wayOut}.`,
      { cause },
    )
  }
}

/** Writes the lower triangle of `RᵀR + λ I`; rows beyond the items are those of λ I. */
async function fillGram(
  matrix: Float64Array,
  order: number,
  graph: BipartiteGraph,
  l2Weight: number,
  slice: TimeSlice,
): Promise<void> {
  const product = ProductRows.ofItems(graph)
  for (let item = 0; item < graph.itemCount; item++) {
    if (slice.isOver()) await slice.next()
    for (const other of product.compute(item)) {
      if (other <= item) matrix[item * order + other] = product.values[other]
    }
  }
  for (let item = 0; item < order; item++) matrix[item * order + item] += l2Weight
}

/** B from P, in the memory of P: each of its places is read before it is overwritten. */
async function weightsInPlace(
  inverse: Float64Array,
  order: number,
  items: number,
  slice: TimeSlice,
): Promise<Float32Array> {
  const diagonal = Float64Array.from({ length: items }, (_, item) => inverse[item * order + item])
  const weights = new Float32Array(inverse.buffer as ArrayBuffer, 0, items * items)
  for (let row = 0; row < items; row++) {
    if (slice.isOver()) await slice.next()
    for (let column = 0; column < items; column++) {
      const weight = row === column ? 0 : -inverse[row * order + column] / diagonal[column]
      weights[row * items + column] = weight
    }
  }
  return weights
}
