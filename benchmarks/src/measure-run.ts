/** What one action took. */
interface RunMeasures {
  readonly seconds: number
  /** Time on all cores together, which other work on the machine hardly changes. */
  readonly cpuSeconds: number
  /** Largest resident memory meanwhile, looked at every 5 ms, less what there was before. */
  readonly grownBytes: number
}

/** Runs an action that yields to the event loop, once. */
export async function measureRun<T>(
  action: () => Promise<T>,
): Promise<RunMeasures & { result: T }> {
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  let largest = before
  const look = (): void => {
    largest = Math.max(largest, process.memoryUsage.rss())
  }
  const timer = setInterval(look, 5)
  const cpu = process.cpuUsage()
  const start = performance.now()
  try {
    const result = await action()
    look()
    const seconds = (performance.now() - start) / 1000
    const { user, system } = process.cpuUsage(cpu)
    return {
      result,
      seconds,
      cpuSeconds: (user + system) / 1e6,
      grownBytes: largest - before,
    }
  } finally {
    clearInterval(timer)
  }
}
