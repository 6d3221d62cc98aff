import { MissingDependencyError } from '../errors.js'

/**
 * Imports an optional package with native code. Bundlers cannot take such code, so they are told to leave
 * the import as it is.
 *
 * @throws MissingDependencyError when it is not installed; the message says how to install it
 */
export async function importNative<Module>(owner: string, name: string): Promise<Module> {
  try {
    return await import(
      /* @vite-ignore */ /* webpackIgnore: true */ /* turbopackIgnore: true */ name
    )
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw cause
    throw new MissingDependencyError(owner, name, { cause })
  }
}
