import type { WorkerOptions } from 'node:worker_threads'

/** Program and options of a sampling thread. */
export interface SamplingWorkerFile {
  readonly program: string | URL
  readonly options: WorkerOptions
}

/**
 * Returns the program beside this module: JavaScript in the built package; in the sources TypeScript, which tsx
 * runs together with the sources of the sibling packages.
 */
export function samplingWorkerFile(): SamplingWorkerFile {
  if (!import.meta.url.endsWith('.ts')) {
    // The parent's flags (loaders, heap limits) are none of this program's business.
    const program = new URL('./sampling-worker.js', import.meta.url)
    return { program, options: { execArgv: [] } }
  }
  const { createRequire } = globalThis.process.getBuiltinModule('node:module')
  const { pathToFileURL } = globalThis.process.getBuiltinModule('node:url')
  const api = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api'))
  // A thread has to register tsx by itself; what `--import` registers is not for threads.
  const program = `import(${JSON.stringify(new URL('index.mjs', api))}).then(({ register }) => {
  register()
  return import(${JSON.stringify(new URL('./sampling-worker.ts', import.meta.url))})
})`
  return { program, options: { eval: true, execArgv: ['--conditions=@gnnrec/source'] } }
}
