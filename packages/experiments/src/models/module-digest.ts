import { createHash } from 'node:crypto'
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InvalidOptionsError } from '@gnnrec/graph'
import { type ModuleRules, moduleAddress } from './module-rules.js'

const sourceFile = /\.[cm]?[jt]sx?$/
/** Endings that a name without one, or with that of compiled code, may stand for. */
const endings = ['', '.js', '.mjs', '.cjs', '.ts', '.mts', '.json', '/index.js', '/index.ts']

/**
 * Returns a digest of the code of a module: of its file and all files that these name by relative paths,
 * as imports and data do, or of all files of its package.
 *
 * @throws InvalidOptionsError when the module is not allowed or cannot be found
 */
export function moduleDigest(module: string, rules: ModuleRules): string {
  const address = moduleAddress(module, rules)
  const isFile = address.startsWith('file:')
  const root = isFile ? dirname(fileURLToPath(address)) : packageFolder(address)
  const files = isFile ? filesNamedFrom(fileURLToPath(address)) : filesOf(root)
  const hash = createHash('sha256')
  for (const file of files.sort()) {
    hash.update(`${relative(root, file)}\n${fileDigest(file)}\n`)
  }
  return hash.digest('hex')
}

/** Returns a file with all files that it, or one of these, names by a relative path. */
function filesNamedFrom(entry: string): string[] {
  const found = new Set([entry])
  for (const file of found) {
    if (!sourceFile.test(file)) continue
    // Any string that looks like a path counts: a file too many does no harm, one that is missed does.
    for (const [, , name] of readFileSync(file, 'utf8').matchAll(
      /(['"`])(\.{1,2}\/[^'"`\n]*)\1/g,
    )) {
      const path = resolve(dirname(file), name)
      const paths = [path, path.replace(/\.([cm]?)js(x?)$/, '.$1ts$2')]
      const named = paths.flatMap((each) => endings.map((ending) => each + ending)).find(isFile)
      if (named !== undefined) found.add(named)
    }
  }
  return [...found]
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Computes the digest of a file of any size. */
function fileDigest(file: string): string {
  const hash = createHash('sha256')
  const piece = new Uint8Array(2 ** 20)
  const handle = openSync(file, 'r')
  try {
    for (let size = readSync(handle, piece); size > 0; size = readSync(handle, piece)) {
      hash.update(piece.subarray(0, size))
    }
  } finally {
    closeSync(handle)
  }
  return hash.digest('hex')
}

function packageFolder(name: string): string {
  const [scope, ...rest] = name.split('/')
  const packageName = scope.startsWith('@') ? `${scope}/${rest[0]}` : scope
  // Bundlers put something of their own in the place of an imported `createRequire`, and those that write
  // CommonJS leave this module without an address.
  const { createRequire } = process.getBuiltinModule('node:module')
  const ownAddress: string | undefined = import.meta.url
  const start = ownAddress ?? join(process.cwd(), 'program.js')
  const places = createRequire(start).resolve.paths(packageName) ?? []
  const found = places
    .map((place) => join(place, packageName))
    .find((folder) => isFile(join(folder, 'package.json')))
  if (found !== undefined) return found
  throw new InvalidOptionsError(
    `module: '${name}' cannot be loaded: there is no package '${packageName}'; install it, or give the path of a file (./my-model.js).`,
  )
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      return entry.name === 'node_modules' || entry.name.startsWith('.') ? [] : filesOf(path)
    }
    return entry.isFile() && (sourceFile.test(path) || path.endsWith('.json')) ? [path] : []
  })
}
