import { isAbsolute, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { InvalidOptionsError } from '@gnnrec/graph'

/**
 * The export of a module of the user's.
 *
 * @param module - a path (relative to `baseFolder`, absolute, or a `file:` URL) or the name of a package
 * @throws InvalidOptionsError when the module cannot be loaded or has no such export
 */
export async function loadExport(
  module: string,
  name: string,
  baseFolder: string,
): Promise<unknown> {
  const isPath = /^\.{0,2}[/\\]/.test(module) || isAbsolute(module)
  const address = isPath ? pathToFileURL(resolve(baseFolder, module)).href : module
  let exports: Readonly<Record<string, unknown>>
  try {
    exports = await import(
      /* @vite-ignore */ /* webpackIgnore: true */ /* turbopackIgnore: true */ address
    )
  } catch (cause) {
    throw new InvalidOptionsError(
      `module: '${module}' cannot be loaded: ${(cause as Error).message}. Give the path of a file that Node can import (./my-model.js) or the name of a package.`,
      { cause },
    )
  }
  if (Object.hasOwn(exports, name)) return exports[name]
  throw new InvalidOptionsError(
    `module: '${module}' has no export '${name}'; it has ${Object.keys(exports).join(', ') || 'none'}.`,
  )
}
