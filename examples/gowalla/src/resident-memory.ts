/**
 * Bytes of a limit that blocks and batches may have: what is left beside what the process has by now, and
 * a reserve for what JavaScript needs while it trains and ranks.
 */
export function windowBytes(limit: number): number {
  return limit - process.memoryUsage.rss() - RESERVE
}

/** Garbage between collections, compiled code, lists while ranking. */
const RESERVE = 60e6

/** The most bytes that the process had resident so far, as the system counts. */
export function peakResidentBytes(): number {
  return process.resourceUsage().maxRSS * 1024
}
