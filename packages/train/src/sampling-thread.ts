import type { WorkerOptions } from 'node:worker_threads'

/** The program and the options of a sampling thread. */
export interface SamplingThread {
  readonly program: string | URL
  readonly options: WorkerOptions
}

/**
 * Returns the program of the sampling thread for the sources: TypeScript beside this module, which tsx
 * runs together with the sources of the sibling packages. The build replaces this module by one that
 * holds the whole program as text (`threadProgram` in `tsup.shared.ts`), because bundlers neither find
 * nor keep a file beside it.
 */
export function samplingThread(): SamplingThread {
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
