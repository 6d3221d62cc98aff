import { createHash } from 'node:crypto'
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InvalidOptionsError } from '@gnnrec/graph'
import { type ModuleRules, moduleAddress } from './module-rules.js'

const sourceFile = /\.[cm]?[jt]sx?$/
/** Endings of files that a name without one may stand for. */
const fileEndings = ['.js', '.mjs', '.cjs', '.jsx', '.ts', '.mts', '.cts', '.tsx', '.json', '.node']
/** Endings that a name may lack. */
const endings = ['', ...fileEndings, ...fileEndings.map((ending) => `/index${ending}`)]

/**
 * Returns a digest of the code of a module: of its file and all files that these name by relative paths,
 * as imports and data do, or of all files of its package. Neither covers other packages that the code
 * imports, and no text shows files whose paths the code puts together.
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
      /(['"`])(\.{1,2}(?:\/[^'"`\n]*)?)\1/g,
    )) {
      const path = resolve(dirname(file), name)
      // A name of compiled code may stand for its source.
      const stems = [path, path.replace(/\.([cm]?)jsx?$/, '.$1ts'), path.replace(/\.jsx?$/, '.tsx')]
      for (const stem of stems) {
        for (const ending of endings) if (isFile(stem + ending)) found.add(stem + ending)
      }
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
    return isFile(path) ? [path] : []
  })
}
