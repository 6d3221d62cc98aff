import type * as Threads from 'node:worker_threads'
import { InvalidOptionsError } from '@gnnrec/graph'
import { FileFormatError, FileReadError, MissingDependencyError } from '../errors.js'
import { type FileSource, nameOfSource, piecesOfStream } from '../sources/file-source.js'
import { nodeModule } from '../sources/node-files.js'
import { copied } from '../sources/read-pieces.js'
import type { DecodingThreadProgram } from './decoding-thread.js'
import type { DecodeRequest, SentError, SentSystemError, ThreadReply } from './requests.js'

/** The settings of a request that stay in the thread that asks. */
export interface DecodeLimits {
  /** The name of the function in messages. */
  readonly owner: string
  readonly maxDecodeSeconds: number
  readonly signal?: AbortSignal | undefined
}

/** A reply that ends a request. */
type Result = Exclude<ThreadReply, string | { readonly error: SentError }>
type FinalReply = Exclude<ThreadReply, string>

const megabyte = 1 << 20

/** The memory for JavaScript objects of a thread that decodes a small file, in megabytes. */
const leastHeap = 512

/** The time after which a thread without work ends, in milliseconds. */
const idleMilliseconds = 5000

/** The time between two looks at how long a thread has been silent, in milliseconds. */
const tickMilliseconds = 250

/** A thread that has no work, kept for the next file. */
let idle: { readonly thread: DecodingThread; readonly timer: NodeJS.Timeout } | undefined

/**
 * Decodes a file in a thread of its own, because the decoders loop for ever, or fill the memory, on some
 * files whose lengths are wrong. The thread is ended when it does not answer for the given time, when it
 * needs more memory than such a file should, and when the signal is aborted.
 *
 * @throws FileFormatError, FileReadError, MissingDependencyError, InvalidOptionsError
 */
export async function decodeInThread(
  source: FileSource,
  request: Omit<DecodeRequest, 'source' | 'lz4'>,
  limits: DecodeLimits,
): Promise<Result> {
  limits.signal?.throwIfAborted()
  const name = nameOfSource(source)
  const sent = sentSource(source)
  const heap = await heapFor(source)
  const thread = takeIdle(heap) ?? (await startThread(heap))
  const message = { ...request, source: sent.value, lz4: await lz4Place() }
  const reply = await thread.run(message, sent.stream, limits, (problem) => wrong(name, problem))
  keepIdle(thread)
  if ('error' in reply) throw errorOf(reply.error, limits.owner, name, request.format)
  return reply

  function wrong(file: string, problem: string): FileFormatError {
    return new FileFormatError(file, undefined, `cannot be read as ${request.format}: ${problem}`)
  }
}

/** Makes the error of the decoding thread anew, because classes do not survive the way between threads. */
function errorOf(
  { code, message, file = '', dependency = '', cause }: SentError,
  owner: string,
  name: string,
  format: string,
): Error {
  switch (code) {
    case 'FILE_FORMAT':
      return new FileFormatError(file, undefined, message.slice(`${file}: `.length))
    case 'FILE_READ':
      return new FileReadError(file, message, cause && { cause: systemError(cause) })
    case 'MISSING_DEPENDENCY':
      return new MissingDependencyError(owner, dependency)
    case 'INVALID_OPTIONS':
      return new InvalidOptionsError(message)
    default:
      return new FileFormatError(name, undefined, `cannot be read as ${format}: ${message}.`)
  }
}

function systemError({ message, ...rest }: SentSystemError): Error {
  return Object.assign(new Error(message), rest)
}

interface SentSource {
  readonly value?: unknown
  readonly stream?: AsyncIterable<Uint8Array | string>
}

/** Returns a source in a form that can be sent to another thread, or the stream that stays here. */
function sentSource(source: FileSource): SentSource {
  if (typeof source === 'string' || source instanceof Uint8Array) return { value: source }
  if (source instanceof URL) return { value: pathOf(source) }
  if (Symbol.asyncIterator in source) return { stream: source }
  if ('text' in source) return { value: { text: source.text } }
  const { archive, entry } = source
  return { value: { archive: archive instanceof URL ? pathOf(archive) : archive, entry } }
}

function pathOf(address: URL): string {
  return nodeModule('node:url').fileURLToPath(address)
}

/**
 * Returns the memory for objects that decoding a source may take, in megabytes: some times the size of the
 * file, in steps of powers of two, so that a thread can be used again.
 */
async function heapFor(source: FileSource): Promise<number> {
  const most = Math.floor(nodeModule('node:v8').getHeapStatistics().heap_size_limit / megabyte)
  const content = typeof source === 'object' && 'archive' in source ? source.archive : source
  let bytes: number | undefined
  if (content instanceof Uint8Array) bytes = content.length
  else if (typeof content === 'string' || content instanceof URL) {
    const status = await nodeModule('node:fs/promises')
      .stat(content)
      .catch(() => undefined)
    bytes = status?.size ?? 0
  }
  if (bytes === undefined) return most
  const times = Math.max(1, (16 * bytes) / megabyte)
  return Math.min(most, leastHeap + 2 ** Math.ceil(Math.log2(times)))
}

/** Returns the place of the package that unpacks LZ4, or `undefined` when it is not installed. */
async function lz4Place(): Promise<string | undefined> {
  const { createRequire } = nodeModule('node:module')
  const { pathToFileURL } = nodeModule('node:url')
  try {
    return pathToFileURL(createRequire(await placeOfProgram()).resolve('lz4-napi')).href
  } catch {
    return undefined
  }
}

/**
 * Returns the address of this module, beside which packages are installed. In a bundle there may be no
 * address, or one where nothing is; then packages are looked for from the working folder.
 */
async function placeOfProgram(): Promise<string> {
  try {
    const { fileURLToPath } = nodeModule('node:url')
    await nodeModule('node:fs/promises').access(fileURLToPath(import.meta.url))
    return import.meta.url
  } catch {
    return `${process.cwd()}/program.js`
  }
}

function takeIdle(heap: number): DecodingThread | undefined {
  if (idle?.thread.heap !== heap) return undefined
  const { thread, timer } = idle
  clearTimeout(timer)
  idle = undefined
  return thread
}

function keepIdle(thread: DecodingThread): void {
  if (idle !== undefined) {
    clearTimeout(idle.timer)
    idle.thread.end()
  }
  const timer = setTimeout(() => {
    idle = undefined
    thread.end()
  }, idleMilliseconds)
  timer.unref()
  idle = { thread, timer }
}

async function startThread(heap: number): Promise<DecodingThread> {
  // A module of its own keeps the decoders out of programs that read other files.
  const { decodingThread } = await import('./decoding-thread.js')
  return new DecodingThread(heap, decodingThread())
}

/** A thread that decodes one file after another. */
class DecodingThread {
  /** The memory for objects, in megabytes. */
  readonly heap: number
  readonly #worker: Threads.Worker

  constructor(heap: number, { program, options }: DecodingThreadProgram) {
    this.heap = heap
    const { Worker } = nodeModule('node:worker_threads')
    this.#worker = new Worker(program, {
      ...options,
      resourceLimits: { maxOldGenerationSizeMb: heap },
      // What the thread prints is not meant for the terminal of the program.
      stdout: true,
      stderr: true,
    })
    // Errors are reported by the request that is running.
    this.#worker.on('error', () => {})
    this.#worker.once('exit', () => {
      if (idle?.thread !== this) return
      clearTimeout(idle.timer)
      idle = undefined
    })
    this.#worker.unref()
  }

  end(): void {
    void this.#worker.terminate()
  }

  /** Runs a request. The thread must not be used any more when it fails. */
  async run(
    request: DecodeRequest,
    stream: AsyncIterable<Uint8Array | string> | undefined,
    { signal, maxDecodeSeconds }: DecodeLimits,
    wrong: (problem: string) => FileFormatError,
  ): Promise<FinalReply> {
    const worker = this.#worker
    const pieces = stream && copied(piecesOfStream(stream))
    let stopWaiting = (): void => {}
    const finished = new Promise<FinalReply>((resolve, reject) => {
      // Counting begins with the first sign of life, because a thread may take long to start.
      let silentTicks = Number.NEGATIVE_INFINITY
      // Time is counted by a timer: a clock would count the time in which this thread is busy.
      const timer = setInterval(() => {
        silentTicks++
        // The first tick may follow at once on the last sign of life.
        if (silentTicks <= (1000 * maxDecodeSeconds) / tickMilliseconds) return
        reject(
          wrong(
            `decoding it takes longer than ${maxDecodeSeconds} seconds, so that its lengths are probably wrong. If you trust the file, raise maxDecodeSeconds.`,
          ),
        )
      }, tickMilliseconds)
      const onMessage = (reply: ThreadReply): void => {
        silentTicks = 0
        if (reply === 'next piece') sendPiece(worker, pieces).catch(reject)
        else if (reply !== 'alive') resolve(reply)
      }
      const onError = (cause: NodeJS.ErrnoException): void => {
        reject(
          cause.code === 'ERR_WORKER_OUT_OF_MEMORY'
            ? wrong('decoding it takes more memory than a file of its size should.')
            : cause,
        )
      }
      const onExit = (): void => reject(wrong('the thread that decodes it has ended.'))
      const onAbort = (): void => reject(signal?.reason)
      worker.on('message', onMessage)
      worker.once('error', onError)
      worker.once('exit', onExit)
      signal?.addEventListener('abort', onAbort)
      // The signal may have been aborted while the thread was started.
      if (signal?.aborted) onAbort()
      stopWaiting = () => {
        clearInterval(timer)
        worker.off('message', onMessage)
        worker.off('error', onError)
        worker.off('exit', onExit)
        signal?.removeEventListener('abort', onAbort)
      }
    })
    worker.ref()
    try {
      worker.postMessage({ request })
      return await finished
    } catch (error) {
      this.end()
      throw error
    } finally {
      stopWaiting()
      worker.unref()
      // This is not awaited, because a stream that hangs cannot return either.
      pieces?.return(undefined).then(undefined, () => {})
    }
  }
}

async function sendPiece(
  worker: Threads.Worker,
  pieces: AsyncGenerator<Uint8Array> | undefined,
): Promise<void> {
  const next = await pieces?.next()
  worker.postMessage({ piece: next?.done ? undefined : next?.value })
}
