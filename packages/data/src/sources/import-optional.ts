import { MissingDependencyError } from '../errors.js'

/**
 * Imports a package that is an optional peer dependency.
 *
 * @throws MissingDependencyError when it is not installed; the message says how to install it
 */
export async function importOptional<Module>(
  owner: string,
  dependency: string,
  load: () => Promise<Module>,
): Promise<Module> {
  try {
    return await load()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw new MissingDependencyError(owner, dependency, { cause })
  }
}
