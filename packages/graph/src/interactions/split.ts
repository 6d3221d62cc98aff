import { InvalidInteractionsError } from '../errors.js'
import { Sha256 } from '../files/sha256.js'
import type { Id } from '../ids/id-map.js'
import { checkInteractions } from './check-interactions.js'
import { type InteractionTable, rowCount, selectRows } from './interaction-table.js'

/** The method of a split, in words and numbers that can be printed beside a result. */
export interface SplitMethod {
  /** Name of the method: `'temporal'`, `'random'`, `'leave-last-out'`, `'given'`... */
  readonly name: string
  /** Settings of the method, for instance `{ scope: 'user', ratios: [0.7, 0.1, 0.2] }`. */
  readonly settings?: Readonly<Record<string, unknown>>
}

/** A table that is cut into training, validation and test parts, which share its id maps. */
export interface Split<User extends Id = Id, Item extends Id = Id> {
  /** Interactions to learn from. */
  readonly train: InteractionTable<User, Item>
  /** Interactions to choose settings by. */
  readonly validation: InteractionTable<User, Item>
  /** Interactions to report results on. */
  readonly test: InteractionTable<User, Item>
  /** The method by which the split was made. */
  readonly method: SplitMethod
  /**
   * The SHA-256 (hex) of the ids, pairs, ratings, timestamps and weights of all parts: equal hashes mean the
   * same split.
   */
  readonly hash: string
}

/**
 * Joins three tables that share their id maps into a split.
 *
 * @throws InvalidInteractionsError when the parts do not share their id maps, train is empty, or a row has
 * an index, rating, timestamp or weight that does not fit
 * @example
 * ```ts
 * import { createSplit, fromRecords, selectRows } from '@gnnrec/graph'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'jaws' },
 *   { user: 'ann', item: 'alien' },
 * ])
 * const split = createSplit({
 *   train: selectRows(table, [0]),
 *   validation: selectRows(table, []),
 *   test: selectRows(table, [1]),
 *   method: { name: 'by hand' },
 * })
 * console.log(split.hash.slice(0, 8))
 * ```
 */
export function createSplit<User extends Id, Item extends Id>(parts: {
  train: InteractionTable<User, Item>
  validation: InteractionTable<User, Item>
  test: InteractionTable<User, Item>
  method: SplitMethod
}): Split<User, Item> {
  const { train, validation, test } = parts
  for (const [name, part] of Object.entries({ validation, test })) {
    if (part.users !== train.users || part.items !== train.items) {
      throw new InvalidInteractionsError(
        `The ${name} part has id maps of its own; make all parts from one table (splitRows) so that indices mean the same.`,
      )
    }
  }
  for (const [name, part] of Object.entries({ train, validation, test })) {
    checkInteractions(part, `the ${name} part`)
  }
  if (rowCount(train) === 0) {
    throw new InvalidInteractionsError('The train part is empty; there is nothing to learn from.')
  }
  return { ...parts, hash: hashParts([train, validation, test]) }
}

/**
 * Cuts a table into a split by row positions. Rows that are named nowhere are left out.
 *
 * @throws InvalidInteractionsError when a position is not in 0..rows-1, or train is empty
 * @example
 * ```ts
 * import { fromRecords, rowCount, splitRows } from '@gnnrec/graph'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'jaws' },
 *   { user: 'ann', item: 'alien' },
 * ])
 * const rows = { train: [0], validation: [], test: [1] }
 * const split = splitRows(table, rows, { name: 'by hand' })
 * console.log(rowCount(split.train), rowCount(split.test)) // 1 1
 * ```
 */
export function splitRows<User extends Id, Item extends Id>(
  table: InteractionTable<User, Item>,
  rows: { train: ArrayLike<number>; validation: ArrayLike<number>; test: ArrayLike<number> },
  method: SplitMethod,
): Split<User, Item> {
  return createSplit({
    train: selectRows(table, rows.train),
    validation: selectRows(table, rows.validation),
    test: selectRows(table, rows.test),
    method,
  })
}

/**
 * Tells a split from anything else, such as a table or a file name.
 *
 * @example
 * ```ts
 * import { fromRecords, isSplit, splitRows } from '@gnnrec/graph'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'jaws' },
 *   { user: 'ann', item: 'alien' },
 * ])
 * const split = splitRows(table, { train: [0], validation: [], test: [1] }, { name: 'by hand' })
 * console.log(isSplit(split), isSplit(table)) // true false
 * ```
 */
export function isSplit(value: unknown): value is Split {
  const split = value as Partial<Split> | null | undefined
  return (
    typeof split?.hash === 'string' &&
    [split.train, split.validation, split.test].every(
      (part) => part?.userIndex instanceof Int32Array && part.itemIndex instanceof Int32Array,
    )
  )
}

function hashParts(parts: readonly [InteractionTable, InteractionTable, InteractionTable]): string {
  const hash = new Sha256()
  const { users, items } = parts[0]
  hash.update(JSON.stringify([users.ids, items.ids]))
  for (const { userIndex, itemIndex, rating, timestamp, weight } of parts) {
    hash.update(`#${userIndex.length}`)
    addColumn(hash, userIndex)
    addColumn(hash, itemIndex)
    if (rating) {
      hash.update('#rating')
      addColumn(hash, rating)
    }
    if (timestamp) {
      hash.update('#timestamp')
      addColumn(hash, timestamp)
    }
    if (weight) {
      hash.update('#weight')
      addColumn(hash, weight)
    }
  }
  return hash.hex()
}

const rowsPerPiece = 1 << 14

/** Adds the little-endian bytes of a column to a hash. A file has the same text for -0 and 0. */
function addColumn(hash: Sha256, column: Int32Array | Float32Array | Float64Array): void {
  const width = column.BYTES_PER_ELEMENT
  const view = new DataView(new ArrayBuffer(Math.min(column.length, rowsPerPiece) * width))
  for (let start = 0; start < column.length; start += rowsPerPiece) {
    const rows = Math.min(rowsPerPiece, column.length - start)
    for (let row = 0; row < rows; row++) {
      const value = column[start + row] + 0
      if (column instanceof Int32Array) view.setInt32(row * width, value, true)
      else if (column instanceof Float32Array) view.setFloat32(row * width, value, true)
      else view.setFloat64(row * width, value, true)
    }
    hash.update(new Uint8Array(view.buffer, 0, rows * width))
  }
}
