import { type InteractionTable, rowCount, type Split } from '@gnnrec/graph'
import { leaveLastOutCuts } from '../splits/leave-last-out.js'
import {
  cutPoints,
  type SplitRatios,
  type SplitRounding,
  userCutPoints,
} from '../splits/split-ratios.js'
import { marks } from './coverage-findings.js'
import { maxExamples, type SplitFinding } from './split-finding.js'

/** The methods of splits that put every row of the table into a part. */
const completeMethods = new Set([
  'temporal',
  'random',
  'leave-last-out',
  'leave-one-out',
  'k-fold',
  'given',
])

/**
 * Finds signs that rows were dropped after the split: `LEAK007`. Such a filter uses test data, so the
 * test part fits the training part better than unseen data would.
 *
 * - Rows of the table that was split are in no part (checked when that table is given).
 * - Ids of the id maps occur in no part.
 * - The parts do not have the sizes that the split's method gives.
 */
export function lateFilter(split: Split, source: InteractionTable | undefined): SplitFinding[] {
  if (!completeMethods.has(split.method.name)) return []
  const found = missingRows(split, source) ?? idsWithoutRows(split) ?? wrongSizes(split)
  if (found === undefined) return []
  const { what, count, examples } = found
  return [
    {
      code: 'LEAK007',
      severity: 'error',
      message: `${what}: it seems that rows were dropped after the split. Filter first, then split.`,
      count,
      examples,
    },
  ]
}

interface Sign {
  readonly what: string
  readonly count: number
  readonly examples: readonly string[]
}

function missingRows(split: Split, source: InteractionTable | undefined): Sign | undefined {
  if (source === undefined) return undefined
  const rows = rowCount(split.train) + rowCount(split.validation) + rowCount(split.test)
  const missing = rowCount(source) - rows
  if (missing <= 0) return undefined
  const what = `${missing} of ${rowCount(source)} rows of the table are in no part`
  return { what, count: missing, examples: [] }
}

function idsWithoutRows(split: Split): Sign | undefined {
  for (const what of ['users', 'items'] as const) {
    const column = what === 'users' ? 'userIndex' : 'itemIndex'
    const map = split.train[what]
    const parts = [split.train, split.validation, split.test].map((part) =>
      marks(part, column, map.size),
    )
    const missing = Array.from(map.ids.keys()).filter((index) =>
      parts.every((marked) => marked[index] === 0),
    )
    if (missing.length === 0) continue
    const examples = missing.slice(0, maxExamples).map((index) => JSON.stringify(map.idOf(index)))
    return { what: `${missing.length} ${what} occur in no part`, count: missing.length, examples }
  }
  return undefined
}

function wrongSizes(split: Split): Sign | undefined {
  const parts = [split.train, split.validation, split.test] as const
  const { name, settings = {} } = split.method
  const { scope, ratios, rounding } = settings as {
    scope?: 'user' | 'global'
    ratios?: SplitRatios
    rounding?: SplitRounding
  }
  const isByRatio = (name === 'temporal' || name === 'random') && ratios !== undefined
  if (isByRatio && scope === 'global') {
    const sizes = parts.map(rowCount)
    const total = sizes.reduce((sum, size) => sum + size)
    const [first, second] = cutPoints(total, ratios, rounding)
    if (sizes[0] === first && sizes[1] === second - first) return undefined
    const expected = [first, second - first, total - second].join(' + ')
    const what = `the parts have ${sizes.join(' + ')} rows, but the method ${name} with ratios ${ratios.join(' : ')} gives ${expected}`
    return { what, count: 1, examples: [] }
  }
  const cut = isByRatio
    ? (rows: number) => userCutPoints(rows, ratios, rounding)
    : name === 'leave-last-out'
      ? leaveLastOutCuts(settings['validation'] !== false)
      : undefined
  if (cut === undefined) return undefined
  const { users } = split.train
  const counts = parts.map((part) => {
    const count = new Int32Array(users.size)
    for (const user of part.userIndex) count[user]++
    return count
  })
  const examples: string[] = []
  let wrong = 0
  for (let user = 0; user < users.size; user++) {
    const sizes = counts.map((count) => count[user])
    const rows = sizes[0] + sizes[1] + sizes[2]
    if (rows === 0) continue
    const [first, second] = cut(rows)
    if (sizes[0] === first && sizes[1] === second - first) continue
    wrong++
    if (examples.length === maxExamples) continue
    const expected = [first, second - first, rows - second].join(' + ')
    examples.push(
      `user ${JSON.stringify(users.idOf(user))} has ${sizes.join(' + ')} rows, expected ${expected}`,
    )
  }
  if (wrong === 0) return undefined
  const what = `${wrong} users have parts of other sizes than the method ${name} gives`
  return { what, count: wrong, examples }
}
