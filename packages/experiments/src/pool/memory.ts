import { readFileSync } from 'node:fs'

/**
 * Resident memory of a process in megabytes, now and at most; undefined where the system does not say
 * (it does on Linux).
 */
export function memoryOf(
  pid: number | 'self',
): { readonly now: number; readonly peak: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8')
    const megabytes = (field: string) =>
      Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) / 1024
    const [now, peak] = [megabytes('VmRSS'), megabytes('VmHWM')]
    return Number.isNaN(now) || Number.isNaN(peak) ? undefined : { now, peak }
  } catch {
    return undefined
  }
}

/** The most resident memory that this process has had, in megabytes. */
export function ownPeakMegabytes(): number {
  // What Node gives counts on Linux, also, what the process had that started this one.
  const peak = memoryOf('self')?.peak ?? process.resourceUsage().maxRSS / 1024
  return Math.round(peak)
}
