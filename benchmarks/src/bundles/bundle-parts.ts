import { builtinModules } from 'node:module'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build, type Metafile, type OutputFile } from 'esbuild'
import { versionOfPackageJson } from '../../../tsup.shared.js'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Part of a bundle to which a byte belongs. */
export type BundlePart =
  | 'own'
  | 'backend'
  | 'kernels'
  | 'gradients'
  | 'TensorFlow.js'
  | 'zod'
  | 'others'

/** Sizes of a minified bundle in bytes, without modules of Node. */
export interface BundleParts {
  /** Code that a page loads together with the entry. */
  readonly atImport: SizedBytes
  /** Chunks that are loaded only when something first needs them. */
  readonly later: SizedBytes
  /** Bytes of the part `own` that are loaded together with the entry. */
  readonly ownAtImport: number
  readonly parts: Readonly<Record<BundlePart, number>>
}

interface SizedBytes {
  /** Number of files. */
  readonly files: number
  readonly bytes: number
  readonly gzipped: number
}

/**
 * Bundles an entry from the sources, whole or only some of its exports, and sorts bytes into parts
 * by file.
 */
export async function bundleParts(entry: string, names?: readonly string[]): Promise<BundleParts> {
  const { metafile, outputFiles } = await build({
    stdin: { contents: page(entry, names), resolveDir: root, sourcefile: 'page.js' },
    absWorkingDir: root,
    outdir: 'bundle',
    logLevel: 'silent',
    write: false,
    metafile: true,
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['@gnnrec/source'],
    external: [...builtinModules],
    plugins: [versionOfPackageJson],
  })
  const parts: Record<BundlePart, number> = {
    own: 0,
    backend: 0,
    kernels: 0,
    gradients: 0,
    'TensorFlow.js': 0,
    zod: 0,
    others: 0,
  }
  const first = loadedAtOnce(metafile)
  let ownAtImport = 0
  for (const [chunk, { inputs }] of Object.entries(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const part = partOf(path)
      parts[part] += bytesInOutput
      if (part === 'own' && first.has(chunk)) ownAtImport += bytesInOutput
    }
  }
  const isFirst = ({ path }: OutputFile) => first.has(path.slice(root.length))
  return {
    atImport: sizes(outputFiles.filter(isFirst)),
    later: sizes(outputFiles.filter((file) => !isFirst(file))),
    ownAtImport,
    parts,
  }
}

/** Returns a program that keeps everything it imports, so that nothing is shaken out. */
function page(entry: string, names: readonly string[] | undefined): string {
  return names
    ? `import { ${names.join(', ')} } from '${entry}'\nglobalThis.page = [${names.join(', ')}]\n`
    : `import * as everything from '${entry}'\nglobalThis.page = everything\n`
}

const patterns: readonly (readonly [BundlePart, RegExp])[] = [
  ['kernels', /^packages\/graph\/src\/generated\//],
  ['gradients', /tfjs-backend-simd\/src\/generated\/gradients/],
  ['backend', /^packages\/(tfjs-backend-simd|graph\/src\/kernels)\//],
  ['own', /^packages\//],
  ['TensorFlow.js', /node_modules\/@tensorflow\//],
  ['zod', /node_modules\/zod\//],
]

export function partOf(path: string): BundlePart {
  return patterns.find(([, pattern]) => pattern.test(path))?.[0] ?? 'others'
}

/** Returns the entry's file and all files that it imports statically. */
function loadedAtOnce({ outputs }: Metafile): Set<string> {
  const entry = Object.keys(outputs).find((path) => outputs[path].entryPoint === 'page.js')
  const found = new Set<string>()
  const waiting = entry === undefined ? [] : [entry]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue
    found.add(path)
    for (const { path: imported, kind, external } of outputs[path].imports) {
      if (kind === 'import-statement' && !external) waiting.push(imported)
    }
  }
  return found
}

function sizes(files: readonly OutputFile[]): SizedBytes {
  return {
    files: files.length,
    bytes: files.reduce((sum, { contents }) => sum + contents.length, 0),
    gzipped: files.reduce((sum, { contents }) => sum + gzipSync(contents).length, 0),
  }
}
