import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Returns the bytes that blocks and batches may use: the limit less the present memory of the
 * process and a reserve for JavaScript while it trains and ranks.
 */
export function windowBytes(limit: number): number {
  return limit - process.memoryUsage.rss() - reserve
}

/** Bytes kept free for garbage between collections, compiled code, and lists while ranking. */
const reserve = 60e6

/** Bytes below the limit at which garbage is collected. */
const margin = 45e6

/**
 * Returns a function to call after every step, which collects garbage when the process is near its
 * limit. Otherwise V8 keeps tens of megabytes of dead arrays, and more on a busy machine.
 */
export function garbageCollector(limit: number): () => void {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  return () => {
    if (process.memoryUsage.rss() > limit - margin) collect()
  }
}

/** Returns the peak resident memory of the process so far in bytes, as the system counts it. */
export function peakResidentBytes(): number {
  return process.resourceUsage().maxRSS * 1024
}
