import type * as NodeFileSystem from 'node:fs/promises'
import type * as NodePath from 'node:path'
import { RegularFile } from '@gnnrec/graph/files'
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
 * Reads a file; returns undefined when there is none, or no regular one that could be read to its end, or one of
 * another size than wanted.
 *
 * @param isWanted - judges the size of the file in bytes, and may throw
 * @throws CheckpointError when it cannot be read
 */
export async function readIfPresent(
  file: string,
  isWanted: (size: number) => boolean,
): Promise<Uint8Array | undefined> {
  const opened = await orUndefined(file, () => RegularFile.open(file))
  if (!opened) return undefined
  try {
    if (!isWanted(opened.size)) return undefined
    return await orUndefined(file, () => opened.read(opened.size))
  } finally {
    await opened.close()
  }
}

async function orUndefined<Result>(
  file: string,
  look: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await look()
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'NOT_A_REGULAR_FILE') return undefined
    throw new CheckpointError(
      `Cannot read ${file}: ${message}. Allow access, or choose another checkpoint.`,
      { cause },
    )
  }
}
