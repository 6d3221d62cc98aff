/** Time and memory of one action. */
interface RunMeasures {
  readonly seconds: number
  /** CPU time of all cores together; other work on the machine hardly changes it. */
  readonly cpuSeconds: number
  /** Growth of resident memory during the action, sampled every 5 ms. */
  readonly grownBytes: number
}

/** Runs an action once and measures it; the action must yield to the event loop. */
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
