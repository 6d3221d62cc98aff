import { type Id, type InteractionTable, rowCount, type Split } from '@gnnrec/graph'
import { DatasetMismatchError } from '../errors.js'

/** The name, citation and licence of a data set. */
export interface DatasetInfo {
  /** The data set's name, for instance `'ml-100k'`. */
  readonly name: string
  /** The publication to cite in work that uses the data set. */
  readonly citation: string
  /** A summary of the terms of use. Only the data set's own licence text is binding. */
  readonly licence: string
}

/** A published data set as one table of interactions. */
export interface Dataset<User extends Id = Id, Item extends Id = Id> extends DatasetInfo {
  /** All rows of the data set. */
  readonly interactions: InteractionTable<User, Item>
  /**
   * The titles by item id. Absent when the data set has none. Items without interactions may have
   * titles too.
   */
  readonly titles?: ReadonlyMap<Id, string>
  /**
   * The meaning of `interactions.timestamp`. `'seconds'`: seconds since 1970. `'position-in-history'`:
   * the place 0, 1, 2... of the row in its user's history. Such places cannot be compared between users,
   * so split the set per user, never at one global time. `'none'`: the table has no timestamps.
   */
  readonly timestampUnit: 'seconds' | 'position-in-history' | 'none'
}

/** A published data set that its publisher has split into training and test data. */
export interface SplitDataset<User extends Id = Id, Item extends Id = Id> extends DatasetInfo {
  /** The published split. */
  readonly split: Split<User, Item>
}

/**
 * Checks that a table has the published numbers of rows, users and items.
 *
 * @throws DatasetMismatchError when a number that is given differs
 */
export function checkCounts(
  dataset: DatasetInfo,
  file: string,
  table: InteractionTable,
  expected: { readonly rows?: number; readonly users?: number; readonly items?: number },
): void {
  const found = { rows: rowCount(table), users: table.users.size, items: table.items.size }
  const wrong = (['rows', 'users', 'items'] as const).filter(
    (key) => expected[key] !== undefined && found[key] !== expected[key],
  )
  if (wrong.length === 0) return
  const differences = wrong.map(
    (key) => `it has ${found[key]} ${key}, the published set has ${expected[key]}`,
  )
  throw new DatasetMismatchError(
    file,
    `${file} is not the published ${dataset.name}: ${differences.join(', ')}. Fetch the file again, or read your own version with readCsv or readLightGcnLines.`,
  )
}
