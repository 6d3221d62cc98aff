/**
 * The places of the words that the threads of a pool share.
 *
 * A job is cut into chunks. `ticket` holds the job's generation (upper 12 bits) and the next chunk that
 * nobody has claimed (lower 20 bits). A thread claims a chunk by advancing the ticket with a
 * compare-exchange, and only then reads the words of the job: a job with a claimed chunk cannot end, so
 * nobody writes these words meanwhile. The main thread closes the ticket, writes the job, then opens
 * the ticket. The job is done when `done` counts all its chunks. Worker i leaves, between chunks,
 * when `limit` is at most i.
 */
export const ticket = 0
export const done = 1
export const kernel = 2
export const count = 3
export const grain = 4
export const chunks = 5
export const argumentCount = 6
export const failed = 7
export const limit = 8

export const chunkBits = 20
/** The chunk number that means "closed". A job has fewer chunks. */
export const closed = 2 ** chunkBits - 1

/** The byte offset of the arguments (float64) in the control buffer. */
export const argumentsOffset = 64
export const controlBytes = argumentsOffset + 16 * 8

/**
 * The program of a worker thread, as text. Node starts it from a string and a page from a Blob, so there
 * is no file to find at run time. It waits for jobs until it is told to leave.
 */
export const workerProgram = `
'use strict'
function work({ module, memory, control, names, index }) {
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports
  const functions = names.map((name) => kernels[name])
  const words = new Int32Array(control)
  const values = new Float64Array(control, ${argumentsOffset})
  const isOpen = (ticket) => (ticket & ${closed}) < Atomics.load(words, ${chunks}) && (ticket & ${closed}) !== ${closed}
  for (;;) {
    let ticket = Atomics.load(words, ${ticket})
    for (let spin = 0; spin < 2000 && !isOpen(ticket); spin++) ticket = Atomics.load(words, ${ticket})
    if (!isOpen(ticket)) {
      if (index >= Atomics.load(words, ${limit})) return
      Atomics.wait(words, ${ticket}, ticket)
      continue
    }
    if (Atomics.compareExchange(words, ${ticket}, ticket, ticket + 1) !== ticket) continue
    const chunk = ticket & ${closed}
    const chunks = words[${chunks}]
    // A thread that slept through 4096 jobs may have taken the ticket of another job, all given out.
    if (chunk >= chunks) continue
    const start = chunk * words[${grain}]
    const given = []
    for (let i = 0; i < words[${argumentCount}]; i++) given.push(values[i])
    given.push(start, Math.min(start + words[${grain}], words[${count}]))
    try {
      functions[words[${kernel}]](...given)
    } catch {
      Atomics.store(words, ${failed}, 1)
    }
    if (Atomics.add(words, ${done}, 1) + 1 === chunks) Atomics.notify(words, ${done})
  }
}
`
