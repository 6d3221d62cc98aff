import type * as NodeFileSystem from 'node:fs/promises'
import type * as NodePath from 'node:path'
import { CheckpointError } from '../errors.js'

/** Modules of Node that checkpoints need. */
export interface NodeFiles {
  readonly fs: typeof NodeFileSystem
  readonly path: typeof NodePath
}

/** Loads modules of Node at run time, so that a bundle for the browser needs no stand-ins. */
export function nodeFiles(): NodeFiles {
  const load = globalThis.process?.getBuiltinModule
  if (load) return { fs: load('node:fs/promises'), path: load('node:path') }
  throw new CheckpointError(
    'There is no file system here, so training cannot have checkpoints; leave out checkpoint and resume.',
  )
}

/**
 * Reads a file; returns undefined when there is none.
 *
 * @throws CheckpointError when it cannot be read
 */
export function readIfPresent({ fs }: NodeFiles, file: string): Promise<Uint8Array | undefined> {
  return ifPresent(file, () => fs.readFile(file))
}

/**
 * Returns the size of a file in bytes; undefined when there is none, or no regular one that could be read to its end.
 *
 * @throws CheckpointError when the system does not tell
 */
export function sizeIfPresent({ fs }: NodeFiles, file: string): Promise<number | undefined> {
  return ifPresent(file, async () => {
    const found = await fs.stat(file)
    return found.isFile() ? found.size : undefined
  })
}

async function ifPresent<Result>(
  file: string,
  look: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await look()
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new CheckpointError(
      `Cannot read ${file}: ${message}. Allow access, or choose another checkpoint.`,
      { cause },
    )
  }
}
