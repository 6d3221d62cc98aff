import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const nx = fileURLToPath(import.meta.resolve('nx/bin/nx.js'))

/** Runs an nx target in all packages and prints one line; shows the output only when it fails. */
export function runQuietly(target, announcement) {
  const start = performance.now()
  process.stderr.write(`${announcement}… `)
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [nx, 'run-many', '--target', target, '--output-style=static'],
    { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 },
  )
  process.stderr.write(`${((performance.now() - start) / 1000).toFixed(0)} s\n`)
  if (status === 0) return
  process.stderr.write(`${stdout}${stderr}`)
  process.exit(status ?? 1)
}
