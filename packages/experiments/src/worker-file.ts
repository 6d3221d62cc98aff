import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The program of a trial's process and the options of Node that it needs. */
export interface WorkerFile {
  readonly path: string
  readonly nodeOptions: readonly string[]
}

/**
 * Finds the worker beside this module. In the built package it is JavaScript. In the sources it is
 * TypeScript, which tsx runs together with the sources of the sibling packages.
 */
export function workerFile(): WorkerFile {
  const isSource = import.meta.url.endsWith('.ts')
  const source = new URL('./trial-worker.ts', import.meta.url)
  const built = new URL('./trial-worker.js', import.meta.url)
  const path = fileURLToPath(isSource ? source : built)
  if (!isSource) return { path, nodeOptions: [] }
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  return { path, nodeOptions: ['--conditions=@gnnrec/source', `--import=${loader}`] }
}
