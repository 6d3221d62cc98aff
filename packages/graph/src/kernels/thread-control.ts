/**
 * The words that the threads of a pool share, and the order in which they are written.
 *
 * A job is cut into chunks. `TICKET` holds the job's generation (upper 12 bits) and the next chunk
 * nobody has claimed (lower 20 bits); a thread claims a chunk by advancing it with a
 * compare-exchange, and only then reads what the job is: a job with a claimed chunk cannot end, so
 * nobody writes those words meanwhile. The main thread closes the ticket, writes the job, then opens
 * the ticket; the job is done when `DONE` counts all its chunks. Worker i leaves, between chunks,
 * when `LIMIT` is at most i.
 */
export const TICKET = 0
export const DONE = 1
export const KERNEL = 2
export const COUNT = 3
export const GRAIN = 4
export const CHUNKS = 5
export const ARGUMENTS = 6
export const FAILED = 7
export const LIMIT = 8

export const CHUNK_BITS = 20
/** The chunk number that says "closed"; a job has fewer chunks. */
export const CLOSED = 2 ** CHUNK_BITS - 1

/** Byte offset of the arguments (float64) in the control buffer. */
export const ARGUMENTS_OFFSET = 64
export const CONTROL_BYTES = ARGUMENTS_OFFSET + 16 * 8

/**
 * The program of a worker thread, as text: it is started from a string in Node and from a Blob in a
 * page, so there is no file to find at run time. It waits for jobs until it is told to leave.
 */
export const workerProgram = `
'use strict'
function work({ module, memory, control, names, index }) {
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports
  const functions = names.map((name) => kernels[name])
  const words = new Int32Array(control)
  const values = new Float64Array(control, ${ARGUMENTS_OFFSET})
  const isOpen = (ticket) => (ticket & ${CLOSED}) < Atomics.load(words, ${CHUNKS}) && (ticket & ${CLOSED}) !== ${CLOSED}
  for (;;) {
    let ticket = Atomics.load(words, ${TICKET})
    for (let spin = 0; spin < 2000 && !isOpen(ticket); spin++) ticket = Atomics.load(words, ${TICKET})
    if (!isOpen(ticket)) {
      if (index >= Atomics.load(words, ${LIMIT})) return
      Atomics.wait(words, ${TICKET}, ticket)
      continue
    }
    if (Atomics.compareExchange(words, ${TICKET}, ticket, ticket + 1) !== ticket) continue
    const chunk = ticket & ${CLOSED}
    const chunks = words[${CHUNKS}]
    // A thread that slept through 4096 jobs may have taken the ticket of another job, all given out.
    if (chunk >= chunks) continue
    const start = chunk * words[${GRAIN}]
    const given = []
    for (let i = 0; i < words[${ARGUMENTS}]; i++) given.push(values[i])
    given.push(start, Math.min(start + words[${GRAIN}], words[${COUNT}]))
    try {
      functions[words[${KERNEL}]](...given)
    } catch {
      Atomics.store(words, ${FAILED}, 1)
    }
    if (Atomics.add(words, ${DONE}, 1) + 1 === chunks) Atomics.notify(words, ${DONE})
  }
}
`
