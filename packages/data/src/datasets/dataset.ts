import { type Id, type InteractionTable, parseOptions, rowCount, type Split } from '@gnnrec/graph'
import { z } from 'zod'
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

/** Options of the loaders of data sets that are not bundled. */
export interface LoadOptions {
  /**
   * The folder of the files, or the folder that holds the data set's own folder. Default: the
   * folder named by the environment variable `GNNREC_DATA_DIR`, then the user's cache folder
   * (`$XDG_CACHE_HOME/gnnrec`, else `~/.cache/gnnrec`).
   */
  directory?: string | undefined
  /** Ends the reading early. */
  signal?: AbortSignal | undefined
}

const schema = z.strictObject({
  directory: z.string().min(1).optional(),
  signal: z.instanceof(AbortSignal).optional(),
})

/** Checks the options of the loader called `owner`. */
export function parseLoadOptions(owner: string, options: LoadOptions): LoadOptions {
  return parseOptions(owner, schema, options)
}

/** @throws DatasetMismatchError unless the table has these numbers of rows, users and items */
export function checkCounts(
  dataset: DatasetInfo,
  file: string,
  table: InteractionTable,
  expected: { readonly rows: number; readonly users: number; readonly items: number },
): void {
  const found = { rows: rowCount(table), users: table.users.size, items: table.items.size }
  const wrong = (['rows', 'users', 'items'] as const).filter((key) => found[key] !== expected[key])
  if (wrong.length === 0) return
  const differences = wrong.map(
    (key) => `${found[key]} ${key} where ${expected[key]} are published`,
  )
  throw new DatasetMismatchError(
    file,
    `${file} is not the published ${dataset.name}: ${differences.join(', ')}. Fetch it again, or read your own version with readCsv or readLightGcnLines.`,
  )
}
