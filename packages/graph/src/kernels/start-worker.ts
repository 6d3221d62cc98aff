import { workerProgram } from './thread-control.js'

/** A started worker thread. */
export interface WorkerHandle {
  /** Waits until the thread has ended. Tell it to leave first; otherwise this waits forever. */
  ended(): Promise<void>
}

/** Starts a worker on the given data, and waits until its program runs. */
export async function startWorker(data: unknown): Promise<WorkerHandle> {
  const threads = globalThis.process?.getBuiltinModule?.('node:worker_threads')
  return threads ? startNodeWorker(threads, data) : startPageWorker(data)
}

async function startNodeWorker(
  threads: typeof import('node:worker_threads'),
  data: unknown,
): Promise<WorkerHandle> {
  const program = `${workerProgram}
const { parentPort, workerData } = require('node:worker_threads')
parentPort.postMessage('ready')
work(workerData)`
  // The parent's flags (loaders, --expose-gc, heap limits) are not meant for this program.
  const worker = new threads.Worker(program, {
    eval: true,
    workerData: data,
    execArgv: [],
    env: {},
  })
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`The thread ended at once with code ${code}.`)))
  })
  // A worker that waits must not keep the process alive; a worker that is waited for must.
  worker.unref()
  return {
    ended() {
      worker.ref()
      return ended
    },
  }
}

/**
 * Starts a worker from an address, and waits until it answers.
 *
 * @throws Error with the reason: the browser's own or, as it says nothing of a policy, the likely one
 */
async function startedWorker(url: string, data: unknown): Promise<Worker> {
  const likely =
    'the browser did not start a worker from a blob: address; if the page has a content security policy, it must allow blob: in worker-src'
  let worker: Worker
  try {
    worker = new Worker(url)
  } catch (cause) {
    throw new Error(`${likely} (${String(cause)})`, { cause })
  }
  try {
    await new Promise<void>((resolve, reject) => {
      worker.onmessage = () => resolve()
      worker.onerror = ({ message }) => reject(new Error(message || likely))
      worker.postMessage(data)
    })
    return worker
  } catch (cause) {
    worker.terminate()
    throw cause
  }
}

async function startPageWorker(data: unknown): Promise<WorkerHandle> {
  const program = `${workerProgram}
onmessage = ({ data }) => {
  postMessage('ready')
  work(data)
  postMessage('ended')
}`
  const url = URL.createObjectURL(new Blob([program], { type: 'text/javascript' }))
  let worker: Worker
  try {
    worker = await startedWorker(url, data)
  } finally {
    URL.revokeObjectURL(url)
  }
  const ended = new Promise<void>((resolve) => {
    worker.onmessage = () => {
      worker.terminate()
      resolve()
    }
  })
  return { ended: () => ended }
}
