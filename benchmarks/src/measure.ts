/** Returns the peak resident memory of this process so far, in MB. */
export function peakMegabytes(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024)
}

/** Returns the median seconds of `repetitions` calls after `warmUp` calls. */
export async function medianSeconds(
  action: () => unknown,
  { warmUp = 2, repetitions = 9 }: { warmUp?: number; repetitions?: number } = {},
): Promise<number> {
  const seconds: number[] = []
  for (let call = 0; call < warmUp + repetitions; call++) {
    const start = performance.now()
    await action()
    if (call >= warmUp) seconds.push((performance.now() - start) / 1000)
  }
  seconds.sort((a, b) => a - b)
  return seconds[seconds.length >> 1]
}
