import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Bytes of a limit that blocks and batches may have: what is left beside what the process has by now, and
 * a reserve for what JavaScript needs while it trains and ranks.
 */
export function windowBytes(limit: number): number {
  return limit - process.memoryUsage.rss() - reserve
}

/** Garbage between collections, compiled code, lists while ranking. */
const reserve = 60e6

/** Garbage that is let lie before the limit is near. */
const margin = 45e6

/**
 * Gives what to call after every step: it collects garbage where the process is near its limit. Left alone,
 * V8 keeps tens of megabytes of dead arrays, and more on a busy machine.
 */
export function garbageCollector(limit: number): () => void {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  return () => {
    if (process.memoryUsage.rss() > limit - margin) collect()
  }
}

/** The most bytes that the process had resident so far, as the system counts. */
export function peakResidentBytes(): number {
  return process.resourceUsage().maxRSS * 1024
}
