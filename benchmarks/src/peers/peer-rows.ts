import type { ResultRow } from '@gnnrec/example-support'
import type { Spread } from './take-turns.js'

/** The contender that others are compared with. */
export const ownName = 'gnnrec'

/** A line for each contender: its time, its spread, and its time over ours. */
export function peerRows(
  work: string,
  common: Omit<ResultRow, 'name'>,
  spreads: Readonly<Record<string, Spread>>,
  metrics: Readonly<Record<string, Record<string, number>>> = {},
): ResultRow[] {
  const ours = spreads[ownName].median
  return Object.entries(spreads).map(([name, { median, fastest, slowest }]) => ({
    ...common,
    name: `${work}: ${name}`,
    seconds: median,
    metrics: { 'fastest ms': 1000 * fastest, 'slowest ms': 1000 * slowest, ...metrics[name] },
    ...(name !== ownName && { ratio: { 'this / gnnrec': median / ours } }),
  }))
}

/**
 * The largest difference, relative to the largest expected number.
 *
 * @throws Error above 1e-5: a time would mean nothing
 */
export function checkSame(
  what: string,
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
): number {
  if (got.length !== expected.length) {
    throw new Error(`${what}: got ${got.length} numbers; expected ${expected.length}.`)
  }
  let [difference, scale] = [0, 0]
  for (let i = 0; i < expected.length; i++) {
    const distance = Math.abs(got[i] - expected[i])
    if (!(distance <= difference)) difference = distance
    scale = Math.max(scale, Math.abs(expected[i]))
  }
  const relative = difference / scale
  if (relative <= 1e-5) return relative
  throw new Error(`${what}: differs by ${relative} of the largest number; a time means nothing.`)
}

/** Threads to measure on: as given, and one. */
export function threadCounts(threads: number): number[] {
  return [...new Set([1, threads])]
}

export function threadsName(threads: number): string {
  return `${threads} thread${threads === 1 ? '' : 's'}`
}

/** The line that says how much faster this library is on all threads than on one. */
export function speedUp(work: string, ours: readonly Spread[], threads: number): ResultRow[] {
  if (ours.length < 2) return []
  const [one, all] = ours
  const ratio = { '1 thread / this': one.median / all.median }
  return [{ name: `${work}: ${ownName}, ${threadsName(threads)} against one`, ratio }]
}
