import { BackendUnavailableError, GnnRecError } from '../errors.js'
import type { KernelArguments, KernelName } from './kernel-exports.js'
import type { KernelMemory } from './kernel-memory.js'
import { startWorker, type WorkerHandle } from './start-worker.js'
import * as word from './thread-control.js'

/** The largest number of threads. More would gain nothing on rows of a few dozen numbers. */
export const maximumThreads = 64

/**
 * A pool of threads that run kernels over ranges, cut into chunks that the main thread and the workers
 * claim in turn.
 *
 * A kernel computes each row (or block) by itself and always in the same way, so the result does not
 * depend on which thread computes which chunk.
 */
export class ThreadPool {
  readonly #memory: KernelMemory
  readonly #names: readonly KernelName[]
  readonly #words: Int32Array
  readonly #values: Float64Array
  #workers: readonly WorkerHandle[] = []
  #generation = 0
  #mayWait = true
  #lastChange: Promise<void> = Promise.resolve()

  constructor(memory: KernelMemory) {
    this.#memory = memory
    this.#names = Object.keys(memory.kernels).filter((name): name is KernelName => {
      return typeof memory.kernels[name as KernelName] === 'function'
    })
    const control = memory.shared
      ? new SharedArrayBuffer(word.controlBytes)
      : new ArrayBuffer(word.controlBytes)
    this.#words = new Int32Array(control)
    this.#values = new Float64Array(control, word.argumentsOffset)
  }

  /** The number of threads that compute, the calling one included. */
  get threads(): number {
    return this.#workers.length + 1
  }

  /**
   * Starts or ends workers until `threads` threads compute. Calls wait for each other; jobs may run
   * meanwhile.
   *
   * @param threads - an integer in 1..64
   * @throws GnnRecError with the code `INVALID_OPTIONS` when `threads` is out of range
   * @throws BackendUnavailableError when memory cannot be shared or a thread does not start; there are
   * then as many threads as before, or fewer
   */
  setThreads(threads: number): Promise<void> {
    const change = this.#lastChange.then(() => this.#change(threads))
    this.#lastChange = change.catch(() => {})
    return change
  }

  async #change(threads: number): Promise<void> {
    if (!Number.isInteger(threads) || threads < 1 || threads > maximumThreads) {
      throw new GnnRecError(
        'INVALID_OPTIONS',
        `Got threads: ${threads}; expected an integer in 1..${maximumThreads}.`,
      )
    }
    if (threads > 1 && !this.#memory.shared) {
      throw new BackendUnavailableError(
        `Got threads: ${threads}, but this platform has no SharedArrayBuffer (a page needs cross-origin isolation); use threads: 1.`,
      )
    }
    const wanted = threads - 1
    await this.#retire(this.#workers.slice(wanted), Math.min(wanted, this.#workers.length))
    const kept = this.#workers
    Atomics.store(this.#words, word.limit, wanted)
    const starts = await Promise.allSettled(
      Array.from({ length: wanted - kept.length }, (_, i) =>
        startWorker({
          module: this.#memory.module,
          memory: this.#memory.memory,
          control: this.#words.buffer,
          names: this.#names,
          index: kept.length + i,
        }),
      ),
    )
    const started = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []))
    const failed = starts.find((start) => start.status === 'rejected')
    if (failed) {
      await this.#retire(started, kept.length)
      throw new BackendUnavailableError(
        `Cannot start ${wanted} worker threads here (${String(failed.reason)}); use threads: 1.`,
        { cause: failed.reason },
      )
    }
    this.#workers = [...kept, ...started]
  }

  /** Ends the workers from number `limit` on. They leave between chunks, as a job may be under way. */
  async #retire(workers: readonly WorkerHandle[], limit: number): Promise<void> {
    this.#workers = this.#workers.slice(0, limit)
    Atomics.store(this.#words, word.limit, limit)
    this.#close()
    Atomics.notify(this.#words, word.ticket)
    await Promise.all(workers.map((worker) => worker.ended()))
  }

  /**
   * Calls a kernel on 0..count-1, `grain` at a time.
   *
   * @param grain - rows, blocks or elements of a chunk; a job of at most this size stays on the calling
   * thread
   * @throws GnnRecError with the code `KERNEL_FAILED` when the kernel reaches outside of the memory in any
   * thread; the range is then partly written, and the pool still works
   */
  run<Name extends KernelName>(
    name: Name,
    count: number,
    grain: number,
    ...given: KernelArguments<Name>
  ): void {
    if (count === 0) return
    const kernel = this.#memory.kernels[name] as (...values: number[]) => void
    if (count <= grain || this.#workers.length === 0) {
      try {
        kernel(...given, 0, count)
      } catch (cause) {
        throw kernelFailed(name, cause)
      }
      return
    }
    // A ticket cannot count more chunks than this.
    const size = Math.max(grain, Math.ceil(count / (word.closed - 1)))
    const chunks = Math.ceil(count / size)
    this.#open(this.#names.indexOf(name), count, size, chunks, given)
    const failure = this.#takePart(kernel, count, size, chunks, given)
    this.#awaitChunks(chunks)
    if (failure !== undefined || Atomics.load(this.#words, word.failed) !== 0) {
      throw kernelFailed(name, failure)
    }
  }

  /** Closes the ticket, under a generation that no waiting worker has seen. */
  #close(): number {
    this.#generation = (this.#generation + 1) & (2 ** (32 - word.chunkBits) - 1)
    const ticket = this.#generation << word.chunkBits
    Atomics.store(this.#words, word.ticket, ticket | word.closed)
    return ticket
  }

  #open(
    kernel: number,
    count: number,
    grain: number,
    chunks: number,
    given: readonly number[],
  ): void {
    const words = this.#words
    const ticket = this.#close()
    words[word.kernel] = kernel
    words[word.count] = count
    words[word.grain] = grain
    words[word.argumentCount] = given.length
    for (let i = 0; i < given.length; i++) this.#values[i] = given[i]
    Atomics.store(words, word.chunks, chunks)
    Atomics.store(words, word.failed, 0)
    Atomics.store(words, word.done, 0)
    Atomics.store(words, word.ticket, ticket)
    Atomics.notify(words, word.ticket)
  }

  #takePart(
    kernel: (...values: number[]) => void,
    count: number,
    grain: number,
    chunks: number,
    given: readonly number[],
  ): unknown {
    const words = this.#words
    let failure: unknown
    for (;;) {
      const ticket = Atomics.load(words, word.ticket)
      const chunk = ticket & word.closed
      if (chunk >= chunks) return failure
      if (Atomics.compareExchange(words, word.ticket, ticket, ticket + 1) !== ticket) continue
      const start = chunk * grain
      try {
        kernel(...given, start, Math.min(start + grain, count))
      } catch (error) {
        failure ??= error
      }
      Atomics.add(words, word.done, 1)
    }
  }

  #awaitChunks(chunks: number): void {
    const words = this.#words
    for (let spin = 0; spin < 20_000; spin++) if (Atomics.load(words, word.done) === chunks) return
    for (
      let done = Atomics.load(words, word.done);
      done !== chunks;
      done = Atomics.load(words, word.done)
    ) {
      if (this.#mayWait) this.#waitBriefly(done)
    }
  }

  #waitBriefly(done: number): void {
    try {
      Atomics.wait(this.#words, word.done, done, 1)
    } catch {
      // The main thread of a page may not wait; it spins.
      this.#mayWait = false
    }
  }
}

function kernelFailed(name: KernelName, cause: unknown): GnnRecError {
  const reason = cause === undefined ? 'in a worker thread' : `(${String(cause)})`
  return new GnnRecError(
    'KERNEL_FAILED',
    `Kernel '${name}' failed ${reason}: a pointer, size or index given to it does not fit the memory.`,
    { cause },
  )
}
