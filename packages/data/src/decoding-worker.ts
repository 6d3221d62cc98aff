import { serveDecoding } from './columnar/serve-decoding.js'

// The program of the thread that decodes Parquet and Arrow.
const { parentPort } = globalThis.process.getBuiltinModule('node:worker_threads')
if (parentPort) serveDecoding(parentPort)
