import type { InteractionTable, Split } from '@gnnrec/graph'
import { maxExamples, type SplitFinding } from './split-finding.js'

/** The rows among which a training row must not be later than a test row: of one user, all, or none. */
export type TimeScope = 'user' | 'global' | 'none'

/** Returns the order of time that the method of a split promises. A given split is checked per user. */
export function promisedScope({ name, settings }: Split['method']): TimeScope {
  if (name === 'rolling-window') return 'global'
  if (name === 'temporal') return settings?.['scope'] === 'global' ? 'global' : 'user'
  return ['leave-last-out', 'leave-one-out', 'given'].includes(name) &&
    settings?.['select'] !== 'random'
    ? 'user'
    : 'none'
}

/** Finds rows of validation and test that are earlier than rows of the parts before them: `LEAK003`. */
export function timeTravel(split: Split, scope: TimeScope): SplitFinding[] {
  const { train, validation, test } = split
  if (scope === 'none') return []
  const keyOf =
    scope === 'global' ? () => 0 : (table: InteractionTable, row: number) => table.userIndex[row]
  const size = scope === 'global' ? 1 : train.users.size
  const latest = new Float64Array(size).fill(Number.NEGATIVE_INFINITY)
  const examples: string[] = []
  let count = 0
  // Test rows are compared with training and validation, validation rows with training.
  for (const [name, before, table] of [
    ['validation', train, validation],
    ['test', validation, test],
  ] as const) {
    const seen = before.timestamp
    const { timestamp } = table
    if (seen !== undefined) {
      for (let row = 0; row < seen.length; row++) {
        const key = keyOf(before, row)
        latest[key] = Math.max(latest[key], seen[row])
      }
    }
    if (timestamp === undefined) continue
    for (let row = 0; row < timestamp.length; row++) {
      const key = keyOf(table, row)
      if (!(timestamp[row] < latest[key])) continue
      count++
      if (examples.length === maxExamples) continue
      const user = JSON.stringify(table.users.idOf(table.userIndex[row]))
      const item = JSON.stringify(table.items.idOf(table.itemIndex[row]))
      examples.push(
        `user ${user}, item ${item} of ${name} at ${timestamp[row]}, before ${latest[key]}`,
      )
    }
  }
  if (count === 0) return []
  const whose = scope === 'user' ? 'of the same user ' : ''
  return [
    {
      code: 'LEAK003',
      severity: 'error',
      message: `${count} rows of validation and test are earlier than rows ${whose}in the parts before them, so the model trains on the future. Split by time with temporalSplit, or pass time: 'none' if a random split is intended.`,
      count,
      examples,
    },
  ]
}
