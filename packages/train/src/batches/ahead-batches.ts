import type * as NodeThreads from 'node:worker_threads'
import { type EpochBatch, InvalidOptionsError, type Rng } from '@gnnrec/graph'
import { type BatchReply, type BatchRequest, packWork, unpackBatch } from './batch-messages.js'
import { type BatchSettings, type BatchSource, batchSource } from './batch-source.js'

/**
 * The batches of {@link batchSource}, drawn on a separate thread: the next one while the model is trained on the
 * last one. Every draw depends on its place alone, so the bytes are those of the main thread.
 */
export class AheadBatches implements BatchSource {
  readonly stepsPerEpoch: number
  readonly #settings: BatchSettings
  readonly #rng: Rng
  readonly #threads: typeof NodeThreads
  #worker: Promise<NodeThreads.Worker> | undefined
  #waiting: { resolve(reply: BatchReply): void; reject(error: Error): void }[] = []
  #skippedDraws = 0

  /**
   * @throws InvalidOptionsError when Node.js threads are missing, and when {@link batchSource} does
   * @throws InvalidInteractionsError when {@link batchSource} does
   */
  constructor(settings: BatchSettings, rng: Rng) {
    const threads = globalThis.process?.getBuiltinModule?.('node:worker_threads')
    if (!threads) {
      throw new InvalidOptionsError(
        'sampleAhead: got true, but this platform has no Node.js threads; leave it out to draw samples between the steps.',
      )
    }
    this.#threads = threads
    this.#settings = settings
    this.#rng = rng
    // Making a source here reports wrong settings before training starts.
    this.stepsPerEpoch = batchSource(settings, rng).stepsPerEpoch
  }

  get skippedDraws(): number {
    return this.#skippedDraws
  }

  async prepare({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    signal.throwIfAborted()
    let stop = () => {}
    const aborted = new Promise<never>((_, reject) => {
      stop = () => reject(signal.reason)
      signal.addEventListener('abort', stop)
    })
    try {
      await Promise.race([this.#ask({ type: 'prepare' }), aborted])
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  async *epoch(
    epoch: number,
    { startStep }: { startStep: number },
  ): AsyncGenerator<EpochBatch, void> {
    let next = this.#ask({ type: 'batch', epoch, step: startStep })
    for (;;) {
      const reply = await next
      if (reply.type !== 'batch') throw new Error(`The sampling thread answered '${reply.type}'.`)
      if (reply.batch) {
        next = this.#ask({ type: 'batch', epoch, step: reply.batch.step + 1 })
        // Training may end before it awaits the result.
        next.catch(() => {})
      }
      this.#skippedDraws = reply.skippedDraws
      if (!reply.batch) return
      yield unpackBatch(reply.batch)
    }
  }

  async close(): Promise<void> {
    const started = this.#worker
    this.#worker = undefined
    // A thread that did not start has failed the request that needed it.
    const worker = await started?.catch(() => undefined)
    await worker?.terminate()
  }

  async #ask(request: BatchRequest): Promise<BatchReply> {
    const worker = await (this.#worker ?? this.#start())
    // The thread keeps the process alive as long as a reply is awaited.
    worker.ref()
    const reply = new Promise<BatchReply>((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
    })
    worker.postMessage(request)
    return reply
  }

  #start(): Promise<NodeThreads.Worker> {
    const started = this.#startThread(() => {
      if (this.#worker === started) this.#worker = undefined
    })
    this.#worker = started
    return started
  }

  async #startThread(onExit: () => void): Promise<NodeThreads.Worker> {
    // The program is a large text, and only programs that draw ahead need it.
    const { samplingThread } = await import('../sampling-thread.js')
    const { program, options } = samplingThread()
    const workerData = packWork(this.#settings, this.#rng.state())
    const worker = new this.#threads.Worker(program, { ...options, workerData })
    worker.on('message', (reply: BatchReply) => {
      const first = this.#waiting.shift()
      if (this.#waiting.length === 0) worker.unref()
      if (reply.type === 'error') first?.reject(errorOf(reply))
      else first?.resolve(reply)
    })
    const fail = (error: Error) => {
      for (const { reject } of this.#waiting.splice(0)) reject(error)
    }
    worker.on('error', fail)
    worker.on('exit', () => {
      onExit()
      fail(new Error('The sampling thread has ended.'))
    })
    return worker
  }
}

function errorOf({ code, message }: { code: string | undefined; message: string }): Error {
  return code === 'INVALID_OPTIONS' ? new InvalidOptionsError(message) : new Error(message)
}
