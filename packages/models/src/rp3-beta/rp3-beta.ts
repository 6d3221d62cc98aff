import {
  type BipartiteGraph,
  type Id,
  parseOptions,
  type SparseMatrix,
  TimeSlice,
} from '@gnnrec/graph'
import { ItemSimilarityRecommender, type Recommender } from '@gnnrec/serving'
import * as z from 'zod/mini'
import { Baseline } from '../baseline.js'
import type { PrepareOptions } from '../model-contract.js'
import { largestEntries } from '../neighbours/largest-entries.js'
import { ProductRows } from '../neighbours/product-rows.js'

/** Options of {@link Rp3Beta}. */
export interface Rp3BetaOptions {
  /**
   * α, the power of the chance of each step of the walk, in 0..4. At 1 the walk is a random walk; at 0 all
   * edges of a node count in full.
   *
   * @defaultValue 1
   */
  alpha?: number
  /**
   * β, the power of the degree that the score of an item is divided by, finite, from 0 up. The larger, the less
   * popular items are favoured.
   *
   * @defaultValue 0.6
   */
  beta?: number
  /**
   * Most items that each item leads to, an integer from 1 up.
   *
   * @defaultValue 100
   */
  neighbours?: number
  /**
   * True when the weights of each item met are scaled to the sum 1, so that all items met count alike.
   *
   * @defaultValue false
   */
  normalize?: boolean
}

const schema = /* @__PURE__ */ z.strictObject({
  alpha: z._default(z.number().check(z.gte(0), z.lte(4)), 1),
  beta: z._default(z.number().check(z.gte(0)), 0.6),
  neighbours: z._default(z.int().check(z.gte(1)), 100),
  normalize: z._default(z.boolean(), false),
})

/**
 * RP3β, a random walk of three steps over the graph, one of the baselines that graph models often fail to beat
 * ([Christoffel et al., RecSys 2015](https://doi.org/10.1145/2792838.2800180),
 * [Paudel et al., TiiS 2017](https://doi.org/10.1145/2955101)).
 *
 * From an item j that was met the walk goes to a user, and from there to an item i:
 *
 * `W_ji = d_i^(-β) Σ_u (R_uj / d_j)^α (R_ui / d_u)^α` for i ≠ j
 *
 * with the sums d of the rows and columns of R, which are degrees in a graph without weights. Each row of W keeps its
 * largest `neighbours` entries, of equal ones those of the lower items. User u scores item i by `Σ_j R_uj W_ji`. Each
 * (R_ui / d_u)^α and R_uj^α is rounded to float32, sums and products are float64, and W_ji is rounded to float32.
 *
 * Nothing of size items² is made: time is O(Σ_u d_u²) for users with d_u items, memory is that of the
 * neighbours. The same graph gives the same bytes. Histories that are not in the graph are answered, too.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { Rp3Beta } from '@gnnrec/models'
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
 * const recommender = await new Rp3Beta(graph, { beta: 0.4 }).toRecommender()
 * console.log(recommender.recommend('eve', { k: 1 }).items)
 * ```
 */
export class Rp3Beta<User extends Id = Id, Item extends Id = Id> extends Baseline<User, Item> {
  static override readonly architecture = 'rp3-beta'
  static override readonly optionsSchema = schema

  readonly #settings: z.output<typeof schema>

  /** @throws InvalidOptionsError for a wrong or misspelt option */
  constructor(graph: BipartiteGraph<User, Item>, options: Rp3BetaOptions = {}) {
    const settings = parseOptions(Rp3Beta.architecture, schema, options)
    super(graph, settings)
    this.#settings = settings
  }

  /**
   * Computes the weights of all items.
   *
   * @throws ModelTooLargeError, before it takes any memory, when the machine could not hold the neighbours
   */
  protected override async compute({ signal }: PrepareOptions): Promise<Recommender<User, Item>> {
    const weights = await walkWeights(this.graph, this.#settings, new TimeSlice(signal))
    return new ItemSimilarityRecommender({ ...this.parts(), weights })
  }
}

/** Computes W, of which each row keeps its largest entries. */
async function walkWeights(
  graph: BipartiteGraph,
  { alpha, beta, neighbours, normalize }: z.output<typeof schema>,
  slice: TimeSlice,
): Promise<SparseMatrix> {
  const { itemCount, weightedItemDegrees, weightedUserDegrees } = graph
  const met = graph.biadjacency({ normalization: 'none' })
  const strengths = met.values.map((weight) => weight ** alpha)
  const fromUsers = met.withValues(sharesOfUsers(met, strengths, weightedUserDegrees, alpha))
  const product = new ProductRows(met.withValues(strengths).transpose(), fromUsers)
  const favour = Float64Array.from(weightedItemDegrees, (degree) => degree ** -beta)
  const entries = new Float32Array(itemCount)
  const rowOf = (item: number) => {
    const columns = product.compute(item).sort()
    const leaving = weightedItemDegrees[item] ** -alpha
    for (let place = 0; place < columns.length; place++) {
      const other = columns[place]
      entries[place] = other === item ? 0 : leaving * product.values[other] * favour[other]
    }
    return { columns, values: entries.subarray(0, columns.length) }
  }
  const weights = await largestEntries(
    { order: itemCount, rowOf, mostOf: (item) => product.mostOthers(item) },
    { neighbours, model: Rp3Beta.architecture, nodes: 'items' },
    slice,
  )
  return normalize ? weights.withValues(shares(weights)) : weights
}

/** Returns `(R_ui / d_u)^α` of every entry, from `R_ui^α`. */
function sharesOfUsers(
  { rows, rowPointers }: SparseMatrix,
  strengths: Float32Array,
  degrees: Float64Array,
  alpha: number,
): Float32Array {
  const values = new Float32Array(strengths.length)
  for (let row = 0; row < rows; row++) {
    const share = degrees[row] ** -alpha
    for (let entry = rowPointers[row]; entry < rowPointers[row + 1]; entry++) {
      values[entry] = strengths[entry] * share
    }
  }
  return values
}

/** Returns the entries of a matrix as shares of the sums of their rows. */
function shares({ rows, rowPointers, values }: SparseMatrix): Float32Array {
  const scaled = new Float32Array(values.length)
  for (let row = 0; row < rows; row++) {
    let sum = 0
    for (let entry = rowPointers[row]; entry < rowPointers[row + 1]; entry++) sum += values[entry]
    for (let entry = rowPointers[row]; entry < rowPointers[row + 1]; entry++) {
      scaled[entry] = values[entry] / sum
    }
  }
  return scaled
}
