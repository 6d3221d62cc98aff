import { type BipartiteGraph, type Id, OutOfMemoryError, Rng, TimeSlice } from '@gnnrec/graph'
import { EmbeddingRecommender, type Recommender } from '@gnnrec/serving'
import { Baseline } from '../baseline.js'
import { initializeTable } from '../initialization.js'
import type { PrepareOptions } from '../model-contract.js'
import { ModelTooLargeError } from '../parameters/model-too-large-error.js'
import { alternate, type FactorTables, solveUsers } from './alternate.js'
import { type IalsOptions, ialsSchema, resolveIalsOptions } from './ials-options.js'

/**
 * iALS, a matrix factorization by alternating least squares over all pairs of users and items, one of the strongest
 * models without a graph when it is well tuned.
 *
 * User u gets the embedding x_u, item i gets y_i, and x_u · y_i is the score. R is 1 for interactions and else 0. The
 * convention `'rendle'` ([Rendle et al., RecSys 2022](https://arxiv.org/abs/2110.14037)) minimizes
 *
 * `Σ_met (1 - x·y)² + α₀ Σ_all (x·y)² + λ Σ_u (n_u + α₀ items)^ν ‖x_u‖² + λ Σ_i (n_i + α₀ users)^ν ‖y_i‖²`
 *
 * where n counts interactions. The convention `'implicit'`
 * ([Hu, Koren and Volinsky, ICDM 2008](https://doi.org/10.1109/ICDM.2008.22)) minimizes
 *
 * `Σ_all c (R - x·y)² + λ (Σ_u ‖x_u‖² + Σ_i ‖y_i‖²)` with c = 1 + α R
 *
 * as the Python library `implicit` does, whose confidences are c. A sweep solves all users, the items being fixed,
 * then all items, exactly or (iALS++, [Rendle et al. 2021](https://arxiv.org/abs/2110.14044)) in blocks of
 * coordinates. After the last sweep the users are solved once more, so that they fit the items that are kept (the
 * library `implicit` does this only when it is asked with `recalculate_user`). Users and items without interactions get zeros. Start from a seed; the same graph and seed give the same
 * bytes for any number of threads, which `useBackend` sets.
 *
 * The recommender answers for histories that are not in the graph by solving for them exactly, the items being fixed. A
 * user's own history is so answered as the user, up to rounding, unless `blockSize` is below `embeddingDim`: users are
 * then near that solution. Time of a sweep is
 * O(interactions · d² + (users + items) · d³) for exact solutions of length d, memory is that of the tables and a few
 * MiB.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { Ials } from '@gnnrec/models'
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'Alien' },
 *     { user: 'ann', item: 'Brazil' },
 *     { user: 'bob', item: 'Alien' },
 *     { user: 'bob', item: 'Brazil' },
 *     { user: 'eve', item: 'Alien' },
 *     { user: 'joe', item: 'Casablanca' },
 *   ]),
 * )
 * const recommender = await new Ials(graph, { embeddingDim: 2 }).toRecommender()
 * console.log(recommender.recommend('eve', { k: 1 }).items)
 * ```
 */
export class Ials<User extends Id = Id, Item extends Id = Id> extends Baseline<User, Item> {
  static override readonly architecture = 'ials'
  static override readonly optionsSchema = ialsSchema
  static override readonly capabilities = { ...Baseline.capabilities, isSeeded: true }

  readonly #settings: ReturnType<typeof resolveIalsOptions>

  /** @throws InvalidOptionsError for a wrong or misspelt option, or one of the other convention */
  constructor(graph: BipartiteGraph<User, Item>, options: IalsOptions = {}) {
    const resolved = resolveIalsOptions(options)
    const { foldIn, ...common } = resolved.settings
    super(graph, { ...foldIn, ...common })
    this.#settings = resolved
  }

  /**
   * Makes the sweeps.
   *
   * @throws InvalidOptionsError when a row has no unique solution, which a larger `l2Weight` mends
   * @throws ModelTooLargeError, before it takes any, when the tables need more memory than `memoryLimitBytes`; also
   * when there is not so much
   */
  protected override async compute({ signal }: PrepareOptions): Promise<Recommender<User, Item>> {
    const { graph } = this
    const { settings, memoryLimitBytes } = this.#settings
    const { foldIn, embeddingDim } = settings
    const bytes = bytesOf(graph, settings)
    if (bytes > memoryLimitBytes) {
      throw tooLarge(`the limit is memoryLimitBytes: ${memoryLimitBytes}`, bytes)
    }
    const slice = new TimeSlice(signal)
    try {
      const { users, items } = startTables(graph, settings)
      await alternate(graph, { users, items }, settings, slice)
      await solveUsers(graph, { users, items }, settings, slice)
      return new EmbeddingRecommender({
        ...this.parts(),
        embeddingDim,
        userEmbeddings: users,
        itemEmbeddings: items,
        foldIn,
        copy: false,
      })
    } catch (cause) {
      const lacksMemory = cause instanceof OutOfMemoryError || cause instanceof RangeError
      if (!lacksMemory) throw cause
      throw tooLarge(`there is not so much: ${cause.message}`, bytes, cause)
    }
  }
}

/** Returns the embeddings before the first sweep. */
function startTables(
  { userCount, itemCount }: BipartiteGraph,
  { embeddingDim, initialDeviation, seed }: ReturnType<typeof resolveIalsOptions>['settings'],
): FactorTables {
  const rng = Rng.fromSeed(seed).fork('init')
  const table = (rows: number, name: string) => {
    const values = new Float32Array(rows * embeddingDim)
    const start = { initialization: 'normal', initialDeviation } as const
    initializeTable(values, [rows, embeddingDim], rng.fork(name), start)
    return values
  }
  return { users: table(userCount, 'users'), items: table(itemCount, 'items') }
}

/** Counts the bytes of both tables, of the larger one in kernel memory, of the edges, and for solving. */
function bytesOf(
  { userCount, itemCount, edgeCount }: BipartiteGraph,
  { embeddingDim, blockSize }: { readonly embeddingDim: number; readonly blockSize: number },
): number {
  const width = Math.min(blockSize, embeddingDim)
  const tables = 4 * embeddingDim * (userCount + itemCount + Math.max(userCount, itemCount))
  const solving = 8 * embeddingDim ** 2 + 4 * width ** 2
  return tables + solving + 16 * edgeCount
}

function tooLarge(reason: string, bytes: number, cause?: unknown): ModelTooLargeError {
  return new ModelTooLargeError(
    `ials needs ${bytes} bytes for its embeddings and for solving them, but ${reason}. Take a smaller embeddingDim, keep fewer users and items (filterMinInteractions), or raise memoryLimitBytes if there is the memory.`,
    { cause },
  )
}
