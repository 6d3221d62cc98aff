import { fileURLToPath } from 'node:url'

/** Returns a folder for files that benchmarks keep between runs; git ignores it. */
export function cacheFolder(name: string): string {
  const folder = `../../node_modules/.cache/gnnrec-benchmarks/${name}`
  return fileURLToPath(new URL(folder, import.meta.url))
}
