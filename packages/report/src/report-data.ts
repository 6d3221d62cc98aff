import { type InteractionTable, rowCount } from '@gnnrec/graph'

/** Facts about the interactions of a report. */
export interface ReportData {
  /** Number of interactions. */
  readonly interactions: number
  /** Number of users. */
  readonly users: number
  /** Number of items. */
  readonly items: number
  /** Number of different pairs of a user and an item. @defaultValue the number of interactions */
  readonly pairs?: number | undefined
  /** Day of the first interaction, such as `2024-05-31`. @defaultValue unknown */
  readonly from?: string | undefined
  /** Day of the last interaction. @defaultValue unknown */
  readonly to?: string | undefined
  /**
   * Share of the latest tenth of the interactions whose item was in none of those before, in 0..1.
   *
   * @defaultValue unknown
   */
  readonly newItems?: number | undefined
  /**
   * Share of the latest tenth of the interactions whose user was in none of those before, in 0..1.
   *
   * @defaultValue unknown
   */
  readonly newUsers?: number | undefined
}

/** The least number of interactions of which a tenth tells something. */
const leastRows = 20

/**
 * Computes the facts about interactions that a report shows: sizes, different pairs, days, and drift, the share of
 * new users and items at the end.
 *
 * Times from 1973 to 5138 in seconds or milliseconds since 1970 give days. Other times, such as places in a history,
 * only give an order.
 *
 * @example
 * ```ts
 * import { fromRecords } from '@gnnrec/graph'
 * import { reportData } from '@gnnrec/report'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien', timestamp: 1.7e9 },
 *   { user: 'bob', item: 'Brazil', timestamp: 1.71e9 },
 * ])
 * console.log(reportData(table).to) // 2024-03-09
 * ```
 */
export function reportData(table: InteractionTable): ReportData {
  const { users, items, userIndex, itemIndex, timestamp } = table
  const keys = Float64Array.from(userIndex, (user, row) => user * items.size + itemIndex[row])
  keys.sort()
  let pairs = 0
  for (let place = 0; place < keys.length; place++) {
    if (place === 0 || keys[place] !== keys[place - 1]) pairs++
  }
  return {
    interactions: rowCount(table),
    users: users.size,
    items: items.size,
    pairs,
    ...(timestamp && rowCount(table) > 0 && timeFacts(table, timestamp)),
  }
}

function timeFacts(table: InteractionTable, timestamp: Float64Array): Partial<ReportData> {
  const rows = Int32Array.from(timestamp, (_, row) => row)
  rows.sort((left, right) => timestamp[left] - timestamp[right] || left - right)
  const first = timestamp[rows[0]]
  const last = timestamp[rows[rows.length - 1]]
  const from = dayOf(first)
  const to = dayOf(last)
  const cut = Math.floor(rows.length * 0.9)
  const hasEnd = first < last && rows.length >= leastRows
  return {
    ...(from !== undefined && to !== undefined && { from, to }),
    ...(hasEnd && {
      newItems: newShare(rows, cut, table.itemIndex),
      newUsers: newShare(rows, cut, table.userIndex),
    }),
  }
}

/** Returns the share of the rows from `cut` on whose node is in none of the rows before it. */
function newShare(rows: Int32Array, cut: number, nodes: Int32Array): number {
  const known = new Set<number>()
  for (const row of rows.subarray(0, cut)) known.add(nodes[row])
  const late = rows.subarray(cut)
  return late.reduce((sum, row) => sum + (known.has(nodes[row]) ? 0 : 1), 0) / late.length
}

function dayOf(time: number): string | undefined {
  const milliseconds = time >= 1e11 ? time : time * 1000
  if (!(milliseconds >= 1e11 && milliseconds < 1e14)) return undefined
  return new Date(milliseconds).toISOString().slice(0, 10)
}
