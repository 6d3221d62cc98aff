import { PlanUnavailableError } from './errors.js'

const NODE_ONLY = 'plan measures memory as only Node can; run it there, for instance on a server.'

/** Passes after which what nobody holds is gone, buffers of arrays included. */
const PASSES = 2
/** Milliseconds between two looks at an action that runs, */
const INTERVAL = 20
/** or so many times what a look took. */
const TIMES = 5

/** A function that gives the bytes of objects and arrays in use, kernel memory aside. */
export function heapMeter(): () => Promise<number> {
  const collect = garbageCollector()
  return async () => {
    for (let pass = 0; pass < PASSES; pass++) {
      collect()
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
}

/** The most that a meter gives while an action runs, at moments when that lets others run. */
export async function peakWhile(
  usedHeap: () => Promise<number>,
  action: () => Promise<void>,
): Promise<number> {
  let highest = 0
  let isOver = false
  const over = action().finally(() => {
    isOver = true
  })
  let interval = INTERVAL
  for (;;) {
    await Promise.race([over, new Promise((resolve) => setTimeout(resolve, interval))])
    const start = performance.now()
    highest = Math.max(highest, await usedHeap())
    if (isOver) break
    interval = Math.max(INTERVAL, TIMES * (performance.now() - start))
  }
  await over
  return highest
}

/**
 * Resident memory of the process.
 *
 * @throws PlanUnavailableError in a page
 */
export function residentBytes(): number {
  const usage = globalThis.process?.memoryUsage
  if (usage) return usage().rss
  throw new PlanUnavailableError(NODE_ONLY)
}

function garbageCollector(): () => void {
  const given = (globalThis as { gc?: () => void }).gc
  if (given) return given
  const v8 = globalThis.process?.getBuiltinModule?.('node:v8')
  const vm = globalThis.process?.getBuiltinModule?.('node:vm')
  if (!v8 || !vm) {
    throw new PlanUnavailableError(NODE_ONLY)
  }
  v8.setFlagsFromString('--expose-gc')
  return vm.runInNewContext('gc') as () => void
}
