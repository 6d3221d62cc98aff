import { serveBatches } from './batches/serve-batches.js'

// The program of the thread that draws samples ahead of training.
const { parentPort, workerData } = globalThis.process.getBuiltinModule('node:worker_threads')
if (parentPort) serveBatches(parentPort, workerData)
