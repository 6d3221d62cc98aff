import {
  type Id,
  type InteractionTable,
  InvalidInteractionsError,
  parseOptions,
  type Split,
  splitRows,
} from '@gnnrec/graph'
import * as z from 'zod'
import { rejectEmpty } from '../tables/keep-rows.js'
import { timeOrder } from '../tables/time-order.js'
import { noPart, rowsOfParts } from './rows-of-parts.js'

/** Options of {@link rollingWindows}. All durations are in the unit of the timestamps, mostly seconds. */
export interface RollingWindowsOptions {
  /** The number of splits, 1 or more. */
  windows: number
  /** The duration of each test part, above 0. */
  testFor: number
  /**
   * The duration of each validation part, 0 or more. It ends where the test part begins.
   *
   * @defaultValue `0`, which makes the validation parts empty
   */
  validationFor?: number | undefined
  /**
   * The duration of each training part, above 0. It ends where the validation part begins.
   *
   * @defaultValue all rows before the validation part
   */
  trainFor?: number | undefined
  /**
   * The time from one window to the next, above 0.
   *
   * @defaultValue `testFor`, so that each test part begins where the one before ends
   */
  every?: number | undefined
}

const length = z.number().positive()

const schema = z.strictObject({
  windows: z.int().min(1),
  testFor: length,
  validationFor: z.number().min(0).default(0),
  trainFor: length.optional(),
  every: length.optional(),
})

/**
 * Splits a table at several moments, as if a model were trained again at each: it trains on the rows
 * before the moment and is tested on the rows that follow.
 *
 * The last window ends with the last row, and window w of W ends `(W − 1 − w) · every` earlier. A part has
 * the rows from its start up to the start of the next part. The splits share the table's id maps; their
 * hashes differ.
 *
 * @example
 * ```ts
 * import { loadMovieTweetings, rollingWindows } from '@gnnrec/data'
 *
 * const { interactions } = await loadMovieTweetings()
 * const days = 24 * 3600
 * const splits = rollingWindows(interactions, { windows: 3, testFor: 7 * days })
 * console.log(splits.map(({ train, test }) => [train.userIndex.length, test.userIndex.length]))
 * ```
 *
 * @throws InvalidInteractionsError when the table has no rows or timestamps, or a window has no rows for
 * training or testing; the message names the window
 * @throws InvalidOptionsError
 */
export function rollingWindows<User extends Id, Item extends Id>(
  table: InteractionTable<User, Item>,
  options: RollingWindowsOptions,
): Split<User, Item>[] {
  const owner = 'rollingWindows'
  const settings = parseOptions(owner, schema, options)
  const { windows, testFor, validationFor, trainFor, every = testFor } = settings
  rejectEmpty(owner, table)
  const sort = timeOrder(owner, table)
  const timestamp = table.timestamp!
  const byTime = Int32Array.from(timestamp.keys())
  sort(byTime)
  const last = timestamp[byTime[byTime.length - 1]]
  return Array.from({ length: windows }, (_, window) => {
    const end = last - (windows - 1 - window) * every
    const testFrom = end - testFor
    const validationFrom = testFrom - validationFor
    const trainFrom = trainFor === undefined ? Number.NEGATIVE_INFINITY : validationFrom - trainFor
    const isLast = window === windows - 1
    const part = Uint8Array.from(timestamp, (time) => {
      if (time < trainFrom) return noPart
      if (time < validationFrom) return 0
      if (time < testFrom) return 1
      return time < end || (isLast && time === end) ? 2 : noPart
    })
    for (const [mark, name] of [
      [0, 'training'],
      [2, 'testing'],
    ] as const) {
      if (part.includes(mark)) continue
      throw new InvalidInteractionsError(
        `Window ${window} of ${windows} has no rows for ${name}: its test part is from ${testFrom} to ${end}, and the table has rows from ${timestamp[byTime[0]]} to ${last}. Pass fewer or longer windows.`,
      )
    }
    const from = { validationFrom, testFrom, testTo: end }
    return splitRows(table, rowsOfParts(part), {
      name: 'rolling-window',
      settings: { ...settings, every, window, ...from },
    })
  })
}
