import { defaultRuntime } from '@gnnrec/graph/kernels'

/** The most kernel memory that was in use at once while an action ran, besides what was in use before; bytes. */
export async function kernelPeakWhile(action: () => Promise<unknown>): Promise<number> {
  const runtime = defaultRuntime()
  const before = runtime.statistics.usedBytes
  const allocate = runtime.allocate.bind(runtime)
  let peak = before
  runtime.allocate = (bytes) => {
    const pointer = allocate(bytes)
    peak = Math.max(peak, runtime.statistics.usedBytes)
    return pointer
  }
  try {
    await action()
  } finally {
    Reflect.deleteProperty(runtime, 'allocate')
  }
  return peak - before
}
