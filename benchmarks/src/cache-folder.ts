import { fileURLToPath } from 'node:url'

/** A folder for what benchmarks make and keep between runs; git ignores it. */
export function cacheFolder(name: string): string {
  const folder = `../../node_modules/.cache/gnnrec-benchmarks/${name}`
  return fileURLToPath(new URL(folder, import.meta.url))
}
