import type * as NodeFileSystem from 'node:fs/promises'
import type * as NodePath from 'node:path'
import { CheckpointError } from '../errors.js'

/** What checkpoints need of Node. */
export interface NodeFiles {
  readonly fs: typeof NodeFileSystem
  readonly path: typeof NodePath
}

/** Reached at run time, not imported, so that a bundle for the browser needs no stand-ins. */
export function nodeFiles(): NodeFiles {
  const load = globalThis.process?.getBuiltinModule
  if (load) return { fs: load('node:fs/promises'), path: load('node:path') }
  throw new CheckpointError(
    'There is no file system here, so training cannot have checkpoints; leave out checkpoint and resume.',
  )
}

/** The bytes of a file, or undefined when there is none. */
export async function readIfPresent(
  { fs }: NodeFiles,
  file: string,
): Promise<Uint8Array | undefined> {
  try {
    return await fs.readFile(file)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw cause
  }
}
