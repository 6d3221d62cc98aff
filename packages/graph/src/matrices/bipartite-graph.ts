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

/**
 * The graph of users and items: an undirected edge between user u and item i when u met i.
 *
 * `R ∈ {0,1}^{users × items}` is its biadjacency, `A = [[0, R], [Rᵀ, 0]]` its adjacency with node
 * `n = u` for user u and `n = userCount + i` for item i. Repeated interactions are one edge; users
 * and items of the id maps that have no interaction are isolated nodes with empty rows.
 */
export class BipartiteGraph<User extends Id = Id, Item extends Id = Id> {
  readonly users: IdMap<User>
  readonly items: IdMap<Item>
  /** Each user's distinct items, ascending. */
  readonly interactions: InteractionLists
  /** Number of distinct items of each user. */
  readonly userDegrees: Int32Array
  /** Number of distinct users of each item. */
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

  /**
   * The graph of a table's interactions; ratings and timestamps are not looked at.
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

  get userCount(): number {
    return this.users.size
  }

  get itemCount(): number {
    return this.items.size
  }

  /** Users and items together. */
  get nodeCount(): number {
    return this.userCount + this.itemCount
  }

  /** Number of distinct (user, item) pairs: |E|, the entries of R. */
  get edgeCount(): number {
    return this.interactions.items.length
  }

  /**
   * The distinct items of a user, ascending; a view that must not be written to.
   *
   * @throws UnknownIdError when `user` is not an index in 0..userCount-1
   */
  userItems(user: number): Int32Array {
    checkNode('user', user, this.userCount)
    const { pointers, items } = this.interactions
    return items.subarray(pointers[user], pointers[user + 1])
  }

  /**
   * The distinct users of an item, ascending; a view that must not be written to.
   *
   * @throws UnknownIdError when `item` is not an index in 0..itemCount-1
   */
  itemUsers(item: number): Int32Array {
    checkNode('item', item, this.itemCount)
    const { rowPointers, columnIndices } = this.#pattern.transpose()
    return columnIndices.subarray(rowPointers[item], rowPointers[item + 1])
  }

  /**
   * The normalised users × items matrix, with α = `regularization`:
   *
   * - `'symmetric'`: `(D_U + αI)^{-1/2} R (D_I + αI)^{-1/2}`, the matrix of SVD-GCN
   *   (https://arxiv.org/abs/2208.12689); its largest singular value is 1 at α = 0 and at most
   *   `d_max / (d_max + α)` else
   * - `'row'`: `(D_U + αI)^{-1} R`; rows of users with items sum to 1 at α = 0
   * - `'column'`: `R (D_I + αI)^{-1}`
   * - `'none'`: `R`
   *
   * Values are computed in float64 and rounded once. The matrix is made once per set of options and
   * shared by all who ask.
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
   * The normalised nodes × nodes matrix, users first. With `A' = A + I` and `D' = D + I` if
   * `selfLoops`, else `A' = A` and `D' = D`, and with α = `regularization`:
   *
   * - `'symmetric'`: `(D' + αI)^{-1/2} A' (D' + αI)^{-1/2}`; without self-loops the `Â` of LightGCN
   *   (https://arxiv.org/abs/2002.02126), with them the `Ã` of GCNII
   *   (https://arxiv.org/abs/2007.02133)
   * - `'row'`: `(D' + αI)^{-1} A'`
   * - `'column'`: `A' (D' + αI)^{-1}`
   * - `'none'`: `A'`
   *
   * `0^{-1/2} := 0` and `0^{-1} := 0`: isolated nodes have empty rows. Values are computed in
   * float64 and rounded once. The matrix is made once per set of options and shared by all who ask;
   * `'symmetric'` and `'none'` are their own transpose.
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
   * Frees the device tensors of every matrix this graph has made. The graph and its matrices stay
   * usable: {@link SparseMatrix.dispose}.
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
