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

/** Writes a file and waits until it is on the disk. */
export async function writeSynced({ fs }: NodeFiles, file: string, bytes: Uint8Array) {
  const handle = await fs.open(file, 'w')
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Waits until the names in a folder are on the disk. */
export async function syncFolder({ fs }: NodeFiles, folder: string): Promise<void> {
  // Windows cannot open a folder; its renames need no sync.
  if (globalThis.process.platform === 'win32') return
  const handle = await fs.open(folder, 'r')
  try {
    await handle.sync()
  } catch (cause) {
    // Some network file systems have no sync for folders.
    const { code } = cause as NodeJS.ErrnoException
    if (code !== 'EINVAL' && code !== 'ENOTSUP') throw cause
  } finally {
    await handle.close()
  }
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
