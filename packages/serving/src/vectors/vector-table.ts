import {
  type Id,
  InvalidOptionsError,
  NonFiniteError,
  parseOptions,
  ShapeMismatchError,
} from '@gnnrec/graph'
import * as z from 'zod/mini'
import { show } from '../recommenders/make-recommendation.js'
import { rowsHaveOneLength, type VectorMetric, vectorMetrics } from './metrics.js'

/** Options of {@link VectorTable}. */
export interface VectorTableOptions<RowId extends Id = Id> {
  /** The distinct ids of the rows: text or integers, not both. */
  ids: readonly RowId[]
  /** Length of a vector, an integer from 1 up. */
  dim: number
  /** One vector per id, row-major: ids × dim finite numbers. The array is kept and must not change. */
  vectors: Float32Array
  /**
   * One finite number per id that is added to its products.
   *
   * @defaultValue nothing is added
   */
  bias?: Float32Array | undefined
}

const wholeNumber = 'expected an integer from 1 up'
const schema = z.strictObject({
  ids: z.custom<readonly Id[]>((value) => Array.isArray(value), {
    error: 'expected an array of ids',
  }),
  dim: z.number({ error: wholeNumber }).check(z.int(wholeNumber), z.gte(1, wholeNumber)),
  vectors: z.instanceof(Float32Array, { error: 'expected a Float32Array' }),
  bias: z.optional(z.instanceof(Float32Array, { error: 'expected a Float32Array' })),
})

/** A row of a {@link VectorTable} as plain data. */
export interface VectorRow<RowId extends Id = Id> {
  readonly id: RowId
  readonly vector: readonly number[]
  readonly bias?: number
}

/**
 * Ids and vectors, those of users or of items. The score of an item for a user is the inner product of their vectors
 * and the item's bias, where there is one.
 *
 * `JSON.stringify` gives an array of rows `{ id, vector, bias }` with plain numbers.
 *
 * @example
 * ```ts
 * import { VectorTable } from '@gnnrec/serving/vectors'
 *
 * const items = new VectorTable({ ids: ['a', 'b'], dim: 2, vectors: Float32Array.of(1, 0, 0.5, 2) })
 * console.log(items.metrics, JSON.stringify(items))
 * // [ 'dot' ] [{"id":"a","vector":[1,0]},{"id":"b","vector":[0.5,2]}]
 * ```
 */
export class VectorTable<RowId extends Id = Id> {
  readonly ids: readonly RowId[]
  /** Length of a vector. */
  readonly dim: number
  /** One vector per id, row-major. */
  readonly vectors: Float32Array
  /** One number per id that is added to its products; undefined when there are none. */
  readonly bias: Float32Array | undefined
  /**
   * The metrics of an index in which the nearest rows are those with the highest scores: `'dot'` for vectors of any
   * length, `'cosine'` and `'l2'` too where all have one length, none where there are biases.
   * {@link transformVectors} makes a table for the others.
   */
  readonly metrics: readonly VectorMetric[]

  /**
   * @throws InvalidOptionsError for a wrong option, and for ids that are equal or of several types
   * @throws ShapeMismatchError when an array does not fit the ids
   * @throws NonFiniteError naming the first id with a NaN or an infinite number
   */
  constructor(options: VectorTableOptions<RowId>) {
    const { dim, vectors, bias } = parseOptions('VectorTable', schema, options)
    this.ids = [...options.ids]
    this.dim = dim
    this.vectors = vectors
    this.bias = bias
    checkIds(this.ids)
    checkNumbers('vectors', vectors, this.ids, dim)
    if (bias) checkNumbers('bias', bias, this.ids, 1)
    const all = rowsHaveOneLength(vectors, dim) ? vectorMetrics : (['dot'] as const)
    this.metrics = bias ? [] : all
  }

  /** Number of rows. */
  get size(): number {
    return this.ids.length
  }

  /** Returns the vector in a row; it shares memory with the table. */
  vectorAt(row: number): Float32Array {
    return this.vectors.subarray(row * this.dim, (row + 1) * this.dim)
  }

  /** Returns a row as plain data. */
  rowAt(row: number): VectorRow<RowId> {
    const { ids, bias } = this
    const plain = { id: ids[row], vector: Array.from(this.vectorAt(row)) }
    return bias ? { ...plain, bias: bias[row] } : plain
  }

  /** Returns all rows as plain data. */
  toJSON(): VectorRow<RowId>[] {
    return this.ids.map((_, row) => this.rowAt(row))
  }
}

function checkIds(ids: readonly Id[]): void {
  const type = typeof ids[0]
  for (const [row, id] of ids.entries()) {
    const isRight = typeof id === type && (type === 'string' || Number.isSafeInteger(id))
    if (isRight) continue
    throw new InvalidOptionsError(
      `ids: got ${String(id)} (${typeof id}) in row ${row}; expected ids that are all text or all integers.`,
    )
  }
  const seen = new Set<Id>()
  for (const [row, id] of ids.entries()) {
    if (seen.has(id)) throw new InvalidOptionsError(`ids: got ${show(id)} again in row ${row}.`)
    seen.add(id)
  }
}

function checkNumbers(name: string, values: Float32Array, ids: readonly Id[], width: number): void {
  if (values.length !== ids.length * width) {
    throw new ShapeMismatchError(
      `${name} has ${values.length} numbers; expected ${ids.length} × ${width} = ${ids.length * width}.`,
    )
  }
  const at = values.findIndex((value) => !Number.isFinite(value))
  if (at === -1) return
  throw new NonFiniteError(
    `${name}: got ${values[at]} in the row of ${show(ids[Math.floor(at / width)])}; expected finite numbers.`,
  )
}
