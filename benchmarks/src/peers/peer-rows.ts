import type { ResultRow } from '@gnnrec/example-support'
import type { Spread } from './take-turns.js'

/** Name of the contender with which the others are compared. */
export const ownName = 'gnnrec'

/** Makes a row for each contender: its time, its spread, and the ratio of its time to ours. */
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
 * Returns the largest difference, relative to the largest expected number.
 *
 * @throws Error above 1e-5, since times of different results cannot be compared
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
  throw new Error(
    `${what}: differs by ${relative} of the largest number, so times cannot be compared.`,
  )
}

/** Returns the numbers of threads to measure: the given one, and one. */
export function threadCounts(threads: number): number[] {
  return [...new Set([1, threads])]
}

export function threadsName(threads: number): string {
  return `${threads} thread${threads === 1 ? '' : 's'}`
}

/** Makes the row with the speed-up of this library from one thread to all. */
export function speedUp(work: string, ours: readonly Spread[], threads: number): ResultRow[] {
  if (ours.length < 2) return []
  const [one, all] = ours
  const ratio = { '1 thread / this': one.median / all.median }
  return [{ name: `${work}: ${ownName}, ${threadsName(threads)} against one`, ratio }]
}
