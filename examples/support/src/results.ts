import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { availableParallelism, cpus } from 'node:os'

/** One row of results; fields that do not apply are left out. */
export interface ResultRow {
  name: string
  dataset?: string
  model?: string
  settings?: Record<string, unknown>
  metrics?: Record<string, number>
  epochs?: number
  seconds?: number
  peakRssMb?: number
  ratio?: Record<string, number>
}

/** Writes results and their environment as JSON. */
export async function writeResults(
  file: string,
  threads: number | undefined,
  rows: readonly ResultRow[],
): Promise<void> {
  const results = { environment: environment(threads), rows }
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`)
}

/** Describes the environment in which results are made. */
export function environment(threads: number | undefined) {
  const manifest = new URL('../../../packages/graph/package.json', import.meta.url)
  return {
    node: process.version,
    cpu: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    threads: threads ?? availableParallelism(),
    commit: commit(),
    versions: { gnnrec: JSON.parse(readFileSync(manifest, 'utf8')).version, ...process.versions },
  }
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return 'unknown'
  }
}
