import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Environment } from './diagnosis.js'

const packageNames = [
  '@gnnrec/graph',
  '@gnnrec/ops',
  '@gnnrec/serving',
  '@gnnrec/models',
  '@gnnrec/train',
  '@gnnrec/eval',
  '@gnnrec/data',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-node',
  '@tensorflow/tfjs-node-gpu',
]

/** Describes the machine and the installed packages, without starting a backend. */
export function describeEnvironment(): Environment {
  const { node } = process.versions
  return {
    node,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    threads: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    hasSharedMemory: typeof SharedArrayBuffer === 'function',
    packages: installedPackages(),
    gpus: listGpus(),
  }
}

/** Finds packages as this package does and as the working folder does, which may have other copies. */
function installedPackages(): Record<string, string> {
  const found = new Map<string, Map<string, string>>()
  const workingFolder = pathToFileURL(join(process.cwd(), 'package.json')).href
  // Bundlers that write CommonJS leave this module without an address.
  const ownAddress: string | undefined = import.meta.url
  for (const origin of ownAddress ? [ownAddress, workingFolder] : [workingFolder]) {
    for (const name of packageNames) {
      const manifest = findManifest(name, origin)
      if (!manifest) continue
      const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
      const copies = found.get(name) ?? new Map()
      found.set(name, copies.set(manifest, version))
    }
  }
  return Object.fromEntries(
    [...found].map(([name, copies]) => [name, [...copies.values()].join(' and ')]),
  )
}

function findManifest(name: string, origin: string): string | undefined {
  // Bundlers put something of their own in the place of an imported `createRequire`.
  const { createRequire } = process.getBuiltinModule('node:module')
  for (const folder of createRequire(origin).resolve.paths(name) ?? []) {
    const manifest = join(folder, name, 'package.json')
    if (existsSync(manifest)) return realpathSync(manifest)
  }
  return undefined
}

function listGpus(): string[] {
  const query = '--query-gpu=name,memory.total,driver_version,compute_cap'
  const { status, stdout } = spawnSync('nvidia-smi', [query, '--format=csv,noheader'], {
    encoding: 'utf8',
    timeout: 20_000,
  })
  if (status !== 0) return []
  return stdout.trim().split('\n').filter(Boolean)
}
