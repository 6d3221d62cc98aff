import { graphCopy, isInstanceOfAnyCopy, type PackageCopy } from '../copies.js'
import { InvalidInteractionsError, ShapeMismatchError, UnknownIdError } from '../errors.js'
import type { Id, IdMap } from '../ids/id-map.js'
import { type InteractionLists, interactionLists } from '../interactions/interaction-lists.js'
import type { InteractionTable } from '../interactions/interaction-table.js'
import { parseOptions } from '../options.js'
import {
  type AdjacencyOptions,
  adjacencyOptionsSchema,
  adjacencyPattern,
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
 * `R ∈ {0,1}^{users × items}` is its biadjacency, `A = [[0, R], [Rᵀ, 0]]` its adjacency with node
 * `n = u` for user u and `n = userCount + i` for item i. Repeated interactions are one edge. Users
 * and items of the id maps that have no interaction are isolated nodes with empty rows.
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
  /** Each user's distinct items, ascending. */
  readonly interactions: InteractionLists
  /** The number of distinct items of each user. */
  readonly userDegrees: Int32Array
  /** The number of distinct users of each item. */
  readonly itemDegrees: Int32Array
  /** R with ones. */
  readonly #pattern: SparseMatrix
  readonly #matrices = new Map<string, SparseMatrix>()

  private constructor(table: InteractionTable<User, Item>) {
    this.users = table.users
    this.items = table.items
    this.interactions = interactionLists(table)
    const { pointers, items } = this.interactions
    this.#pattern = SparseMatrix.fromCsr({
      rows: this.userCount,
      columns: this.itemCount,
      rowPointers: pointers,
      columnIndices: items,
      values: new Float32Array(items.length).fill(1),
    })
    this.userDegrees = rowLengths(pointers)
    this.itemDegrees = rowLengths(this.#pattern.transpose().rowPointers)
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
   * Makes the graph of a table's interactions. Ratings and timestamps do not matter.
   *
   * @throws InvalidInteractionsError when the table has no rows, or a row with an index outside its
   * id maps
   * @throws ShapeMismatchError when the index columns differ in length
   */
  static fromInteractions<User extends Id, Item extends Id>(
    table: InteractionTable<User, Item>,
  ): BipartiteGraph<User, Item> {
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
    return new BipartiteGraph(table)
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
    const { rowPointers, columnIndices } = this.#pattern.transpose()
    return columnIndices.subarray(rowPointers[item], rowPointers[item + 1])
  }

  /**
   * Returns the normalized users × items matrix, with α = `regularization`:
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
    if (normalization === 'none') return this.#cached('biadjacency', () => this.#pattern)
    return this.#cached(`biadjacency/${normalization}/${regularization}`, () => {
      const rowDegrees = shifted(this.userDegrees, regularization)
      const columnDegrees = shifted(this.itemDegrees, regularization)
      return this.#pattern.withValues(
        normalizedValues(this.#pattern, rowDegrees, columnDegrees, normalization),
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
      return this.#cached(name, () => adjacencyPattern(this.#pattern, selfLoops))
    }
    return this.#cached(`${name}/${normalization}/${regularization}`, () => {
      const pattern = this.#adjacency('none', selfLoops, 0)
      const degrees = new Float64Array(this.nodeCount)
      degrees.set(this.userDegrees)
      degrees.set(this.itemDegrees, this.userCount)
      const total = shifted(degrees, regularization + (selfLoops ? 1 : 0))
      return pattern.withValues(normalizedValues(pattern, total, total, normalization), {
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
