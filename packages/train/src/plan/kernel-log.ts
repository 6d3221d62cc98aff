import { Allocator, defaultRuntime } from '@gnnrec/graph/kernels'

/** What was handed out of kernel memory and taken back, in order. */
export interface KernelLog {
  /** For each event the place of its block in `sizes`; ~place where it was taken back. */
  readonly events: readonly number[]
  readonly sizes: readonly number[]
}

/** Keeps a log of kernel memory until it is told to stop. */
export class KernelRecorder implements KernelLog {
  readonly events: number[] = []
  readonly sizes: number[] = []
  /** In use of what was handed out since the start. */
  bytes = 0
  readonly #blocks = new Map<number, number>()

  constructor() {
    const runtime = defaultRuntime()
    const [allocate, free] = [runtime.allocate.bind(runtime), runtime.free.bind(runtime)]
    runtime.allocate = (bytes) => {
      const pointer = allocate(bytes)
      const place = this.sizes.push(bytes) - 1
      this.#blocks.set(pointer, place)
      this.events.push(place)
      this.bytes += bytes
      return pointer
    }
    runtime.free = (pointer) => {
      free(pointer)
      const place = this.#blocks.get(pointer)
      // Of before the start.
      if (place === undefined) return
      this.#blocks.delete(pointer)
      this.events.push(~place)
      this.bytes -= this.sizes[place]
    }
  }

  stop(): void {
    for (const name of ['allocate', 'free']) Reflect.deleteProperty(defaultRuntime(), name)
  }
}

/** The size that a memory would have grown to, gaps between blocks included. */
export function memoryOf({ events, sizes }: KernelLog): number {
  let end = 0
  const memory = { buffer: { byteLength: 0 }, grow: () => 0 }
  const allocator = new Allocator(memory as unknown as WebAssembly.Memory, 0, Number.MAX_VALUE)
  const pointers = new Map<number, number>()
  for (const event of events) {
    if (event < 0) {
      allocator.free(pointers.get(~event) as number)
      continue
    }
    const pointer = allocator.allocate(sizes[event])
    pointers.set(event, pointer)
    end = Math.max(end, pointer + sizes[event])
  }
  return end
}

/** Whether two logs are of the same doings with other sizes. */
export function isSameCourse(a: KernelLog, b: KernelLog): boolean {
  return a.events.length === b.events.length && a.events.every((event, i) => event === b.events[i])
}
