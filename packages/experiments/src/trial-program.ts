import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The program of a trial's process and the options of Node that it needs. */
export interface TrialProgram {
  readonly path: string
  readonly nodeOptions: readonly string[]
}

/**
 * Returns the program for the sources: TypeScript beside this module, which tsx runs together with the
 * sources of the sibling packages. The build replaces this module by one that finds the built program
 * (`processProgram` in `tsup.shared.ts`).
 */
export function trialProgram(): TrialProgram {
  const path = fileURLToPath(new URL('./trial-worker.ts', import.meta.url))
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  return { path, nodeOptions: ['--conditions=@gnnrec/source', `--import=${loader}`] }
}
