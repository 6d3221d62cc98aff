import { workerProgram } from './thread-control.js'

/** A started worker thread. */
export interface WorkerHandle {
  terminate(): Promise<void>
}

/** Starts a worker on the given data; resolves when its program runs. */
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
  // The parent's flags (loaders, --expose-gc, heap limits) are none of this program's business.
  const worker = new threads.Worker(program, {
    eval: true,
    workerData: data,
    execArgv: [],
    env: {},
  })
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', reject)
  })
  // A waiting worker must not keep the process alive.
  worker.unref()
  return {
    async terminate() {
      await worker.terminate()
    },
  }
}

async function startPageWorker(data: unknown): Promise<WorkerHandle> {
  const program = `${workerProgram}
onmessage = ({ data }) => {
  postMessage('ready')
  work(data)
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
  return {
    async terminate() {
      worker.terminate()
    },
  }
}
