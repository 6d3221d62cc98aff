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

async function startPageWorker(data: unknown): Promise<WorkerHandle> {
  const program = `${workerProgram}
onmessage = ({ data }) => {
  postMessage('ready')
  work(data)
  postMessage('ended')
}`
  const url = URL.createObjectURL(new Blob([program], { type: 'text/javascript' }))
  const worker = new Worker(url)
  try {
    await new Promise<void>((resolve, reject) => {
      worker.onmessage = () => resolve()
      worker.onerror = reject
      worker.postMessage(data)
    })
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
