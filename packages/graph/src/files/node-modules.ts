import { GnnRecError } from '../errors.js'

/** Loads modules of Node when they are needed, so that a bundle for a page needs no stand-ins. */
export function nodeModules() {
  const load = globalThis.process?.getBuiltinModule
  if (!load) {
    throw new GnnRecError(
      'NO_FILE_SYSTEM',
      'There is no file system here. Files can be read and written in Node.js, not in a page.',
    )
  }
  return {
    fs: load('node:fs/promises'),
    constants: load('node:fs').constants,
    path: load('node:path'),
  }
}
