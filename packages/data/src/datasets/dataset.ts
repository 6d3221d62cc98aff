import { type Id, type InteractionTable, rowCount, type Split } from '@gnnrec/graph'
import { DatasetMismatchError } from '../errors.js'

/** What is known of a data set beside its rows. */
export interface DatasetInfo {
  /** The data set's name, for instance `'ml-100k'`. */
  readonly name: string
  /** What to cite when results on it are published. */
  readonly citation: string
  /** The terms of use in a sentence; the data set's own text binds. */
  readonly licence: string
}

/** Interactions of a published data set. */
export interface Dataset<User extends Id = Id, Item extends Id = Id> extends DatasetInfo {
  readonly interactions: InteractionTable<User, Item>
  /** Titles by item id, where the data set has them; items without interactions may be among them. */
  readonly titles?: ReadonlyMap<Id, string>
  /**
   * What `interactions.timestamp` counts: seconds since 1970, or the position 0, 1, 2... in the
   * user's own history, which orders the rows of one user but not those of different users: split
   * such a set per user, never by a global time. `'none'`: there are no timestamps.
   */
  readonly timestampUnit: 'seconds' | 'position-in-history' | 'none'
}

/** A published data set whose publisher has cut it into train and test. */
export interface SplitDataset<User extends Id = Id, Item extends Id = Id> extends DatasetInfo {
  readonly split: Split<User, Item>
}

/** @throws DatasetMismatchError unless the table has these numbers of rows, users and items, where given */
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
    (key) => `${found[key]} ${key} where ${expected[key]} are published`,
  )
  throw new DatasetMismatchError(
    file,
    `${file} is not the published ${dataset.name}: ${differences.join(', ')}. Fetch it again, or read your own version with readCsv or readLightGcnLines.`,
  )
}
