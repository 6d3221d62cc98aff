import { readFileSync } from 'node:fs'

/**
 * Reads the resident memory of a process in megabytes, now and at most. Only Linux reports it; elsewhere
 * returns undefined.
 */
export function memoryOf(
  pid: number | 'self',
): { readonly now: number; readonly peak: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8')
    const megabytes = (field: string) =>
      Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) / 1024
    const now = megabytes('VmRSS')
    const peak = megabytes('VmHWM')
    return Number.isNaN(now) || Number.isNaN(peak) ? undefined : { now, peak }
  } catch {
    return undefined
  }
}

/** Returns the most resident memory that this process has had, in megabytes. */
export function ownPeakMegabytes(): number {
  // On Linux, Node's figure includes the memory of the process that started this one.
  const peak = memoryOf('self')?.peak ?? process.resourceUsage().maxRSS / 1024
  return Math.round(peak)
}
