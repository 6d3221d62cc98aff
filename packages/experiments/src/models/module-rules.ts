import { realpathSync, statSync } from 'node:fs'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { InvalidOptionsError } from '@gnnrec/graph'
import { thrownMessage } from '@gnnrec/graph/kernels'

/** The modules that may be loaded, since loading one runs its code. */
export interface ModuleRules {
  /** Folder that paths are relative to. */
  readonly baseFolder: string
  /** True when files below the folder may be loaded. */
  readonly filesBelow: boolean
  /** Names of packages, and paths of files and folders, that may be loaded besides. */
  readonly allowModules: readonly string[]
}

/**
 * Returns the address under which Node imports a module: the URL of a file or the name of a package.
 *
 * @throws InvalidOptionsError when the module is not allowed, or its file does not exist
 */
export function moduleAddress(module: string, rules: ModuleRules): string {
  const path = pathOf(module, rules.baseFolder)
  if (path === undefined) {
    const isAllowed = rules.allowModules.some(
      (name) => module === name || module.startsWith(`${name}/`),
    )
    if (isAllowed && isPackageName(module)) return module
    throw new InvalidOptionsError(`module: got '${module}'; ${expected(rules)}`)
  }
  // A link may lead out of the folder.
  const file = realFile(path, module)
  const places = rules.allowModules.flatMap((each) => pathOf(each, '.', 'allowModules') ?? [])
  const isAllowed =
    (rules.filesBelow && isWithin(file, rules.baseFolder)) ||
    places.some((place) => isWithin(file, place))
  if (isAllowed) return pathToFileURL(file).href
  throw new InvalidOptionsError(`module: got '${module}', which is ${file}; ${expected(rules)}`)
}

/**
 * Returns the path that a module is named by; undefined for a package or another kind of address.
 *
 * @param option - the option that names the module, for the error
 */
function pathOf(module: string, baseFolder: string, option = 'module'): string | undefined {
  if (/^\.{0,2}[/\\]/.test(module) || isAbsolute(module)) return resolve(baseFolder, module)
  if (!/^file:\/\/\//i.test(module)) return undefined
  try {
    return fileURLToPath(module)
  } catch (cause) {
    throw new InvalidOptionsError(
      `${option}: got '${module}', which is no address of a file: ${(cause as Error).message}; expected one such as file:///home/me/my-model.js, or a path.`,
      { cause },
    )
  }
}

function isPackageName(module: string): boolean {
  return /^(@[\w-][\w.-]*\/)?\w[\w.-]*(\/\w[\w.-]*)*$/.test(module)
}

function realFile(path: string, module: string): string {
  try {
    const real = realpathSync(path)
    if (statSync(real).isFile()) return real
    throw new Error(`${real} is no regular file`)
  } catch (cause) {
    throw new InvalidOptionsError(
      `module: '${module}' cannot be loaded: ${thrownMessage(cause)}. Give the path of a file that Node can import, such as ./my-model.js.`,
      { cause },
    )
  }
}

function isWithin(file: string, folder: string): boolean {
  let real: string
  try {
    real = realpathSync(folder)
  } catch {
    return false
  }
  const inner = relative(real, file)
  return inner !== '..' && !inner.startsWith(`..${sep}`) && !isAbsolute(inner)
}

function expected({ baseFolder, filesBelow, allowModules }: ModuleRules): string {
  const below = filesBelow ? [`a file below ${resolve(baseFolder)}, such as './my-model.js'`] : []
  const allowed =
    allowModules.length > 0 ? [`what allowModules lists (${allowModules.join(', ')})`] : []
  const places = [...below, ...allowed].join(', or ') || 'none, as no module is allowed here'
  return `expected ${places}. Modules run code; allow further ones by the option allowModules, with the name of a package or the path of a file or folder.`
}
