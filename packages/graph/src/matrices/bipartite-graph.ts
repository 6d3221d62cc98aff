import { graphCopy, isInstanceOfAnyCopy, type PackageCopy } from '../copies.js'
import { InvalidInteractionsError, ShapeMismatchError, UnknownIdError } from '../errors.js'
import type { Id, IdMap } from '../ids/id-map.js'
import type { InteractionLists } from '../interactions/interaction-lists.js'
import type { InteractionTable } from '../interactions/interaction-table.js'
import { warnOfLowRatings } from '../interactions/low-ratings.js'
import { parseOptions } from '../options.js'
import { rowSums, weightedLists } from './edge-weights.js'
import {
  type BipartiteGraphOptions,
  graphOptionsSchema,
  warnOfUnreadWeights,
} from './graph-options.js'
import {
  type AdjacencyOptions,
  adjacencyOf,
  adjacencyOptionsSchema,
  type BiadjacencyOptions,
  biadjacencyOptionsSchema,
  type Normalization,
  normalizedValues,
} from './normalization.js'
import { SparseMatrix } from './sparse-matrix.js'

const marker = /* @__PURE__ */ Symbol.for('gnnrec.bipartite-graph')

/**
 * The graph of users and items, with an undirected edge between user u and item i when u met i.
 *
 * `R`, users × items, is its biadjacency, `A = [[0, R], [Rᵀ, 0]]` its adjacency with node `n = u` for user u
 * and `n = userCount + i` for item i. Repeated interactions are one edge. `R_ui` is 1 for an edge, or its weight in
 * a graph of weights, and 0 elsewhere. Users and items of the id maps that have no interaction are isolated nodes
 * with empty rows.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'jaws' },
 *     { user: 'ann', item: 'alien' },
 *     { user: 'bob', item: 'alien' },
 *   ]),
 * )
 * console.log(graph.userCount, graph.itemCount, graph.edgeCount) // 2 2 3
 * const bob = graph.users.indexOf('bob')
 * console.log(Array.from(graph.userItems(bob), (item) => graph.items.idOf(item))) // [ 'alien' ]
 * console.log(graph.adjacency().values)
 * ```
 */
export class BipartiteGraph<User extends Id = Id, Item extends Id = Id> {
  /** Ids and indices of users. */
  readonly users: IdMap<User>
  /** Ids and indices of items. */
  readonly items: IdMap<Item>
  /** Each user's distinct items, ascending, and the weights of these edges in a graph of weights. */
  readonly interactions: InteractionLists
  /** The number of distinct items of each user. */
  readonly userDegrees: Int32Array
  /** The number of distinct users of each item. */
  readonly itemDegrees: Int32Array
  /** The sum of each user's row of R, by which matrices are normalized; without weights its number of items. */
  readonly weightedUserDegrees: Float64Array
  /** The sum of each item's column of R, by which matrices are normalized; without weights its number of users. */
  readonly weightedItemDegrees: Float64Array
  /** R. */
  readonly #matrix: SparseMatrix
  readonly #matrices = new Map<string, SparseMatrix>()

  private constructor({ users, items }: InteractionTable<User, Item>, lists: InteractionLists) {
    this.users = users
    this.items = items
    this.interactions = lists
    this.#matrix = SparseMatrix.fromCsr({
      rows: this.userCount,
      columns: this.itemCount,
      rowPointers: lists.pointers,
      columnIndices: lists.items,
      values: lists.weights ?? new Float32Array(lists.items.length).fill(1),
    })
    const transposed = this.#matrix.transpose()
    this.userDegrees = rowLengths(lists.pointers)
    this.itemDegrees = rowLengths(transposed.rowPointers)
    this.weightedUserDegrees = rowSums(lists.pointers, this.#matrix.values)
    this.weightedItemDegrees = rowSums(transposed.rowPointers, transposed.values)
  }

  /** @internal */
  get [marker](): PackageCopy {
    return graphCopy
  }

  /** Makes `instanceof` true also for objects that another copy of the package made. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return isInstanceOfAnyCopy(this, BipartiteGraph, marker, value)
  }

  /**
   * Makes the graph of a table's interactions. Ratings and timestamps do not change it; weights do by the option
   * `weights`.
   *
   * @throws InvalidInteractionsError when the table has no rows, a row with an index outside its id maps, or a
   * weight that is read is not a finite number above 0
   * @throws ShapeMismatchError when the index columns differ in length
   * @throws InvalidOptionsError for a wrong or misspelt option
   */
  static fromInteractions<User extends Id, Item extends Id>(
    table: InteractionTable<User, Item>,
    options: BipartiteGraphOptions = {},
  ): BipartiteGraph<User, Item> {
    const owner = 'BipartiteGraph.fromInteractions'
    const { weights, lowRatings } = parseOptions(owner, graphOptionsSchema, options)
    const { userIndex, itemIndex, users, items } = table
    if (userIndex.length !== itemIndex.length) {
      throw new ShapeMismatchError(
        `userIndex has ${userIndex.length} rows, itemIndex ${itemIndex.length}; expected equal lengths.`,
      )
    }
    if (userIndex.length === 0) {
      throw new InvalidInteractionsError(
        'The table has no interactions; a graph needs at least one. Check the filters before it.',
      )
    }
    checkColumn('userIndex', userIndex, users.size)
    checkColumn('itemIndex', itemIndex, items.size)
    if (weights === undefined) warnOfUnreadWeights(table)
    if (lowRatings === 'warn') warnOfLowRatings(table)
    return new BipartiteGraph(table, weightedLists(table, weights ?? 'none'))
  }

  /** True when edges have weights. */
  get isWeighted(): boolean {
    return this.interactions.weights !== undefined
  }

  /** Number of users. */
  get userCount(): number {
    return this.users.size
  }

  /** Number of items. */
  get itemCount(): number {
    return this.items.size
  }

  /** Number of users and items together. */
  get nodeCount(): number {
    return this.userCount + this.itemCount
  }

  /** Number of distinct (user, item) pairs: |E|, the entries of R. */
  get edgeCount(): number {
    return this.interactions.items.length
  }

  /**
   * Returns the distinct items of a user, ascending, as a view that must not be written to.
   *
   * @throws UnknownIdError when `user` is not an index in 0..userCount-1
   */
  userItems(user: number): Int32Array {
    checkNode('user', user, this.userCount)
    const { pointers, items } = this.interactions
    return items.subarray(pointers[user], pointers[user + 1])
  }

  /**
   * Returns the distinct users of an item, ascending, as a view that must not be written to.
   *
   * @throws UnknownIdError when `item` is not an index in 0..itemCount-1
   */
  itemUsers(item: number): Int32Array {
    checkNode('item', item, this.itemCount)
    const { rowPointers, columnIndices } = this.#matrix.transpose()
    return columnIndices.subarray(rowPointers[item], rowPointers[item + 1])
  }

  /**
   * Returns the normalized users × items matrix, with α = `regularization` and the degrees D_U and D_I, which are
   * row sums and column sums of R:
   *
   * - `'symmetric'`: `(D_U + αI)^{-1/2} R (D_I + αI)^{-1/2}`, the matrix of SVD-GCN
   *   (https://arxiv.org/abs/2208.12689); its largest singular value is 1 at α = 0 and at most
   *   `d_max / (d_max + α)` otherwise
   * - `'row'`: `(D_U + αI)^{-1} R`; rows of users with items sum to 1 at α = 0
   * - `'column'`: `R (D_I + αI)^{-1}`
   * - `'none'`: `R`
   *
   * Values are computed in float64 and rounded once. The matrix is made once for each set of options and
   * shared by all callers.
   *
   * @throws InvalidOptionsError when an option is unknown or out of its range
   */
  biadjacency(options: BiadjacencyOptions = {}): SparseMatrix {
    const owner = 'BipartiteGraph.biadjacency'
    const parsed = parseOptions(owner, biadjacencyOptionsSchema, options)
    const { normalization, regularization } = parsed
    if (normalization === 'none') return this.#cached('biadjacency', () => this.#matrix)
    return this.#cached(`biadjacency/${normalization}/${regularization}`, () => {
      const rowDegrees = shifted(this.weightedUserDegrees, regularization)
      const columnDegrees = shifted(this.weightedItemDegrees, regularization)
      return this.#matrix.withValues(
        normalizedValues(this.#matrix, rowDegrees, columnDegrees, normalization),
      )
    })
  }

  /**
   * Returns the normalized nodes × nodes matrix, users first. `A' = A + I` and `D' = D + I` with
   * `selfLoops`, otherwise `A' = A` and `D' = D`; α = `regularization`:
   *
   * - `'symmetric'`: `(D' + αI)^{-1/2} A' (D' + αI)^{-1/2}`; without self-loops the `Â` of LightGCN
   *   (https://arxiv.org/abs/2002.02126), with them the `Ã` of GCNII
   *   (https://arxiv.org/abs/2007.02133)
   * - `'row'`: `(D' + αI)^{-1} A'`
   * - `'column'`: `A' (D' + αI)^{-1}`
   * - `'none'`: `A'`
   *
   * `0^{-1/2} := 0` and `0^{-1} := 0`: isolated nodes have empty rows. Values are computed in
   * float64 and rounded once. The matrix is made once for each set of options and shared by all callers.
   * With `'symmetric'` and `'none'` it is its own transpose.
   *
   * @throws InvalidOptionsError when an option is unknown or out of its range
   */
  adjacency(options: AdjacencyOptions = {}): SparseMatrix {
    const owner = 'BipartiteGraph.adjacency'
    const parsed = parseOptions(owner, adjacencyOptionsSchema, options)
    return this.#adjacency(parsed.normalization, parsed.selfLoops, parsed.regularization)
  }

  #adjacency(
    normalization: Normalization,
    selfLoops: boolean,
    regularization: number,
  ): SparseMatrix {
    const name = `adjacency/${selfLoops}`
    if (normalization === 'none') {
      return this.#cached(name, () => adjacencyOf(this.#matrix, selfLoops))
    }
    return this.#cached(`${name}/${normalization}/${regularization}`, () => {
      const matrix = this.#adjacency('none', selfLoops, 0)
      const degrees = new Float64Array(this.nodeCount)
      degrees.set(this.weightedUserDegrees)
      degrees.set(this.weightedItemDegrees, this.userCount)
      const total = shifted(degrees, regularization + (selfLoops ? 1 : 0))
      return matrix.withValues(normalizedValues(matrix, total, total, normalization), {
        symmetric: normalization === 'symmetric',
      })
    })
  }

  /**
   * Frees the tensors that backends made for the matrices of this graph. The graph and its matrices stay
   * usable; see {@link SparseMatrix.dispose}.
   */
  dispose(): void {
    for (const matrix of this.#matrices.values()) matrix.dispose()
  }

  #cached(key: string, make: () => SparseMatrix): SparseMatrix {
    let matrix = this.#matrices.get(key)
    if (matrix === undefined) {
      matrix = make()
      this.#matrices.set(key, matrix)
    }
    return matrix
  }
}

function rowLengths(pointers: Int32Array): Int32Array {
  const lengths = new Int32Array(pointers.length - 1)
  for (let row = 0; row < lengths.length; row++) lengths[row] = pointers[row + 1] - pointers[row]
  return lengths
}

function shifted(degrees: ArrayLike<number>, shift: number): Float64Array {
  return Float64Array.from(degrees, (degree) => degree + shift)
}

function checkColumn(name: string, column: Int32Array, bound: number): void {
  for (let row = 0; row < column.length; row++) {
    if (column[row] < 0 || column[row] >= bound) {
      throw new InvalidInteractionsError(
        `Row ${row} has the ${name} ${column[row]}; its id map has only 0..${bound - 1}.`,
      )
    }
  }
}

function checkNode(kind: string, index: number, bound: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= bound) {
    throw new UnknownIdError(index, `The ${kind} index ${index} is not in 0..${bound - 1}.`)
  }
}
