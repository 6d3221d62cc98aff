import { InvalidOptionsError } from '@gnnrec/graph'
import { thrownMessage } from '@gnnrec/graph/kernels'
import { type ModuleRules, moduleAddress } from './module-rules.js'

/**
 * Loads an export of a module of the user's, which runs the code of the module.
 *
 * @param module - a path (relative to the base folder, absolute, or a `file:` URL) or the name of a package
 * @throws InvalidOptionsError when the module is not allowed, cannot be loaded or has no such export
 */
export async function loadExport(
  module: string,
  name: string,
  rules: ModuleRules,
): Promise<unknown> {
  const address = moduleAddress(module, rules)
  let exports: Readonly<Record<string, unknown>>
  try {
    exports = await import(
      /* @vite-ignore */ /* webpackIgnore: true */ /* turbopackIgnore: true */ address
    )
  } catch (cause) {
    throw new InvalidOptionsError(
      `module: '${module}' cannot be loaded: ${thrownMessage(cause)}. Give the path of a file that Node can import (./my-model.js) or the name of a package.`,
      { cause },
    )
  }
  if (Object.hasOwn(exports, name)) return exports[name]
  throw new InvalidOptionsError(
    `module: '${module}' has no export '${name}'; it has ${Object.keys(exports).join(', ') || 'none'}.`,
  )
}
