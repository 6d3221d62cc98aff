import { PlanUnavailableError } from './errors.js'

const NODE_ONLY = 'plan measures memory as only Node can; run it there, for instance on a server.'

/** Passes after which what nobody holds is gone, buffers of arrays included. */
const PASSES = 3

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

/**
 * Resident memory at its highest while an action runs; 0 if it has been as high before.
 *
 * Garbage is part of it, which an action of many passes over large arrays makes plenty of.
 */
export async function residentPeak(action: () => Promise<void>): Promise<number> {
  const highest = () => process.resourceUsage().maxRSS * 1024
  const before = highest()
  await action()
  const after = highest()
  return after > before ? after : 0
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
