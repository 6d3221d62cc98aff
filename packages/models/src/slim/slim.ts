import { type BipartiteGraph, type Id, parseOptions, TimeSlice } from '@gnnrec/graph'
import { warn } from '@gnnrec/graph/kernels'
import { ItemSimilarityRecommender, type Recommender } from '@gnnrec/serving'
import * as z from 'zod/mini'
import { Baseline } from '../baseline.js'
import type { PrepareOptions } from '../model-contract.js'
import { largestEntries } from '../neighbours/largest-entries.js'
import { ColumnSolver } from './column-solver.js'

/** Options of {@link Slim}. */
export interface SlimOptions {
  /**
   * The weight of the sum of all weights, finite, from 0 up: the larger, the fewer weights there are. Items that at
   * most so many users met together have none for each other.
   *
   * @defaultValue 1
   */
  l1Weight?: number
  /**
   * The weight of half the sum of squared weights, finite, from 0 up.
   *
   * @defaultValue 50
   */
  l2Weight?: number
  /**
   * Most weights that the score of an item is made of, an integer from 1 up; the largest are kept.
   *
   * @defaultValue 200
   */
  neighbours?: number
  /**
   * Most that a weight may change in the last sweep over the weights of an item, finite, from 0 up.
   *
   * @defaultValue 1e-4
   */
  tolerance?: number
  /**
   * Most sweeps over the weights of an item, an integer from 1 up. A warning tells of items that would need more.
   *
   * @defaultValue 100
   */
  iterations?: number
}

const schema = /* @__PURE__ */ z.strictObject({
  l1Weight: z._default(z.number().check(z.gte(0)), 1),
  l2Weight: z._default(z.number().check(z.gte(0)), 50),
  neighbours: z._default(z.int().check(z.gte(1)), 200),
  tolerance: z._default(z.number().check(z.gte(0)), 1e-4),
  iterations: z._default(z.int().check(z.gte(1)), 100),
})

/**
 * SLIM, a sparse linear model ([Ning and Karypis, ICDM 2011](https://doi.org/10.1109/ICDM.2011.134)).
 *
 * The weights W, items × items, minimize
 *
 * `½ ‖R - R W‖² + ½ l2Weight ‖W‖² + l1Weight Σ W_ij` under `W ≥ 0` and `diag(W) = 0`
 *
 * and user u scores item j by `Σ_i R_ui W_ij`. R is 0 or 1, or the weight of an edge in a graph of weights. Each
 * column of W is a problem of its own, solved by coordinate descent in float64 and rounded once to float32. The score
 * of an item keeps its largest `neighbours` weights.
 *
 * Nothing of size items² is made: a sweep for item j takes time O(Σ_i n_i) over the items i met together with j, by n_i
 * users each, and memory is that of the weights. The same graph gives the same bytes. Histories that are not in the
 * graph are answered, too.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { Slim } from '@gnnrec/models'
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
 * const recommender = await new Slim(graph, { l1Weight: 0.1, l2Weight: 1 }).toRecommender()
 * console.log(recommender.recommend('eve', { k: 1 }).items)
 * ```
 */
export class Slim<User extends Id = Id, Item extends Id = Id> extends Baseline<User, Item> {
  static override readonly architecture = 'slim'
  static override readonly optionsSchema = schema

  readonly #settings: z.output<typeof schema>

  /** @throws InvalidOptionsError for a wrong or misspelt option */
  constructor(graph: BipartiteGraph<User, Item>, options: SlimOptions = {}) {
    const settings = parseOptions(Slim.architecture, schema, options)
    super(graph, settings)
    this.#settings = settings
  }

  /**
   * Solves for the weights.
   *
   * @throws ModelTooLargeError, before it takes any memory, when the machine could not hold the weights
   */
  protected override async compute({ signal }: PrepareOptions): Promise<Recommender<User, Item>> {
    const { graph } = this
    const { neighbours, iterations, tolerance } = this.#settings
    const slice = new TimeSlice(signal)
    const solver = new ColumnSolver(graph, this.#settings)
    const columns = await largestEntries(
      {
        order: graph.itemCount,
        rowOf: (item) => solver.solve(item, slice),
        mostOf: (item) => solver.mostCandidates(item),
      },
      { neighbours, model: Slim.architecture, nodes: 'items' },
      slice,
    )
    if (solver.unfinished > 0) {
      warn(
        `slim: the weights of ${solver.unfinished} of ${graph.itemCount} items still changed by more than the tolerance ${tolerance} after ${iterations} sweeps. They are used as they are; raise iterations or l2Weight for exact ones.`,
      )
    }
    return new ItemSimilarityRecommender({ ...this.parts(), weights: columns.transpose() })
  }
}
