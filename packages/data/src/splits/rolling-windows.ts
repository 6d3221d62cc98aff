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

/** Options of {@link rollingWindows}; lengths are in the unit of the timestamps, mostly seconds. */
export interface RollingWindowsOptions {
  /** Number of splits, 1 and up. Required. */
  windows: number
  /** Length of each test part, above 0. Required. */
  testFor: number
  /** Length of each validation part, before the test part. Default 0: empty. */
  validationFor?: number | undefined
  /** Length of each training part, before validation. Default: everything before. */
  trainFor?: number | undefined
  /** From one window to the next, above 0. Default `testFor`, so that test parts lie end to end. */
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
 * Splits at several moments, to see how a system does that is trained again and again: train on what was
 * before, test on what came next, move on.
 *
 * The last window ends with the last row; window w of W ends `(W − 1 − w) · every` earlier. A part holds
 * the rows from its start on, up to the start of the next one. The splits share the table's id maps, and
 * their hashes differ.
 *
 * @throws InvalidInteractionsError when the table has no rows or timestamps, or a window has no row for
 * training or for testing; the message names it
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
        `Window ${window} of ${windows} has no row for ${name}: its test part is from ${testFrom} to ${end}, the rows from ${timestamp[byTime[0]]} to ${last}. Ask for fewer or longer windows.`,
      )
    }
    const from = { validationFrom, testFrom, testTo: end }
    return splitRows(table, rowsOfParts(part), {
      name: 'rolling-window',
      settings: { ...settings, every, window, ...from },
    })
  })
}
